"""Settings of training with labels, and the presets of the tasks. No torch in here: `--help` reads it."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config:
    net: str = "resnet20"
    """Trunk of the network: mlp256x2, lenet, vgg, airbench, resnet20 …, preact20 …, impala, tower48x6, alphago64x6 …"""
    epochs: Amount = 10.0
    """Times the examples are gone through."""
    batch: Count = 128
    """Examples a gradient step."""
    optimiser: Literal["sgd", "rmsprop", "adam", "adamw"] = "sgd"
    """Who follows the gradient; sgd with momentum."""
    lr: Amount = 0.1
    """Learning rate at its highest."""
    momentum: Fraction = 0.9
    """Of sgd and rmsprop."""
    nesterov: bool = True
    """sgd: look ahead by the momentum (Nesterov 1983)."""
    weight_decay: Amount = 5e-4
    """Pulls weights (not biases and norms) towards zero; apart from the gradient with adamw."""
    schedule: Literal["constant", "step", "cosine", "one-cycle"] = "one-cycle"
    """Course of the learning rate: a tenth at 1/2 and 3/4; half a cosine; up, then linearly down to zero."""
    warmup: Fraction = 0.05
    """Fraction of the training in which the learning rate rises from zero."""
    label_smoothing: Fraction = 0.0
    """Fraction of the target that is spread over all classes (Szegedy 2016, arXiv:1512.00567)."""
    mixup: Amount = 0.0
    """Alpha of the Beta distribution by which pictures are mixed in pairs (Zhang 2018, arXiv:1710.09412); 0: none."""
    dropout: Fraction = 0.0
    """Fraction of features left out before the head (Srivastava 2014)."""
    ema: Fraction = 0.0
    """Decay a step of the averaged weights that are tested and saved; 0 keeps none."""
    max_grad_norm: Amount = 0.0
    """Gradients are scaled down to this norm; 0 leaves them."""
    augment: Literal["none", "crop", "crop-flip", "crop-flip-cut", "symmetries"] = "none"
    """What is done to each example at random: pictures moved, mirrored, a square cut out; the symmetries of a board."""
    test_mirrored: bool = False
    """Pictures are tested twice, as they are and mirrored, and the answers averaged."""
    reply_weight: Amount = 0.15
    """Go: weight of the loss of the opponent's next move, which only helps learning."""
    outcome_weight: Amount = 0.3
    """Go: weight of the loss of who wins."""
    impl: Literal["library", "scratch"] = "library"
    """scratch: norms, dropout, loss and optimiser from supervised/scratch, written to be read."""


PRESETS = {
    "digits": Config(net="mlp256x2", epochs=40, batch=32, optimiser="adamw", lr=2e-3, weight_decay=1e-2),
    "mnist": Config(net="lenet", epochs=12, batch=64, optimiser="adamw", lr=3e-3, weight_decay=1e-2, augment="crop"),
    "fashion-mnist": Config(net="resnet14", epochs=11, augment="crop-flip", warmup=0.15),
    "cifar10": Config(net="resnet20", epochs=22, augment="crop-flip", lr=0.2, warmup=0.2, test_mirrored=True),
    "images": Config(net="resnet20", epochs=20, augment="crop-flip"),
    "go": Config(net="tower32x5", epochs=0.15, batch=64, lr=0.05, weight_decay=1e-4, augment="symmetries", ema=0.999),
    "go9": Config(net="tower48x5", epochs=1.25, batch=64, lr=0.05, weight_decay=3e-4, augment="symmetries", ema=0.999),
}
_OF_NETS: dict[str, dict[str, Any]] = {  # what a network wants, whatever the task
    "airbench": {
        "epochs": 10,
        "batch": 512,
        "lr": 0.75,
        "momentum": 0.85,
        "weight_decay": 1.3e-3,
        "label_smoothing": 0.2,
        "warmup": 0.2,
        "test_mirrored": True,
    }
}


def preset(task: str, net: str = "") -> Config:
    """The preset of `task`, with the network `net` where one is named."""
    own = PRESETS[task]
    return replace(own, net=net, **_OF_NETS.get(net, {})) if net else own
