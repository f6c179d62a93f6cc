"""The card of a network trained on labels: its accuracy on held-out examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from supervised.kernels.playing import choose_playing, for_playing
from supervised.nets.headed import HeadedNet
from supervised.objectives.classification import scores
from supervised.tasks import Examples
from supervised.train import chosen_examples, predict
from tengen.device import Compute
from tengen.statistics import wilson


@dataclass(frozen=True)
class Trained:
    """How the network of a card was trained and is tested."""

    seed: int
    steps: int  # examples
    epochs: float
    minutes: float
    mirrored: bool = False  # the mean of the logits of a picture and of its mirror image counts


@dataclass(frozen=True)
class HeldOutCard:
    """A network's accuracy on held-out examples."""

    task: str
    agent: str  # the network's name
    examples: int
    accuracy: float
    ci95: tuple[float, float]  # of the accuracy (Wilson 1927)
    loss: float  # cross-entropy
    top5: float
    other_heads: Mapping[str, float]  # reply_accuracy, outcome_accuracy …
    weights: int
    trained: Trained
    command: str
    note: str = ""  # what else has to be known

    def describe(self) -> str:
        low, high = self.ci95
        outcome = self.other_heads.get("outcome_accuracy")
        return (
            f"{self.task}, {self.agent}: accuracy {self.accuracy:.2%} [{low:.2%}, {high:.2%}] on {self.examples:,}"
            f" held-out examples (top 5 {self.top5:.2%}, loss {self.loss:.4f}"
            f"{f', winner {outcome:.1%}' if outcome is not None else ''}) after {self.trained.minutes:.1f} minutes"
            + (f"; {self.note}" if self.note else "")
        )

    def to_dict(self) -> dict[str, Any]:
        t = self.trained
        return {
            "kind": "labels",
            "task": self.task,
            "agent": self.agent,
            "protocol": "held-out",
            "examples": self.examples,
            "accuracy": self.accuracy,
            "ci95": list(self.ci95),
            "loss": self.loss,
            "top5": self.top5,
            **self.other_heads,
            "weights": self.weights,
            "seed": t.seed,
            "steps": t.steps,
            "epochs": t.epochs,
            "minutes": t.minutes,
            **({"mirrored": True} if t.mirrored else {}),
            "command": self.command,
            **({"note": self.note} if self.note else {}),
        }


def score_card(
    task: str,
    agent: str,
    net: HeadedNet,
    examples: Examples,
    compute: Compute,
    trained: Trained,
    command: str,
    most: int,
) -> HeldOutCard:
    """The card of `net` on the held-out examples, `most` of them (0: all)."""
    main = next(iter(net.spec["heads"]))
    tested = chosen_examples(len(examples.test), most)
    sample = torch.from_numpy(examples.test.batch(tested[:64])[0])
    backend, _ = choose_playing(net, compute, sample)
    found = predict(for_playing(net, backend), examples.test, tested, backend, trained.mirrored)
    result = scores(found, main)
    count, accuracy = int(result.pop("examples")), result.pop("accuracy")
    return HeldOutCard(
        task=task,
        agent=agent,
        examples=count,
        accuracy=accuracy,
        ci95=wilson(accuracy, count),
        loss=result.pop("loss"),
        top5=result.pop("top5"),
        other_heads=result,
        weights=sum(p.numel() for p in net.parameters()),
        trained=trained,
        command=command,
    )
