"""What the framework provides to every system: training, exact resume, card, figure, sample, adding to the zoo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.cli import main
from supervised.sequence import catalogue
from supervised.systems import curves
from supervised.systems.gradient import GradientStudy
from supervised.systems.settings import SystemSettings
from tengen.checkpoint import checkpoints, differences, read_checkpoint
from tengen.metrics import same_metrics
from tengen.run import Run
from tests.supervised.systems.line import SYSTEM


@pytest.fixture(autouse=True)
def line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "SYSTEMS", (*catalogue.SYSTEMS, SYSTEM))


def train(root: Path, *options: str) -> Run:
    assert main(["train", "line", "--runs", str(root), "--wandb", "off", "--threads", "1", *options]) == 0
    return Run.open(max(root.glob("line-*"), key=lambda path: path.stat().st_mtime))


def test_a_run_has_card_curve_and_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = train(tmp_path)
    shown = capsys.readouterr().out
    assert "squared error on 16 points after 60 gradient steps" in shown
    assert f"tengen sample {run.path}" in shown and (run.path / "curve.png").stat().st_size > 1000
    card = json.loads(next((run.path / "eval").glob("*.json")).read_text())
    assert card["value"] < 0.1 and card["steps"] == 60 and card["ci95"] is None
    assert [row["step"] for row in run.rows() if "test/score" in row][-1] == 60
    assert main(["sample", str(run.path), "--prompt", "3", "--runs", str(tmp_path)]) == 0
    assert abs(float(capsys.readouterr().out.splitlines()[0]) - 7) < 0.5
    assert (run.path / "sample-s1.png").exists()
    assert main(["sample", str(run.path), "--prompt", "4", "--runs", str(tmp_path)]) == 0
    assert f"wrote {run.path / 'sample-s1-2.png'}" in capsys.readouterr().out
    assert main(["eval", str(run.path), "--runs", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == card["value"]


def test_what_is_measured_at_the_end_is_said_and_ctrl_c_there_names_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(self: object) -> None:
        assert "measuring its score card: held-out error" in capsys.readouterr().out
        raise KeyboardInterrupt

    measure = GradientStudy.measure
    monkeypatch.setattr(GradientStudy, "measure", interrupted)
    assert main(["train", "line", "--runs", str(tmp_path), "--wandb", "off", "--threads", "1"]) == 130
    run = next(tmp_path.glob("line-*"))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and f"tengen eval {run}" in said[0] and f"tengen resume {run}" in said[0]
    monkeypatch.setattr(GradientStudy, "measure", measure)
    assert main(["resume", str(run)]) == 0
    assert any((run / "eval").iterdir()) and (run / "curve.png").exists()


def test_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    whole = train(tmp_path / "whole", "--test-every", "20")
    half = train(tmp_path / "half", "--test-every", "20", "--checkpoint-seconds", "0")
    saved = checkpoints(half.checkpoint_folder)
    assert len(saved) == 2 and main(["resume", "--verify", str(half.path)]) == 0
    assert (
        differences(read_checkpoint(saved[-1][1]), read_checkpoint(checkpoints(whole.checkpoint_folder)[-1][1])) == []
    )
    assert [same_metrics(row) for row in whole.rows()] == [same_metrics(row) for row in half.rows()]


def test_the_curve_shows_what_is_worth_it_beside_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(
        "tengen.figures.save", lambda figure, *_: drawn.extend(a.get_ylabel() for a in figure.axes[::2])
    )
    (tmp_path / "config.yaml").write_text(
        "kind: system\ntask: binary-mnist\nagent: rbm\nsettings: {seed: 1}\nconfig: {}\n"
    )
    row = {"seconds": 1.0, "wrong_bits": 0.1, "loss": 1.0, "test/nats": 90.0, "test/score": -90.0}
    lines = [json.dumps(row | {"step": step}) for step in (1, 2)]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    curves.draw([tmp_path], tmp_path / "curve.png")
    assert drawn == ["nats", "wrong bits"]


@pytest.mark.parametrize(
    ("total", "cost", "most", "every"),
    [(1000, 1, 20, 50), (150, 9, 20, 36), (10, 9, 20, 36), (4, 0, 20, 1), (8, 0, 4, 2)],
)
def test_testing_takes_a_fifth_of_the_time_at_most(total: int, cost: float, most: int, every: int) -> None:
    assert SystemSettings().test_interval(total, cost, most) == every
    assert SystemSettings(test_every=7).test_interval(total, cost, most) == 7


def test_a_short_training_is_tested_at_its_end(tmp_path: Path) -> None:
    assert [row["step"] for row in train(tmp_path, "--steps", "6").rows() if "test/score" in row] == [4, 6]


def test_no_steps_are_the_systems_own(tmp_path: Path) -> None:
    assert train(tmp_path, "--steps", "0").rows()[-1]["step"] == 60


def test_it_goes_into_the_zoo_and_is_measured_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = train(tmp_path)
    monkeypatch.setattr("tengen.zoo.ZOO", tmp_path / "zoo")
    assert main(["zoo", "--add", str(run.path), "--name", "a-line", "--runs", str(tmp_path)]) == 0
    assert "squared error" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path)
    assert main(["sample", "a-line", "--prompt", "1"]) == 0
    assert main(["eval", "a-line", "--json"]) == 0
    card = json.loads((tmp_path / "zoo" / "a-line" / "card.json").read_text())
    assert f'"value": {card["value"]}' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--net", "lin"], "no net named 'lin'; did you mean line?"),
        (["--trunk", "x"], "--trunk is for"),
        (["--learners", "2"], "learns in one process"),
        (["--freeze-trunk"], "--freeze-trunk is for"),
        (["--convolutions", "winograd"], "--convolutions is for"),
        (["--data", "README.md"], "--data names a file or folder of its own: line reads none"),
        (["--records", "games"], "tengen train words --net act2vec reads them"),
        (["--lr", "1e30"], "try a lower --lr"),
    ],
)
def test_mistakes_are_one_line(
    tmp_path: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "line", "--runs", str(tmp_path), "--wandb", "off", *options]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
