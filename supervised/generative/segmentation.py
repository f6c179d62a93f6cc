"""`tengen train scenes`: a U-Net learns the class of every pixel in scenes composed of digits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.data.pictures import grey_pictures
from supervised.data.scenes import SIDE, compose
from supervised.generative.unet import UNet, confusion, intersection_over_union, pixel_loss
from supervised.systems.gradient import GradientStudy, Metrics, Parts
from supervised.systems.precision import quickest
from supervised.systems.study import Measured, Sample, SampleOptions, Setup
from tengen.bounds import bounded
from tengen.device import Compute
from tengen.display import Words
from tengen.figures import grid, write_picture

_TESTED, _MEASURED, _PART, _ROUNDS = 100, 1000, 50, 500
_COLOURS = "000000 e6194b 3cb44b ffe119 4363d8 f58231 911eb4 46f0f0 f032e6 bcf60c fabebe"  # background, then 0 to 9


def study(setup: Setup) -> GradientStudy:
    config = setup.config
    found = grey_pictures("mnist", setup.settings.data, setup.say)
    network: dict[str, Any] = {
        "input_shape": [1, SIDE, SIDE],
        "classes": 1 + len(found.pictures.classes),
        "channels": [config.width * 2**i for i in range(config.levels)],
    }

    def held_out(count: int) -> tuple[np.ndarray, np.ndarray]:
        return compose(*found.pictures.test, count, setup.seeds.numpy("held out"))

    def make() -> nn.Module:
        torch.manual_seed(setup.seeds.integer("network"))
        model = bounded(lambda: UNet(**network))
        seen = compose(*found.pictures.train, _TESTED, setup.seeds.numpy("frequencies"))[1]
        model.begin_with(torch.from_numpy(np.bincount(seen.ravel(), minlength=network["classes"])))
        return model

    def loss_with(compute: Compute) -> Any:
        def loss(model: nn.Module, rng: np.random.Generator, step: int) -> tuple[torch.Tensor, Metrics]:
            scenes, classes = (torch.from_numpy(a) for a in compose(*found.pictures.train, config.batch, rng))
            with compute.autocast():
                logits = model(scenes.to(compute.device))
            loss = pixel_loss(logits, classes.to(compute.device))
            return loss, {"pixels_right": float((logits.argmax(1).cpu() == classes).float().mean())}

        return loss

    def training_step(compute: Compute) -> Any:
        model, loss = compute.place(make()), loss_with(compute)
        return lambda: loss(model, np.random.default_rng(0), 0)[0].backward()

    backend, measured = (
        (setup.compute, {}) if setup.compute else quickest(setup.settings, training_step, channels_last=True)
    )
    tested = held_out(_TESTED)

    def counts(model: nn.Module, scenes: np.ndarray, classes: np.ndarray) -> torch.Tensor:
        """The counts [N, 3, K] of `confusion` on held-out scenes."""
        parts = []
        for start in range(0, len(scenes), _PART):
            x = torch.from_numpy(scenes[start : start + _PART]).to(backend.device)
            parts.append(confusion(model(x).cpu(), torch.from_numpy(classes[start : start + _PART])))
        return torch.cat(parts)

    def test(model: nn.Module) -> Metrics:
        return {"iou": mean_iou(counts(model, *tested))}

    def measure(model: nn.Module) -> Measured:
        return measured_from(counts(model, *held_out(_MEASURED)), found.about)

    def pictures(model: nn.Module, folder: Path) -> list[Path]:
        scenes, classes = tested[0][:12], tested[1][:12]
        said = model(torch.from_numpy(scenes).to(backend.device)).argmax(1).cpu().numpy()
        shown = np.concatenate([np.repeat(scenes[:, 0, :, :, None], 3, 3), painted(classes), painted(said)])
        return [write_picture(grid(shown, 12, 2), folder / "scenes.png")]

    parts = Parts(
        network,
        make(),
        loss_with(backend),
        test,
        measure,
        lambda result: result["iou"],
        Words("gradient steps", "test/iou", "mean IoU", ("learning", "testing"), ("loss", "pixels_right")),
        [f"scenes of {SIDE}x{SIDE} composed of {found.about}, two to five digits in each"],
        pictures,
        lambda model: {"network": model.contracting.spec, "weights": dict(model.contracting.state_dict())},  # type: ignore[union-attr,operator]
        fingerprint=found.pictures.fingerprint,
    )
    return GradientStudy(parts, setup, backend, measured, tick_every=5)


def mean_iou(counts: torch.Tensor) -> float:
    """Mean IoU over the classes that occur, background included, from counts [N, 3, K]."""
    return float(intersection_over_union(counts.sum(0)).nanmean())


def measured_from(counts: torch.Tensor, about: str) -> Measured:
    """The card's result; its interval by bootstrapping over scenes."""
    rng = np.random.default_rng(0)
    drawn = [mean_iou(counts[torch.from_numpy(rng.integers(len(counts), size=len(counts)))]) for _ in range(_ROUNDS)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    each = intersection_over_union(counts.sum(0))
    also = {"ground": float(each[0]), "worst class": float(each[1:].min())}
    protocol = f"mean over ground and digits of pixels in common / pixels of either; scenes of {about}, test pictures"
    total = f"{len(counts):,} scenes"
    return Measured("mean IoU", mean_iou(counts), (float(low), float(high)), total, "higher", protocol, also)


def painted(classes: np.ndarray) -> np.ndarray:
    """Classes [N, H, W] as colours [N, H, W, 3] bytes."""
    table = np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in _COLOURS.split()], np.uint8)
    colours: np.ndarray = table[classes % len(table)]
    return colours


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> nn.Module:
    net = UNet(**network)
    net.load_state_dict(weights)
    return net.eval()


def sample(net: Any, options: SampleOptions, say: Any) -> Sample:
    """New scenes (of scikit-learn's digits, which are always available) above the network's segmentations."""
    from supervised.data.pictures import enlarged
    from supervised.data.sets import digits

    count = options.count or 12
    test = enlarged(digits("", say)).test
    scenes, _ = compose(*test, count, np.random.default_rng(options.seed))
    said = net(torch.from_numpy(scenes)).argmax(1).numpy()
    shown = np.concatenate([np.repeat(scenes[:, 0, :, :, None], 3, 3), painted(said)])
    return Sample("above: scenes; below: a colour for each class", grid(shown, count, 2))
