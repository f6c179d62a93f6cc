"""AlphaZero's settings, and the presets of its games. No torch in here: `--help` reads it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from tengen.config import Amount, Count, Fraction, Range, Whole


@dataclass(frozen=True)
class Config:
    net: str = "tower48x6"
    """Trunk of the network: towerCxB has B blocks of C channels."""
    boards: Count = 64
    """Games of self-play side by side: the batch of the network."""
    sizes: str = ""
    """Go: further board sizes that the same network learns, for example 5,7; boards are shared out equally."""
    search: Literal["gumbel", "puct"] = "gumbel"
    """How the root and the tree are searched (docs/alphazero.md)."""
    simulations: Count = 16
    """Simulations of a full search; its result is what the policy learns."""
    fast_simulations: Count = 8
    """Simulations of the other searches, which only play (playout-cap randomisation, KataGo section 3.1)."""
    full_share: Fraction = 1.0
    """Fraction of moves with a full search; 1 searches every move fully."""
    considered: Count = 16
    """Gumbel: actions of the root that a full search looks at."""
    c_visit: Amount = 50.0
    """Gumbel: sigma(q) = (c_visit + most visits) c_scale q."""
    c_scale: Amount = 0.5
    """Gumbel: see c_visit."""
    c_puct: Amount = 1.25
    """PUCT: weight of the prior."""
    noise: Fraction = 0.25
    """PUCT: share of Dirichlet noise in the root's prior of a full search."""
    forced: Amount = 2.0
    """PUCT: forced playouts, taken off the target again (KataGo section 3.2); 0 forces none."""
    proofs: bool = False
    """What an end of the game settles above it counts exactly; a root that is settled ends its search."""
    temperature_moves: Whole = 12
    """PUCT: moves that are drawn by visits; later the most visited is played."""
    opening_moves: Amount = 1.5
    """Mean number of first moves that are drawn from the bare policy, so that games differ."""
    komi_spread: Amount = 1.0
    """Go: deviation of the komi from game to game, in points; 0 plays all with the same."""
    resign: Annotated[float, Range(-2, 1)] = -2.0
    """A side gives up when its value is below this; -2 plays every game to the end."""
    resign_played_on: Fraction = 0.2
    """Fraction of games in which nobody may give up: they say how often it would have been wrong."""
    stop_decided: bool = True
    """Go: end a game when unconditionally alive stones have settled who wins."""
    positions_per_turn: Count = 2048
    """Moves of self-play between two turns of learning."""
    window: Count = 20_000
    """Fully searched positions that are learned from at first; grows with what has been played."""
    window_growth: Fraction = 0.65
    """Exponent of that growth (KataGo appendix C: 0.75); 0 keeps the window, 1 keeps everything."""
    reuse: Amount = 6.0
    """How often a fully searched position is learned from, on average."""
    batch: Count = 256
    """Positions a gradient step."""
    lr: Amount = 0.03
    """Learning rate of SGD with momentum 0.9, at its highest."""
    lr_warmup: Whole = 200
    """Gradient steps over which it rises from zero."""
    weight_decay: Amount = 1e-4
    """Pulls weights (not biases and norms) towards zero."""
    ema: Fraction = 0.998
    """Decay a step of the averaged weights, which play; 0 plays with the newest."""
    outcome_weight: Amount = 1.0
    """Weight of the loss of win, draw and loss."""
    ownership_weight: Amount = 0.3
    """Go: weight of the loss of who owns each point at the end; 0 leaves the head out."""
    score_weight: Amount = 0.02
    """Go: weight of the loss of the final score, in points; 0 leaves the head out."""
    reply_weight: Amount = 0.15
    """Weight of the loss of the opponent's next move; 0 leaves the head out."""
    rate_every: Count = 25
    """Turns between two matches that rate the network against the best one so far; the last one is rated too."""
    rate_games: Count = 40
    """Games of such a match."""
    rate_simulations: Count = 32
    """Simulations a move in such a match."""
    remembered: Whole = 20_000
    """Answers of the network that self-play remembers, by position, until the network changes; 0 asks every time."""
    symmetry: bool = True
    """Learn from and evaluate positions turned by random symmetries."""


PRESETS = {
    "tictactoe": Config(
        net="tower16x2",
        boards=64,
        simulations=24,
        considered=9,
        opening_moves=1.5,
        positions_per_turn=1024,
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
        net="tower32x4", simulations=48, considered=7, full_share=0.5, window=30_000, c_scale=0.5, proofs=True
    ),
    "go": Config(),
    "go5": Config(net="tower32x4", komi_spread=4.0, simulations=32, full_share=0.35, positions_per_turn=1024),
    "go7": Config(net="tower32x5", komi_spread=3.0),
    "go9": Config(),
}
