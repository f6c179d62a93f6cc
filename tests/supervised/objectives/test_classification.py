"""The classification objective: losses, mixup and scores by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from supervised.data.source import IGNORED
from supervised.objectives.classification import classification, cross_entropy, mixup, scores
from supervised.objectives.objective import Batch

LOGITS = torch.tensor([[3.0, 1.0], [1.0, 3.0]]).log()  # p = (3/4, 1/4) and (1/4, 3/4)


def test_the_sum_of_the_heads_by_hand() -> None:
    """Both heads predict 3/4 and 1/4; the second has weight one half."""
    batch = Batch(torch.zeros(2, 1), {"classes": torch.tensor([0, 0]), "outcome": torch.tensor([0, IGNORED])})
    loss, metrics = classification(
        lambda x: {"classes": LOGITS, "outcome": LOGITS},
        batch,
        np.random.default_rng(0),
        main="classes",
        weights={"outcome": 0.5},
    )
    main, other = -(np.log(0.75) + np.log(0.25)) / 2, -np.log(0.75)
    assert loss.item() == pytest.approx(main + 0.5 * other, abs=1e-6)
    assert metrics == pytest.approx({"loss": main, "loss/outcome": other, "accuracy": 0.5}, abs=1e-6)


def test_mixup_mixes_the_loss_as_the_inputs() -> None:
    """For an identity network, the loss equals that of the same mixture of inputs and targets."""
    x, y = torch.tensor([[0, 255], [255, 0]], dtype=torch.uint8), torch.tensor([1, 0])
    seen: list[torch.Tensor] = []

    def net(inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        seen.append(inputs)
        return {"classes": inputs}

    loss, _ = classification(
        net, Batch(x, {"classes": y}), np.random.default_rng(5), main="classes", weights={}, mixup_alpha=1.0
    )
    mixed, partner, fraction = mixup(x.float() / 255, 1.0, np.random.default_rng(5))
    assert torch.equal(seen[0], mixed) and 0 < fraction < 1
    expected = fraction * cross_entropy(mixed, y) + (1 - fraction) * cross_entropy(mixed, y[partner])
    assert torch.equal(loss, expected)


def test_label_smoothing_by_hand() -> None:
    """Two classes, p = (3/4, 1/4), target 0, s = 0.2: -(0.9 log 3/4 + 0.1 log 1/4)."""
    logits = torch.tensor([[3.0, 1.0]]).log()
    expected = -(0.9 * np.log(0.75) + 0.1 * np.log(0.25))
    assert cross_entropy(logits, torch.tensor([0]), 0.2).item() == pytest.approx(expected, abs=1e-6)
    two = cross_entropy(torch.cat([logits, logits]), torch.tensor([0, IGNORED]), 0.2)
    assert two.item() == pytest.approx(expected, abs=1e-6)  # an example without a target changes nothing


def test_mixup_mixes_inputs_and_partners_alike() -> None:
    x = torch.arange(4.0)[:, None]
    out, partner, fraction = mixup(x, 0.5, np.random.default_rng(3))
    assert torch.allclose(out, fraction * x + (1 - fraction) * x[partner]) and sorted(partner.tolist()) == [0, 1, 2, 3]


def test_scores_by_hand() -> None:
    logits = torch.eye(6)[[0, 1, 2, 3]] * 5
    found = {
        "classes": (logits, torch.tensor([0, 1, 5, IGNORED])),
        "outcome": (logits[:, :3], torch.tensor([0, 0, 2, 1])),
    }
    result = scores(found, "classes")
    assert result["accuracy"] == pytest.approx(2 / 3) and result["examples"] == 3
    assert result["outcome_accuracy"] == 0.5
