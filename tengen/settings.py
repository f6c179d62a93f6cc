"""What every training is told besides its configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Count, Threads, Whole


@dataclass(frozen=True)
class Common:
    """What every training has, with labels or without."""

    MAIN: ClassVar[tuple[str, ...]] = ("seed", "trunk", "threads", "wandb")

    seed: Whole = 1
    """Random seed, from which everything random in the run follows."""
    trunk: str = ""
    """Start from the trunk of this run or zoo network, with new heads; --net is not used then."""
    keep_heads: bool = False
    """Also take over the heads of that network where the task needs the same ones."""
    freeze_trunk: bool = False
    """Leave the given trunk as it is and learn the heads only."""
    device: str = "auto"
    """Device to compute on: auto, cpu or cuda."""
    threads: Threads = 0
    """Threads for the arithmetic, 0 for all cores; the same number is needed for bit-exact repetition."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Arithmetic precision; auto measures at the start and uses bfloat16 where it is clearly faster."""
    layout: Literal["auto", "channels-last", "default"] = "auto"
    """Memory layout of pictures; auto measures at the start. Repeating a run needs the same precision and layout."""
    convolutions: Literal["auto", "direct", "winograd"] = "auto"
    """How convolutions are computed on a CPU, same function each way: auto measures Winograd's algorithm for 3x3 ones
    and works on what moves in screens (docs/supervised.md); direct is PyTorch's."""
    wandb: Literal["auto", "online", "offline", "off"] = "auto"
    """Weights & Biases; auto is online when logged in, else offline inside the run folder."""
    wandb_artifacts: bool = False
    """Weights & Biases: keep the trained network and its card there too, as an artifact of type model."""
    checkpoint_seconds: Amount = 120.0
    """Seconds between checkpoints."""
    learners: Count = 1
    """Labels and self-play: processes that learn together on Ray, each from its part of every batch; 1 learns here."""
    learner_gpus: Whole = 0
    """Several learners: GPUs that each takes up, 0 or 1."""
    ray: str = "local"
    """Workers, learners: local starts Ray on this machine for this run; HOST:PORT joins a cluster that is running."""
    ray_no_token: bool = False
    """Workers, learners: join a cluster that asks for no token: whoever reaches it can run code on it."""


@dataclass(frozen=True)
class Distributed(Common):
    """What trainings have whose games can be played by workers on Ray (docs/scaling.md)."""

    MAIN: ClassVar[tuple[str, ...]] = ("workers",)

    workers: Whole = 0
    """Ray workers that play while this process learns, each a part of the games; 0 plays here, without Ray."""
    sync: bool = False
    """Workers: take turns with the learner, so that all games are of the newest weights; one worker then repeats
    bit for bit what 0 does."""
    max_staleness: Whole = 2
    """Workers: the learner waits for games whose weights are this many versions old; 0 takes turns."""
    worker_cpus: Amount = 1.0
    """Workers: CPUs that each takes up; the arithmetic of a worker has as many threads."""
    worker_gpus: Amount = 0.0
    """Workers: GPUs that each takes up, for example 0.25."""
    worker_patience: Amount = 60.0
    """Workers: seconds without an answer after which a worker counts as lost and another one makes its work again."""
