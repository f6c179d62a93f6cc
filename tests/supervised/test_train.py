"""Supervised training: losses and schedules by hand, learning, same seed, exact resume, frozen trunks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from supervised.config import Config
from supervised.data.images import Images
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import build
from supervised.objectives.classification import scores
from supervised.optim import make_ema
from supervised.schedules import lr_fraction
from supervised.train import LabelLearner, predict
from tengen.checkpoint import differences
from tengen.device import Compute
from tengen.metrics import same_metrics
from tengen.seeding import Seeds

CONFIG = Config(
    net="vgg", epochs=2, batch=32, lr=0.05, augment="crop", mixup=0.2, ema=0.9, dropout=0.1, max_grad_norm=5
)


def stripes(count: int, seed: int) -> Images:
    """Noisy images with a horizontal stripe, a vertical stripe or none, at random positions."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 100, (count, 12, 12, 1)).astype(np.uint8)
    labels = rng.integers(0, 3, count)
    for picture, label in zip(pictures, labels, strict=True):
        place = rng.integers(2, 10)
        if label < 2:
            (picture[place] if label == 0 else picture[:, place])[:] = 255
    return Images(pictures, labels, ["horizontal", "vertical", "none"], "crop")


def learner(config: Config = CONFIG, seed: int = 1, **options: Any) -> LabelLearner:
    train = stripes(600, 1)
    trunk = trunk_spec(config.net, train.input_shape, dropout=config.dropout) | {"channels": [8, 16]}
    net = build({"trunk": trunk, "heads": {"classes": 3}}, seed)
    Compute(threads=1).start()
    return LabelLearner(config, train, stripes(300, 2), net, Compute(threads=1), Seeds(seed), **options)


def test_averaged_weights_by_hand() -> None:
    """The first weights are copied; then the decay is 2/11, 3/12 … until it reaches the given value."""
    net = torch.nn.Linear(1, 1, bias=False)
    average = make_ema(net, 0.24)
    assert average is not None and make_ema(net, 0.0) is None
    seen = []
    for value in (4.0, 15.0, 1.0):
        torch.nn.init.constant_(net.weight, value)
        average.update_parameters(net)
        seen.append(average.module.weight.item())
    second = 4 * 2 / 11 + 15 * 9 / 11
    assert seen == pytest.approx([4, second, 0.24 * second + 0.76])


@pytest.mark.parametrize("impl", ["library", "scratch"])
def test_it_learns_what_can_be_learned(impl: Any) -> None:
    made = learner(replace(CONFIG, epochs=12, impl=impl, mixup=0.0))
    last = list(made.ticks())[-1]
    assert last.step == 12 * 600 and last.metrics["test/accuracy"] > 0.97
    found = predict(made.best_net, made.test, np.arange(300), made.compute)
    assert scores(found, "classes")["accuracy"] == pytest.approx(last.metrics["test/accuracy"])


def test_mirrored_answers_are_the_mean_of_both() -> None:
    made = learner()
    list(made.ticks())
    few = np.arange(20)
    plain, both = (predict(made.best_net, made.test, few, made.compute, m)["classes"][0] for m in (False, True))
    with torch.inference_mode():
        x = torch.from_numpy(made.test.batch(few)[0])
        mirror = made.best_net.eval()(x.flip(3))["classes"]
    assert torch.allclose(both, (plain + mirror) / 2, atol=1e-5) and not torch.allclose(both, plain, atol=1e-3)


def test_the_same_seed_the_same_numbers_and_another_seed_others() -> None:
    one, two, other = (list(learner(seed=s).ticks()) for s in (1, 1, 2))
    assert [same_metrics(dict(t.metrics)) for t in one] == [same_metrics(dict(t.metrics)) for t in two]
    assert one[-1].metrics["loss"] != other[-1].metrics["loss"]


@pytest.mark.parametrize("optimiser", ["sgd", "adamw", "rmsprop"])
@pytest.mark.parametrize("impl", ["library", "scratch"])
def test_resumed_is_uninterrupted_bit_for_bit(optimiser: Any, impl: Any) -> None:
    config = replace(CONFIG, epochs=4, optimiser=optimiser, lr=0.01, impl=impl)
    whole, first = learner(config), learner(config)
    ticks = list(whole.ticks())
    stopped = next(first.ticks())
    second = learner(config)
    second.load(first.state())
    rest = list(second.ticks())
    assert [t.metrics for t in [stopped, *rest]] == [t.metrics for t in ticks]
    assert differences(second.state(), whole.state()) == []


def test_a_frozen_trunk_stays_as_it_is() -> None:
    made = learner(freeze_trunk=True)
    before = {k: v.clone() for k, v in made.net.state_dict().items()}
    list(made.ticks())
    for name, value in made.net.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith("trunk."), name


def test_only_some_held_out_examples_are_tested_and_always_the_same() -> None:
    one, two = learner(test_examples=50), learner(seed=2, test_examples=50)
    assert len(set(one.tested.tolist())) == 50 and np.array_equal(one.tested, two.tested)
    rows = [t.metrics for t in learner(test_every=300).ticks()]
    assert sum("test/accuracy" in row for row in rows) == len(rows) == 2


def test_learning_rates_by_hand() -> None:
    assert [lr_fraction("one-cycle", p, 0.2) for p in (0.0, 0.1, 0.2, 0.6, 1.0)] == pytest.approx([0, 0.5, 1, 0.5, 0])
    assert [lr_fraction("cosine", p) for p in (0.0, 0.5, 1.0)] == pytest.approx([1, 0.5, 0])
    assert [lr_fraction("step", p) for p in (0.49, 0.5, 0.74, 0.75)] == pytest.approx([1, 0.1, 0.1, 0.01])
    assert [lr_fraction("constant", p, 0.5) for p in (0.0, 0.25, 0.5, 1.0)] == [0, 0.5, 1, 1]
    with pytest.raises(ValueError, match="no schedule"):
        lr_fraction("linear", 0.5)
