"""RLlib as an engine, on a real Ray cluster: small full trainings, their checkpoints, and who can read them."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scripts.cli import main
from supervised.nets.headed import build
from supervised.trained import net_of_run
from tengen.checkpoint import read_checkpoint
from tengen.run import Run
from tests.long import takes_long
from tests.ray import needs_ray

QUICK = ["--wandb", "off", "--threads", "1", "--precision", "float32", "--final-games", "2"]
RLLIB = ["train", "CartPole-v1", "--engine", "rllib", *QUICK]


def trained(folder: Path, *options: str) -> Path:
    """The folder of a run trained with these options."""
    before = set(folder.iterdir())
    assert main([*RLLIB, "--runs", str(folder), *options]) == 0
    (run,) = set(folder.iterdir()) - before
    return run


def checkpoint(run: Path) -> dict[str, Any]:
    return read_checkpoint(sorted((run / "checkpoints").glob("step-*"))[-1])


@pytest.mark.slow
@needs_ray
@pytest.mark.usefixtures("ray")
def test_a_run_from_its_beginning_to_a_second_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """train, eval, watch, plot, resume, --trunk: it works like any Tengen run."""
    run = trained(tmp_path, "--algo", "ppo", "--steps", "600", "--net", "mlp")
    rows = Run.open(run).rows()
    assert rows[-1]["step"] >= 600 and rows[-1]["episodes"] > 5 and 5 < rows[-1]["score"] < 100
    assert {"loss/policy", "loss/value", "entropy", "lr", "gradient_steps"} <= rows[-1].keys()
    assert list((run / "eval").glob("plain-*.json")), "the card"
    assert sorted(p.suffix for p in run.rglob("*") if p.suffix in (".pkl", ".pt", ".pickle")) == []

    saved = checkpoint(run)
    net, step = net_of_run(run)
    assert step == saved["step"]
    assert all(torch.equal(net.state_dict()[k], v) for k, v in saved["weights"].items())
    first = saved["optimiser"]["moments"]["0"]
    assert first["step"] == saved["gradient_steps"] > 0 and first["exp_avg"].abs().sum() > 0

    for command in (["eval", str(run), "--episodes", "2"], ["watch", str(run)], ["plot", str(run)]):
        assert main(command) == 0, command
    capsys.readouterr()

    weights, moments = {}, {}
    from agents.engines.learner import RLlib

    inner = RLlib._iterate

    def look(self: Any, engine: Any) -> Any:
        runner = engine.algorithm.env_runner.module.net.state_dict()
        weights.update({k: v.clone() for k, v in engine.net.state_dict().items()})
        weights.update({f"runner {k}": v.clone() for k, v in runner.items()})
        moments.update(copy.deepcopy(engine.optimiser.state_dict()["state"]))
        yield from inner(self, engine)

    monkeypatch.setattr(RLlib, "_iterate", look)
    assert main(["resume", str(run), "--steps", "1200"]) == 0
    said = capsys.readouterr().out
    assert "not bit-exact" in said
    for name, value in saved["weights"].items():
        assert torch.equal(weights[name], value) and torch.equal(weights[f"runner {name}"], value), name
    for key, kept in saved["optimiser"]["moments"].items():
        assert torch.equal(moments[int(key)]["exp_avg"], kept["exp_avg"])
        assert moments[int(key)]["step"] == kept["step"]
    rows = Run.open(run).rows()
    steps = [row["step"] for row in rows]
    assert steps == sorted(steps) and steps[-1] >= 1200 and rows[-1]["gradient_steps"] > saved["gradient_steps"]
    assert rows[-1]["lr"] < 1e-3 / 2, "the schedule goes on"
    assert main(["resume", str(run), "--verify"]) == 2
    assert "cannot be verified" in capsys.readouterr().err

    heir = trained(tmp_path, "--steps", "300", "--trunk", str(run), "--freeze-trunk")
    old, new = checkpoint(run)["weights"], checkpoint(heir)["weights"]
    assert all(torch.equal(old[k], new[k]) for k in old if k.startswith("trunk.")), "frozen"
    heads = [k for k in old if k.startswith("heads.policy") and k.endswith("weight")]
    assert heads and not any(torch.equal(old[k], new[k]) for k in heads), "new heads, which learn"


@pytest.mark.slow
@needs_ray
@pytest.mark.usefixtures("ray")
@pytest.mark.parametrize("algo", ["impala", "appo", "dqn"])
def test_every_algorithm_learns_and_saves(algo: str, tmp_path: Path) -> None:
    more = (
        ["--learning-starts", "100", "--tick-steps", "200"] if algo == "dqn" else ["--num-steps", "10", "--batch", "80"]
    )
    run = trained(tmp_path, "--algo", algo, "--steps", "500", *more)
    saved, rows = checkpoint(run), Run.open(run).rows()
    assert rows[-1]["gradient_steps"] > 0 and rows[-1]["step"] >= 500 and np.isfinite(rows[-1]["score"])
    assert set(saved["own"]["target"]) == (set() if algo == "impala" else set(saved["weights"]))
    assert saved["optimiser"]["moments"]["0"]["exp_avg"].abs().sum() > 0


@takes_long
@pytest.mark.slow
@needs_ray
@pytest.mark.usefixtures("ray")
def test_games_on_workers(tmp_path: Path) -> None:
    run = trained(tmp_path, "--algo", "appo", "--steps", "400", "--workers", "2", "--worker-cpus", "0.1")
    row = Run.open(run).rows()[-1]
    assert row["worker/alive"] == 2 and row["episodes"] > 5


@needs_ray
@pytest.mark.parametrize("kind", ["PolicyNet", "ValueNet"])
def test_the_module_computes_what_the_network_computes(kind: str) -> None:
    from ray.rllib.core.columns import Columns

    from agents.engines.env import space_of
    from agents.engines.modules import rllib as modules

    heads = {"policy": 6, "value": 1} if kind == "PolicyNet" else {"q": 6}
    spec = {"trunk": {"kind": "nature", "input_shape": [4, 84, 84]}, "heads": heads}
    config = {"spec": spec, "compute": {}, "freeze_trunk": False, "epsilon": 0.0, "double": True}
    space = space_of((4, 84, 84), np.dtype(np.uint8))
    module = getattr(modules, kind)(observation_space=space, model_config=config)
    net = build(spec, 3)
    module.net.load_state_dict(net.state_dict())
    obs = torch.randint(256, (5, 4, 84, 84), dtype=torch.uint8)
    out, batch = net(obs), {Columns.OBS: obs, Columns.NEXT_OBS: obs}
    trains = module.forward_train(batch) if kind == "PolicyNet" else None
    if kind == "PolicyNet":
        acts = module.forward_exploration(batch)[Columns.ACTION_DIST_INPUTS]
        assert torch.allclose(acts, out["policy"], atol=1e-5)
        assert torch.allclose(trains[Columns.ACTION_DIST_INPUTS], out["policy"], atol=1e-5)
        assert torch.allclose(module.compute_values(batch), out["value"], atol=1e-5)
        assert module.compute_values(batch, trains[Columns.EMBEDDINGS]).requires_grad
    else:
        module.make_target_networks()
        assert torch.equal(module.forward_exploration(batch, t=0)[Columns.ACTIONS], out["q"].argmax(1))
        assert torch.allclose(module.forward_train(batch)["qf_target_next_preds"], out["q"], atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "rlib"], "did you mean rllib"),
        (["--engine", "rllib", "--algo", "apo"], "did you mean appo"),
        (["--algo", "ppo"], "is for --engine rllib"),
        (["--engine", "tengen", "--agent", "rllib-ppo"], "does not belong to --engine tengen"),
        (["--engine", "rllib", "--agent", "dqn"], "are chosen with --algo"),
        (["--sync"], "--sync does nothing without --workers"),
        (["--ray=auto"], "--ray does nothing without --workers"),
        (["--engine", "rllib", "--workers", "3", "--wandb", "off"], "cannot share 8 games equally"),
    ],
)
def test_a_mistake_is_one_line(
    options: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", "CartPole-v1", *options]) == 2
    said = capsys.readouterr().err.strip()
    assert message in said and "\n" not in said


def test_without_ray_it_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "ray" else found(name, *more))
    assert main([*RLLIB, "--runs", str(tmp_path), "--steps", "100"]) == 2
    assert capsys.readouterr().err.strip().endswith("RLlib is not installed: pip install 'tengen[ray]'")
    assert list(tmp_path.iterdir()) == [], "before there is a run"
