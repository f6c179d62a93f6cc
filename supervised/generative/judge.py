"""Our own classifier judges generated pictures: which class it sees in each, and with what confidence.

It is a small network of this project (LeNet with ReLU), trained on the same training set during the measurement, from
a fixed seed. Its accuracy on real held-out pictures is reported beside every figure that it gives.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from supervised.config import Config
from supervised.data.images import Images
from supervised.data.sets import Pictures
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import HeadedNet, build
from supervised.train import LabelLearner
from tengen.device import Compute
from tengen.display import Counter
from tengen.seeding import Seeds

_SEED = 20_140
_BATCH = 256
_EXAMPLES = 480_000  # that it learns from, repeats included


class Judge(NamedTuple):
    """A trained classifier and its accuracy on real pictures."""

    net: HeadedNet
    accuracy: float  # on held-out pictures
    sure: float  # the fraction of held-out pictures that it is at least 90 % sure of

    def probabilities(self, pictures: np.ndarray) -> torch.Tensor:
        """[N, K] of pictures [N, 1, H, W] bytes."""
        self.net.eval()
        parts = []
        with torch.inference_mode():
            for start in range(0, len(pictures), _BATCH):
                logits = self.net(torch.from_numpy(pictures[start : start + _BATCH]))["classes"]
                parts.append(logits.softmax(1))
        return torch.cat(parts)


def train_judge(found: Pictures, threads: int, counted: bool = False) -> Judge:
    """The classifier for pictures like `found`; `counted`: its training is shown on a terminal."""
    train, test = Images(*found.train, found.classes), Images(*found.test, found.classes)
    epochs = max(1.0, min(20.0, _EXAMPLES / len(train)))
    config = Config(net="lenet-modern", epochs=epochs, batch=64, optimiser="adamw", lr=3e-3, weight_decay=1e-2)
    seeds, compute = Seeds(_SEED), Compute(threads=threads)
    net = build(
        {"trunk": trunk_spec(config.net, train.input_shape), "heads": {"classes": len(found.classes)}},
        seeds.integer("network"),
    )
    mean, deviation = train.statistics()
    net.trunk.normalise.calibrate(torch.from_numpy(mean), torch.from_numpy(deviation))  # type: ignore[union-attr,operator]
    compute.place(net)
    random = torch.get_rng_state()  # the learner seeds torch
    learner = LabelLearner(config, train, test, net, compute, seeds, test_every=1 << 60)
    shown = Counter(learner.total_steps, "examples that the judge learns from") if counted else None
    with torch.enable_grad():
        for tick in learner.ticks():
            if shown:
                shown(tick.step)
    if shown:
        shown.end()
    torch.set_rng_state(random)
    judge = Judge(learner.best_net, 0.0, 0.0)
    p = judge.probabilities(np.ascontiguousarray(test.batch(np.arange(len(test)))[0]))
    accuracy = (p.argmax(1).numpy() == test.labels).mean()
    return Judge(judge.net, float(accuracy), float((p.amax(1) >= 0.9).float().mean()))
