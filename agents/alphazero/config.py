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
    """Self-play games in parallel, and so the batch size of network evaluations."""
    sizes: str = ""
    """Go: smaller boards that the same network learns too, for example 5,7; each gets an equal part of the games."""
    search: Literal["gumbel", "puct"] = "gumbel"
    """Search algorithm (docs/algorithms/search.md)."""
    simulations: Count = 16
    """Simulations of a full search, whose result is the policy target."""
    fast_simulations: Count = 8
    """Simulations of the other searches, which only choose a move (playout-cap randomisation, KataGo section 3.1)."""
    full_search_fraction: Fraction = 1.0
    """Fraction of moves with a full search; 1 searches every move fully."""
    max_considered_actions: Count = 16
    """Gumbel: most actions that a full search considers at the root."""
    c_visit: Amount = 50.0
    """Gumbel: sigma(q) = (c_visit + most visits) c_scale q."""
    c_scale: Amount = 0.5
    """Gumbel: see c_visit."""
    c_puct: Amount = 1.25
    """PUCT: weight of the prior."""
    noise: Fraction = 0.25
    """PUCT: fraction of Dirichlet noise in the root prior of a full search."""
    forced: Amount = 2.0
    """PUCT: forced playouts, pruned from the policy target (KataGo section 3.2); 0 forces none."""
    proofs: bool = False
    """Back up proven wins, draws and losses exactly; a search ends once its root is proven."""
    temperature_moves: Whole = 12
    """PUCT: number of first moves of a game sampled in proportion to visits; after them the most visited is played."""
    opening_moves: Amount = 1.5
    """Mean number of first moves sampled from the raw policy, without search, so that games differ."""
    komi_spread: Amount = 1.0
    """Go: standard deviation of the komi from game to game, in points; 0 gives every game the same komi."""
    resign: Annotated[float, Range(-2, 1)] = -2.0
    """A side resigns when its value is below this; -2 plays every game to the end."""
    resign_played_on: Fraction = 0.2
    """Fraction of games without resignation, which show how often resigning would have been wrong."""
    stop_decided: bool = True
    """Go: end a game when unconditionally alive stones have settled who wins."""
    moves_per_iteration: Count = 2048
    """Self-play moves per iteration; learning follows."""
    window: Count = 20_000
    """Initial size of the replay window, in fully searched positions; it grows with the number played."""
    window_growth: Fraction = 0.65
    """Exponent of that growth (KataGo appendix C: 0.75); 0 keeps the window's size, 1 lets it grow in proportion."""
    reuse: Amount = 6.0
    """Average number of times each fully searched position is used in training."""
    batch: Count = 256
    """Positions per gradient step."""
    lr: Amount = 0.03
    """Peak learning rate of SGD with momentum 0.9."""
    lr_warmup: Whole = 200
    """Gradient steps over which it rises from zero."""
    weight_decay: Amount = 1e-4
    """Weight decay; biases and norms are exempt."""
    ema: Fraction = 0.998
    """Decay per gradient step of the exponential moving average (EMA) of the weights, which plays; 0 for none."""
    outcome_weight: Amount = 1.0
    """Weight of the outcome loss: win, draw or loss."""
    ownership_weight: Amount = 0.3
    """Go: weight of the ownership loss: who owns each point at the end; 0 removes the head."""
    score_weight: Amount = 0.02
    """Go: weight of the loss of the final score, in points; 0 removes the head."""
    reply_weight: Amount = 0.15
    """Weight of the loss of the opponent's next move; 0 removes the head."""
    rate_every: Count = 25
    """Iterations between matches that rate the network against the best one so far; the last one is rated too."""
    rate_games: Count = 40
    """Games in such a match."""
    rate_simulations: Count = 32
    """Simulations per move in such a match."""
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
