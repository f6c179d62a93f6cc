"""Settings that every training has besides its configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Count, Threads, Whole


@dataclass(frozen=True)
class Common:
    """Settings of every training, with labels or without."""

    MAIN: ClassVar[tuple[str, ...]] = ("seed", "trunk", "threads", "wandb")

    seed: Whole = 1
    """Random seed of everything in the run; equal numbers also need equal --precision and --threads."""
    trunk: str = ""
    """Start from the trunk of this run or zoo network, with new heads; --net is then ignored."""
    keep_heads: bool = False
    """Also reuse that network's heads where the task needs the same ones."""
    freeze_trunk: bool = False
    """Freeze the given trunk and train the heads only."""
    device: str = "auto"
    """Device to compute on: auto, cpu or cuda."""
    threads: Threads = 0
    """Compute threads, 0 for all cores; repeating a run bit for bit needs the same number."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Arithmetic precision; auto measures at the start and uses bfloat16 where it is clearly faster."""
    layout: Literal["auto", "channels-last", "default"] = "auto"
    """Memory layout of pictures; auto measures at the start. Repeating a run needs the same precision and layout."""
    convolutions: Literal["auto", "direct", "winograd"] = "auto"
    """Convolution algorithm on a CPU; all compute the same function. auto times Winograd's algorithm for 3x3 ones and
    computes only what moves on a screen (docs/supervised.md); direct is PyTorch's."""
    wandb: Literal["auto", "online", "offline", "off"] = "auto"
    """Weights & Biases; auto is online when logged in, else offline inside the run folder."""
    wandb_artifacts: bool = False
    """Weights & Biases: upload the trained network and its card too, as an artifact of type model."""
    checkpoint_seconds: Amount = 120.0
    """Seconds between checkpoints."""
    learners: Count = 1
    """Labels and self-play: data-parallel learner processes on Ray, each with a part of every batch; 1 learns here."""
    learner_gpus: Whole = 0
    """Several learners: GPUs per learner, 0 or 1."""
    ray: str = "local"
    """Workers, learners: local starts Ray on this machine for this run; HOST:PORT joins a running cluster."""
    ray_no_token: bool = False
    """Workers, learners: join a cluster without a token; anyone who can reach such a cluster can run code on it."""


@dataclass(frozen=True)
class Distributed(Common):
    """Settings of trainings whose games can be played by Ray workers (docs/scaling.md)."""

    MAIN: ClassVar[tuple[str, ...]] = ("workers",)

    workers: Whole = 0
    """Ray workers that share the games among them while this process learns; 0 plays here, without Ray."""
    sync: bool = False
    """Workers: take turns with the learner, so that every game uses the newest weights; one worker then gives the same
    result as 0, bit for bit."""
    max_staleness: Whole = 2
    """Workers: the learner waits for games whose weights are this many versions old; 0 takes turns."""
    worker_cpus: Amount = 1.0
    """Workers: CPUs per worker, and its number of compute threads."""
    worker_gpus: Amount = 0.0
    """Workers: GPUs per worker, for example 0.25."""
    worker_patience: Amount = 60.0
    """Workers: seconds without an answer until a worker counts as lost and another one redoes its work."""
