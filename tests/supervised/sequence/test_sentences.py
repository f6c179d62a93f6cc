"""The sentence CNN: max over time by hand, padding, folds, hostile folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pytest
import torch

from scripts.cli import main
from supervised.data import sentences as data
from supervised.nets.headed import build
from supervised.nets.sentence import SentenceCNN
from supervised.sequence.sentences import show
from supervised.sequence.sentences.config import SENTENCE_CNN
from supervised.sequence.sentences.study import FoldStudy
from supervised.systems.settings import SystemSettings
from supervised.systems.study import SampleOptions, Setup
from tengen.checkpoint import differences, read_newest
from tengen.device import Compute
from tengen.errors import UserError
from tengen.run import Run
from tengen.seeding import Seeds

SMALL = replace(SENTENCE_CNN, folds=3, width=12, filters=12, batch=20, lr=1e-2, dropout=0.1)


def study(monkeypatch: pytest.MonkeyPatch, steps: int = 30, **changes: Any) -> FoldStudy:
    texts, labels, classes, origin = data.made()
    monkeypatch.setattr(data, "read", lambda where, say: data.number(texts[:240], labels[:240], classes, origin))
    settings = SystemSettings(steps=steps)
    return FoldStudy(Setup("sentences", settings, replace(SMALL, **changes), Seeds(1), Compute(channels_last=False)))


def test_maximum_over_time_by_hand() -> None:
    """One-dimensional vectors: words 1, 2, 3 are 1, -2, 4; a filter of width three has weights 1, 2, -1, bias 0.5."""
    net = SentenceCNN([5], words=4, width=1, filters=1, sizes=(3,)).eval()
    with torch.no_grad():
        net.vectors.weight.copy_(torch.tensor([[0.0], [1], [-2], [4]]))
        net.convolutions[0].weight.copy_(torch.tensor([[[1.0, 2, -1]]]))
        net.convolutions[0].bias.fill_(0.5)
    # windows of . . 1 2 3 . . .: -1, 2 + 2, 1 - 4 - 4, -2 + 8, 4, 0; the fourth is the largest
    assert net(torch.tensor([[1, 2, 3]])).item() == 6.5
    assert net(torch.tensor([[2]])).item() == 2.5  # . . -2: 2; . -2 .: -4; -2 . .: -2
    assert net(torch.tensor([[0, 0]])).item() == 0.5


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    net = build({"trunk": {"kind": "sentence-cnn", "input_shape": [9], "words": 9}, "heads": {"classes": 2}}).eval()
    words = torch.tensor([[3, 5, 8, 0]])
    expected = net(words[:, :3])["classes"]
    for longer in (words, torch.cat([words, torch.zeros(1, 20, dtype=torch.long)], 1)):
        torch.testing.assert_close(net(longer)["classes"], expected)


def test_each_fold_holds_other_sentences_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = study(monkeypatch, 210)
    held, rows = [], []
    for tick in made.ticks():
        rows.append(tick.metrics)
        if not held or not np.array_equal(held[-1], made.training.test):
            held.append(made.training.test)
            assert not set(made.training.test) & set(made.training.train)
    assert len(held) == 3 and sorted(np.concatenate(held)) == list(range(240))
    assert len(made.folds.right) == 3 and made.measure().value == pytest.approx(sum(made.folds.right) / 240)
    assert rows[-1]["test/mean_accuracy"] == made.measure().value > 0.9
    norms = made.training.net.heads["classes"].out.weight.norm(dim=1)
    assert (norms <= 3.0001).all()


def test_the_trained_one_is_rebuilt_and_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = study(monkeypatch, 120, folds=1)
    list(made.ticks())
    tree = made.state()
    known = show.model(tree["network"], tree["weights"])
    said: list[str] = []
    text = show.sample(
        known,
        SampleOptions(prompt="xyzzy and the story were really great .\nthe film and the story were really boring ."),
        said.append,
    ).text
    assert text.startswith("pos") and "\nneg" in text and "great" in text and "xyzzy" in said[0]
    with pytest.raises(UserError, match="which sentence"):
        show.sample(known, SampleOptions(prompt=" \n "), print)
    trunk = build(tree["trunk"]["network"])
    trunk.load_state_dict(tree["trunk"]["weights"])
    words = torch.from_numpy(made.sentences.numbers[0])[None]
    torch.testing.assert_close(trunk.eval().trunk(words), made.training.net.eval().trunk(words))
    assert [path.name for path in made.pictures(tmp_path)] == ["words.png"]


def test_a_trunk_learned_here_goes_under_new_heads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, things in (("one", "film plot"), ("two", "film song")):
        (tmp_path / folder).mkdir()
        for mood, word in (("pos", "warm"), ("neg", "cold")):
            lines = [f"a {word} {thing} {i % 7}" for i in range(20) for thing in things.split()]
            (tmp_path / folder / f"x.{mood}").write_text("\n".join(lines))
    common = ["--runs", str(tmp_path / "runs"), "--wandb", "off", "--threads", "1"]
    common += ["--folds", "2", "--batch", "10", "--checkpoint-seconds", "0"]
    tiny = ["--width", "6", "--filters", "4", "--steps", "20"]
    assert main(["train", "sentences", "--data", str(tmp_path / "one"), *tiny, *common]) == 0
    first = next((tmp_path / "runs").glob("sentences-*"))
    again = ["train", "sentences", "--data", str(tmp_path / "two"), "--trunk", str(first), "--freeze-trunk"]
    assert main([*again, "--steps", "80", *common]) == 0
    assert "12 words, frozen; 1 are new" in capsys.readouterr().out
    second = next(path for path in (tmp_path / "runs").glob("sentences-*") if path != first)
    old, new = (read_newest(Run.open(path).checkpoint_folder)[1] for path in (first, second))
    count = len(old["network"]["words"])
    assert new["network"]["words"] == [*old["network"]["words"], "song"] and new["network"]["trunk"]["width"] == 6
    vectors = "trunk.vectors.weight"
    assert new["weights"][vectors][:count].equal(old["weights"][vectors]) and len(new["weights"][vectors]) == count + 1
    rmtree(first)  # a run resumes without the run it started from
    assert main(["resume", "--verify", str(second), *common[:2]]) == 0
    assert main(["sample", str(second), "--prompt", "a warm song", *common[:2]]) == 0
    assert "may have seen these sentences" in next((second / "eval").glob("*.json")).read_text()
    assert main(["train", "sentences", "--trunk", "digits-vae", *common]) == 2
    assert "digits-vae was not trained on sentences" in capsys.readouterr().err


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        data.read(str(tmp_path / "none"), print)
    with pytest.raises(UserError, match="at least two"):
        data.read(str(tmp_path), print)
    (tmp_path / "x.pos").write_bytes(b"good \xff film\n\n\x00\n" * 12)
    (tmp_path / "SOURCE.txt").write_text("not a class")
    (tmp_path / "x.neg").write_text("bad\n" * 9)
    with pytest.raises(UserError, match="has 9 sentences"):
        data.read(str(tmp_path), print)
    (tmp_path / "x.neg").write_text("bad\n" * 12)
    found = data.read(str(tmp_path), print)
    assert found.classes == ["neg", "pos"] and len(found.texts) == 36 and "film" in found.words


def test_a_run_that_begins_anew_has_its_trunk_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    donor, run = study(monkeypatch), Run.create(tmp_path, "donor", {}, {"argv": []})
    run.save(1, donor.state())
    setup = Setup("sentences", SystemSettings(steps=30, trunk="donor"), SMALL, Seeds(1), None, runs=tmp_path)
    begun = FoldStudy(setup)
    anew = FoldStudy(replace(setup, compute=begun.compute, anew=begun.began_from))
    assert differences(begun.state(), anew.state()) == [] and begun.began_from == anew.began_from
    with pytest.raises(UserError, match="donor has changed since"):
        FoldStudy(replace(setup, compute=begun.compute, anew={"fingerprint": "another"}))
