"""DQN's settings. Preset `atari` as in Mnih 2015 (Extended Data Table 1); the deviations are in train.py."""

from dataclasses import dataclass
from typing import ClassVar

from tengen.config import Amount, Count, Fraction, Whole


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("num_envs", "replay", "lr", "gamma", "n_step", "double", "net")
    RENAMED: ClassVar[dict[str, str]] = {"games": "num_envs", "centre": "subtract_mean"}

    num_envs: Count = 8
    """Parallel environments."""
    replay: Count = 1_000_000
    """Capacity of the replay memory, in environment steps."""
    learning_starts: Whole = 50_000
    """Environment steps of random play before the first gradient step."""
    train_every: Count = 4
    """Environment steps per gradient step."""
    target_every: Count = 2_500
    """Gradient steps between copies of the network into the target network."""
    minibatch: Count = 32
    """Samples per gradient step."""
    lr: Amount = 6.25e-5
    """Adam's learning rate."""
    gamma: Fraction = 0.99
    """Discount per step."""
    n_step: Count = 1
    """Rewards summed before bootstrapping from the target network (Sutton 1988)."""
    double: bool = False
    """Double Q-learning: the online network picks the action, the target network values it (van Hasselt 2015)."""
    dueling: bool = False
    """Dueling network: a value and an advantage stream instead of plain action values (Wang 2016)."""
    prioritised: bool = False
    """Prioritised replay: sample in proportion to the last error (Schaul 2016)."""
    priority_exponent: Fraction = 0.5
    """Alpha of prioritised replay: 0 is uniform."""
    priority_correction: Fraction = 0.4
    """Beta of its importance weights at the start; rises to 1 over the run."""
    epsilon_end: Fraction = 0.1
    """Final probability of a random action; it starts at 1."""
    epsilon_steps: Whole = 250_000
    """Environment steps over which epsilon falls linearly."""
    epsilon_spread: Amount = 7.0
    """With workers: worker i of N explores with epsilon^(1 + this i / (N - 1)) (Horgan 2018); 0: all alike."""
    max_grad_norm: Amount = 10.0
    """Gradients are scaled down to this norm."""
    tick_steps: Count = 2_000
    """Environment steps between two rows of metrics."""
    clip_reward: bool = True
    """Learn from rewards clipped to [-1, 1]; the score stays raw."""
    point_ends: bool = False
    """A nonzero reward ends the return: right for games like Pong, where each point starts afresh."""
    subtract_mean: bool = False
    """Measure the mean screen before training, and subtract it inside the network."""
    net: str = "nature"
    """Trunk of the network: nature, small or impala for screens, mlp for anything else."""


PRESETS = {
    "atari": Config(),
    "pong": Config(
        replay=100_000,
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
        train_every=4,
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
