"""The command line as typed by a person: mistakes, help, and the whole life cycle of a small run."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tengen.run import Run
from tests.long import takes_long

ROOT = Path(__file__).resolve().parent.parent.parent


def tengen(*args: str, cwd: Path, timeout: float = 200) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-m", "scripts.cli", *args]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["trian", "pong"], "did you mean train"),
        (["train"], "which task"),
        (["train", "pogn"], "did you mean pong"),
        (["train", "pong", "--agent", "pop"], "did you mean ppo"),
        (["train", "pong", "--lerning-rate", "1"], "no option named '--lerning-rate'"),
        (["train", "pong", "--lr", "fast"], "'fast' is not a number"),
        (["train", "pong", "--games", "0"], "'0' is not a whole number, 1 or more"),
        (["train", "pong", "--gamma", "2"], "'2' is not a number from 0 to 1"),
        (["train", "connect4", "--resign", "-3"], "'-3' is not a number from -2 to 1"),
        (["train", "digits", "--batch", "0"], "'0' is not a whole number, 1 or more"),
        (["match", "random", "random", "--komi", "nan"], "'nan' is not a number that is finite"),
        (["match", "random", "random", "--board", "connect4", "--komi", "3"], "--rules and --komi are for Go"),
        (["rate", "random", "uct:5", "--board", "connect4", "--rules", "cgos"], "--rules and --komi are for Go"),
        (["match", "random", "random", "--timeout", "0"], "'0' is not a number, 0.001 or more"),
        (["train", "pong", "--wandb", "of"], "did you mean off"),
        (["train", "catch", "--net", "nature"], "use --net mlp"),
        (["train", "catch", "--device", "tpu"], "use auto, cpu, cuda or cuda:1"),
        (["resume", "nothing"], "no run named 'nothing'"),
        (["eval", "pong", "--protocol", "stiky"], "did you mean sticky"),
        (["eval", "pong", "--episodes", "0"], "not a whole number, 1 or more"),
        (["eval", "pong", "--temperature", "-1"], "not a number, 0 or more"),
        (["eval", "pong", "--temperature", "hot"], "not a number, 0 or more"),
        (["eval", "pogn"], "no run or trained network named"),
        (["eval", "last"], "no runs in runs; start one with: tengen train pong"),
        (["resume", "last"], "no runs in runs; start one with: tengen train pong"),
        (["plot", "nowhere"], "no run named"),
        (["bench", "atary"], "did you mean atari"),
        (["train", "Pendulum-v1", "--wandb", "off"], "need actions that are Discrete"),
        (["train", "go5", "--komi", "much"], "--komi much: give points, at most 25, or fair"),
        (["train", "go5", "--komi", "nan"], "--komi nan: give points, at most 25, or fair"),
    ],
)
def test_a_mistake_is_one_clear_line(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scripts.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(args) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_help_is_quick_and_imports_no_torch(tmp_path: Path) -> None:
    code = "import sys; from scripts.cli import main; main(['--help']); sys.exit('torch' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    times: list[float] = []
    while len(times) < 3 or (min(times) >= 0.5 and len(times) < 12):  # other work on the machine may interfere
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.5


def test_help_of_train_lists_the_preset_without_torch() -> None:
    code = "import sys; from scripts.cli import main\ntry: main(['train', 'pong', '--agent', 'dqn', '--help-all'])\n"
    code += "except SystemExit: sys.exit('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--target-every" in done.stdout and "Gradient steps between copies" in done.stdout


def test_help_of_train_shows_what_matters_first(capsys: pytest.CaptureFixture[str]) -> None:
    from scripts.cli import main

    for task in ("pong", "digits", "go9"):
        with pytest.raises(SystemExit):
            main(["train", task, "--help"])
        short = capsys.readouterr().out
        with pytest.raises(SystemExit):
            main(["train", task, "--help-all"])
        whole = capsys.readouterr().out
        options = [text.count("\n  --") for text in (short, whole)]
        assert options[0] <= 16 and options[1] >= 30, options
        assert "--seed" in short and "--checkpoint-seconds" not in short and "--checkpoint-seconds" in whole
        assert "more options: --help-all" in short


def test_one_life_of_a_run(tmp_path: Path) -> None:
    """Train, list, verify, evaluate, watch and plot, each with its own command."""
    done = tengen(
        "train",
        "catch",
        "--steps",
        "3000",
        "--wandb",
        "off",
        "--threads",
        "1",
        "--checkpoint-seconds",
        "0",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "type next:" in done.stdout and "score" in done.stdout
    (run,) = (tmp_path / "runs").iterdir()
    for name in (
        "config.yaml",
        "meta.json",
        "metrics.jsonl",
        "train.log",
        "curve.png",
        "eval/watch.mp4",
        "eval/watch.gif",
    ):
        assert (run / name).stat().st_size > 0, name
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["step"] >= 3_000 and {"frames", "seconds", "score", "score_clipped"} <= rows[-1].keys()
    meta = json.loads((run / "meta.json").read_text())
    assert meta["versions"]["torch"] and meta["compute"]["threads"] == 1

    assert "catch" in tengen("runs", cwd=tmp_path).stdout
    proof = tengen("resume", "--verify", "last", cwd=tmp_path)
    assert "the same, bit for bit" in proof.stdout, proof.stdout + proof.stderr
    card = json.loads(tengen("eval", "last", "--episodes", "20", "--json", cwd=tmp_path).stdout)
    wanted = {
        "task",
        "agent",
        "protocol",
        "episodes",
        "mean",
        "median",
        "iqm",
        "ci95",
        "hns",
        "seeds",
        "steps",
        "command",
    }
    assert wanted <= card.keys() and card["episodes"] == 20 and card["ci95"][0] <= card["mean"] <= card["ci95"][1]
    assert tengen("watch", "last", "--out", "game", cwd=tmp_path).returncode == 0
    assert (tmp_path / "game.mp4").exists() and (tmp_path / "game.gif").exists()
    assert tengen("plot", "last", run.name, "--out", "both.png", cwd=tmp_path).returncode == 0
    assert (tmp_path / "both.png").read_bytes()[:4] == b"\x89PNG"

    resumed = tengen("resume", "last", cwd=tmp_path)  # nothing left to do, and nothing breaks
    assert resumed.returncode == 0
    assert len((run / "metrics.jsonl").read_text().splitlines()) == len(rows)

    done = tengen("resume", "last", "--steps", "4000", "--threads", "2", cwd=tmp_path)  # train further
    assert done.returncode == 0, done.stderr
    assert json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])["step"] >= 4_000
    changes = Run.open(run).changes()
    assert "settings.steps 3000 becomes 4000" in changes and "compute.threads 1 becomes 2" in changes
    refused = tengen("resume", "last", "--steps", "4000", cwd=tmp_path)
    assert refused.returncode == 2 and "--steps must be more than that" in refused.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["match", "random"], "second"),
        (["match", "randm", "random"], "no run or trained network named 'randm'"),
        (["match", "random", "random", "--board", "chess"], "no board game named 'chess'"),
        (["match", "uct:many", "random"], "simulations must be a whole number"),
        (["match", "pong", "random"], "another game"),
        (["match", "gtp:nothing-here", "random"], "no program named nothing-here"),
        (["match", "gtp:gnugo", "random", "--board", "connect4"], "plays Go, not connect4"),
        (["match", "random", "random", "--rules", "chinesse"], "did you mean chinese"),
        (["match", "random", "a/" * 9000, "--board", "tictactoe"], "a/a/… is too long for a path"),
        (["match", "random", "random", "--board", "tictactoe", "--opening", "12"], "use fewer moves"),
        (["match", "random", "random", "--time", "5m", "--boards", "4"], "one at a time: leave out --boards"),
        (["match", "random", "random", "--time", "5m", "--seconds", "2"], "either --seconds or --time"),
        (["match", "random", "gtp:gnugo", "--time", "0+0.9s"], "programs are told whole seconds"),
    ],
)
def test_a_mistake_in_a_match_is_one_clear_line(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scripts.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(args) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


@takes_long
def test_the_doctor_speaks_of_every_kind_of_training(capsys: pytest.CaptureFixture[str]) -> None:
    from scripts.cli import main

    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for part in ("tengen train pong", "tengen train cifar10", "tengen train go9", "self-play moves/s", "gpu"):
        assert part in out
