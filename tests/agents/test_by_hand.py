"""REINFORCE on the numpy autograd tape solves the corridor."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from agents.reinforce import by_hand
from envs.toy import Corridor
from scripts.cli import main
from supervised.sequence.tape import network
from supervised.sequence.tape.network import Adam
from tengen.run import Run


def test_returns_by_hand() -> None:
    assert by_hand.returns(np.array([[1.0], [0.0], [4.0]]), 0.5).tolist() == [[2.0], [2.0], [4.0]]


def test_an_update_is_autograds() -> None:
    """One Adam step on two games, against the same in PyTorch."""
    random = np.random.default_rng(0)
    weights = network.initial([8, 2], random)
    games = by_hand.play(weights, random, 2)
    assert (games.counts.sum(0) >= 7).all()  # at least seven steps to the end
    w, b = (torch.from_numpy(weights[name].copy()).requires_grad_() for name in ("0.weight", "0.bias"))
    g = torch.from_numpy(by_hand.returns(games.reward * games.counts, 0.9)[games.counts])
    log_pi = (torch.from_numpy(games.obs[games.counts]) @ w + b).log_softmax(1)
    chosen = log_pi.gather(1, torch.from_numpy(games.action[games.counts])[:, None]).squeeze(1)
    (-(chosen * (g - g.mean())).mean()).backward()
    library = torch.optim.Adam([w, b], lr=0.1)
    library.step()
    by_hand.learn(games, weights, Adam(weights), 0.1, 0.9)
    np.testing.assert_allclose(weights["0.weight"], w.detach().numpy(), atol=1e-3)
    np.testing.assert_allclose(weights["0.bias"], b.detach().numpy(), atol=1e-3)


def test_its_command_solves_the_corridor_and_resumes_exactly(tmp_path: Path) -> None:
    options = ["--runs", str(tmp_path), "--wandb", "off", "--threads", "1", "--checkpoint-seconds", "0"]
    assert main(["train", "corridor", "--impl", "tape", *options]) == 0
    run = next(tmp_path.glob("corridor-tape-*"))
    card = json.loads(next((run / "eval").glob("*.json")).read_text())
    assert card["value"] > Corridor.optimum - 0.02 and card["measured_on"] == "1,000 games"
    assert main(["resume", "--verify", str(run)]) == 0
    assert (run / "pictures" / "policy.png").exists() and len(Run.open(run).rows()) == 60


@pytest.mark.parametrize("seed", [1, 2])
def test_the_corridor_is_solved(seed: int) -> None:
    scores = by_hand.solve(seed)
    assert scores[0] < 0.8 and np.mean(scores[-5:]) > Corridor.optimum - 0.02
