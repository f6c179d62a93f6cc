"""RLlib's DQN (Mnih et al. 2015, Nature 518) with double, dueling, n-step and prioritised: its settings here."""

from dataclasses import dataclass
from typing import ClassVar

from agents.engines.config import Common
from tengen.config import Amount, Count, Fraction, Whole


@dataclass(frozen=True)
class Config(Common):
    MAIN: ClassVar[tuple[str, ...]] = ("replay", "n_step", "double")
    ALGORITHM: ClassVar[str] = "dqn"

    anneal: bool = False
    """Lower the learning rate linearly to zero."""
    max_grad_norm: Amount = 10.0
    """Gradients are scaled down to this norm."""
    replay: Count = 100_000
    """Capacity in environment steps; RLlib keeps whole stacks of frames (28 kB per step of Atari)."""
    learning_starts: Whole = 20_000
    """Environment steps before the first gradient step."""
    train_every: Count = 4
    """Environment steps per gradient step."""
    target_every: Count = 2_500
    """Gradient steps between copies of the network into the target network."""
    minibatch: Count = 32
    """Samples per gradient step."""
    n_step: Count = 1
    """Number of rewards summed before bootstrapping from the target network (Sutton 1988)."""
    double: bool = False
    """The online network selects the action, the target network evaluates it (van Hasselt 2015)."""
    dueling: bool = False
    """Separate value and advantage streams instead of plain action values (Wang 2016)."""
    prioritised: bool = False
    """Sample steps in proportion to their last error (Schaul 2016)."""
    priority_exponent: Fraction = 0.5
    """Alpha of prioritised replay: 0 is uniform."""
    priority_correction: Fraction = 0.4
    """Beta of its importance weights."""
    epsilon_end: Fraction = 0.1
    """Final fraction of random actions; it starts at 1."""
    epsilon_steps: Whole = 250_000
    """Environment steps over which the fraction of random actions falls linearly."""
    tick_steps: Count = 2_000
    """Environment steps between two rows of metrics, at least."""

    def heads(self, num_actions: int) -> dict[str, int]:
        return {"dueling" if self.dueling else "q": num_actions}


PRESETS = {
    "atari": Config(lr=6.25e-5),
    "pong": Config(
        learning_starts=5_000,
        target_every=500,
        lr=2.5e-4,
        n_step=3,
        double=True,
        epsilon_end=0.01,
        epsilon_steps=50_000,
        point_ends=True,
        subtract_mean=True,
        net="small",
    ),
    "classic": Config(
        replay=50_000,
        learning_starts=1_000,
        target_every=100,
        minibatch=64,
        lr=1e-3,
        n_step=3,
        double=True,
        epsilon_end=0.02,
        epsilon_steps=10_000,
        tick_steps=1_000,
        clip_reward=False,
        net="mlp",
    ),
}
