"""What every training is told besides its configuration, and what learning from labels is told. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Amount, Whole


@dataclass(frozen=True)
class Common:
    """What every training has, with labels or without."""

    MAIN: ClassVar[tuple[str, ...]] = ("seed", "trunk", "threads", "wandb")

    seed: Whole = 1
    """Everything random in the run follows from it."""
    trunk: str = ""
    """Start from the trunk of this run or zoo network, with new heads; --net is not used then."""
    keep_heads: bool = False
    """Take the heads of that network too, where the task needs the same: go on from all it knows."""
    freeze_trunk: bool = False
    """Leave the given trunk as it is and learn the heads only."""
    device: str = "auto"
    """auto, cpu or cuda."""
    threads: Whole = 0
    """Threads for the arithmetic, 0 for all cores; the same number is needed for bit-exact repetition."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto measures at the start and takes bfloat16 where it is clearly faster."""
    layout: Literal["auto", "channels-last", "default"] = "auto"
    """Of pictures in memory; auto measures at the start. The same seed needs the same precision and layout."""
    convolutions: Literal["auto", "direct", "winograd"] = "auto"
    """How convolutions are computed on a CPU, same function each way: auto measures Winograd's algorithm for 3x3 ones
    and works on what moves in screens (docs/supervised.md); direct is PyTorch's."""
    wandb: Literal["auto", "online", "offline", "off"] = "auto"
    """Weights & Biases; auto is online when logged in, else offline inside the run folder."""
    checkpoint_seconds: Amount = 120.0
    """Seconds between checkpoints."""


@dataclass(frozen=True)
class LabelSettings(Common):
    """What training with labels has besides its configuration."""

    data: str = ""
    """Folder or archive with the data set's files; empty looks in the cache, then downloads."""
    MAIN: ClassVar[tuple[str, ...]] = ("data", "records")
    RENAMED: ClassVar[dict[str, str]] = {"games": "records"}

    records: str = ""
    """Go: SGF files, a folder or an archive of them."""
    features: Literal["compact", "zero", "alphago"] = "compact"
    """Go: which planes the network sees (docs/go.md)."""
    test_every: Whole = 0
    """Examples between two tests; 0 tests after each epoch."""
    test_examples: Whole = 0
    """Examples of the held-out set that a test takes, always the same; 0 takes all."""
    card_examples: Whole = 0
    """The same for the score card at the end."""
