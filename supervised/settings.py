"""Settings of learning from labels besides its configuration. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tengen.config import Whole
from tengen.settings import Common


@dataclass(frozen=True)
class LabelSettings(Common):
    """Settings of a training with labels."""

    data: str = ""
    """Folder or archive with the data set's files; empty looks in the cache, then downloads."""
    MAIN: ClassVar[tuple[str, ...]] = ("data", "records")
    RENAMED: ClassVar[dict[str, str]] = {"games": "records"}

    records: str = ""
    """Go: SGF files, a folder or an archive of them."""
    features: Literal["compact", "zero", "alphago"] = "compact"
    """Go: input planes of the network (docs/go.md)."""
    test_every: Whole = 0
    """Examples between two tests; 0 tests after each epoch."""
    test_examples: Whole = 0
    """Held-out examples per test, always the same ones; 0 takes all."""
    card_examples: Whole = 0
    """Held-out examples for the final score card; 0 takes all."""
