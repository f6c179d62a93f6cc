"""AlphaZero's settings, and the presets of its games. No torch in here: `--help` reads it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from tengen.config import Amount, Count, Fraction, Range, Whole


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("net", "search", "simulations", "boards", "reuse", "lr")
    RENAMED: ClassVar[dict[str, str]] = {
        "full_share": "full_search_fraction",
        "considered": "max_considered_actions",
        "positions_per_turn": "moves_per_iteration",
        "remembered": "evaluation_cache",
    }

    net: str = "tower48x6"
    """Trunk of the network: towerCxB has B blocks of C channels."""
    boards: Count = 64
    """Self-play games in parallel, which is the batch size of the network."""
    sizes: str = ""
    """Go: smaller boards that the same network learns too, for example 5,7; each gets an equal part of the games."""
    search: Literal["gumbel", "puct"] = "gumbel"
    """How the root and the tree are searched (docs/algorithms/search.md)."""
    simulations: Count = 16
    """Simulations of a full search; its result is what the policy learns."""
    fast_simulations: Count = 8
    """Simulations of the other searches, which only play (playout-cap randomisation, KataGo section 3.1)."""
    full_search_fraction: Fraction = 1.0
    """Fraction of moves with a full search; 1 searches every move fully."""
    max_considered_actions: Count = 16
    """Gumbel: actions at the root that a full search considers at most."""
    c_visit: Amount = 50.0
    """Gumbel: sigma(q) = (c_visit + most visits) c_scale q."""
    c_scale: Amount = 0.5
    """Gumbel: see c_visit."""
    c_puct: Amount = 1.25
    """PUCT: weight of the prior."""
    noise: Fraction = 0.25
    """PUCT: fraction of Dirichlet noise in the root's prior of a full search."""
    forced: Amount = 2.0
    """PUCT: forced playouts, pruned from the policy target (KataGo section 3.2); 0 forces none."""
    proofs: bool = False
    """Back up proven wins, draws and losses exactly; a search ends once its root is proven."""
    temperature_moves: Whole = 12
    """PUCT: first moves of a game that are drawn in proportion to visits; later the most visited is played."""
    opening_moves: Amount = 1.5
    """Mean number of first moves that are drawn from the network's policy without search, so that games differ."""
    komi_spread: Amount = 1.0
    """Go: standard deviation of the komi from game to game, in points; 0 plays all games with the same."""
    resign: Annotated[float, Range(-2, 1)] = -2.0
    """A side resigns when its value is below this; -2 plays every game to the end."""
    resign_played_on: Fraction = 0.2
    """Fraction of games in which nobody may resign: they show how often resigning would have been wrong."""
    stop_decided: bool = True
    """Go: end a game when unconditionally alive stones have settled who wins."""
    moves_per_iteration: Count = 2048
    """Moves of self-play in an iteration; learning follows."""
    window: Count = 20_000
    """Fully searched positions in the replay window at first; it grows with the number played."""
    window_growth: Fraction = 0.65
    """Exponent of that growth (KataGo appendix C: 0.75); 0 keeps the window's size, 1 lets it grow in proportion."""
    reuse: Amount = 6.0
    """How often a fully searched position is learned from, on average."""
    batch: Count = 256
    """Positions per gradient step."""
    lr: Amount = 0.03
    """Learning rate of SGD with momentum 0.9, at its highest."""
    lr_warmup: Whole = 200
    """Gradient steps over which it rises from zero."""
    weight_decay: Amount = 1e-4
    """Weight decay, not of biases and norms."""
    ema: Fraction = 0.998
    """Decay per gradient step of the exponential moving average (EMA) of the weights, which plays; 0 for none."""
    outcome_weight: Amount = 1.0
    """Weight of the loss of the outcome: win, draw or loss."""
    ownership_weight: Amount = 0.3
    """Go: weight of the ownership loss: who owns each point at the end; 0 for no such head."""
    score_weight: Amount = 0.02
    """Go: weight of the loss of the final score, in points; 0 for no such head."""
    reply_weight: Amount = 0.15
    """Weight of the loss of the opponent's next move; 0 for no such head."""
    rate_every: Count = 25
    """Iterations between two matches that rate the network against the best one so far; the last one is rated too."""
    rate_games: Count = 40
    """Games of such a match."""
    rate_simulations: Count = 32
    """Simulations a move in such a match."""
    evaluation_cache: Whole = 20_000
    """Evaluations that self-play caches by position until the network changes; 0 for no cache."""
    symmetry: bool = True
    """Learn from and evaluate positions under random symmetries of the board."""


PRESETS = {
    "tictactoe": Config(
        net="tower16x2",
        boards=64,
        simulations=24,
        max_considered_actions=9,
        opening_moves=1.5,
        moves_per_iteration=1024,
        window=4_000,
        batch=128,
        lr=0.02,
        lr_warmup=1000,
        ema=0.98,
        proofs=True,
        reply_weight=0.0,
        rate_every=10,
    ),
    "connect4": Config(
        net="tower32x4",
        simulations=48,
        max_considered_actions=7,
        full_search_fraction=0.5,
        window=30_000,
        c_scale=0.5,
        proofs=True,
    ),
    "go": Config(),
    "go5": Config(
        net="tower32x4", komi_spread=4.0, simulations=32, full_search_fraction=0.35, moves_per_iteration=1024
    ),
    "go7": Config(net="tower32x5", komi_spread=3.0),
    "go9": Config(),
}
