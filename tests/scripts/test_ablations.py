"""The ablation command: trainings of equal time, kept and reused, and their matches."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from scripts.bench import ablations
from tests.long import takes_long


@takes_long
def test_variants_train_for_the_same_time_and_meet_the_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--task", "go3", "--minutes", "0.02", "--seeds", "1", "--games", "4", "--simulations", "4", "--variants"]
    variant = "newest weights play, not averaged ones"
    monkeypatch.setattr(sys, "argv", ["ablations", *options, variant, "--out", str(tmp_path)])
    ablations.main()
    (row,) = json.loads((tmp_path / "ablations.json").read_text())["rows"]
    assert row["variant"] == variant and row["games"] == 4 and 0 <= row["ci95"][0] <= row["rate"] <= row["ci95"][1]
    assert row["moves"][0] > 0 and "against the baseline" in capsys.readouterr().out
    folder = tmp_path / f"{list(ablations.VARIANTS).index(variant)}-s1"
    kept = ablations.train("go3", "--ema 0", 0.02, 1, folder)
    assert list(folder.iterdir()) == [kept], "a training that is there is not repeated"


def test_an_unknown_variant_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["ablations", "--variants", "nonsense"])
    with pytest.raises(SystemExit) as stop:
        ablations.main()
    assert stop.value.code == 2 and "no variant named 'nonsense'" in capsys.readouterr().err
