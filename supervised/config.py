"""Settings for learning from labels, and a preset for each task. No torch in here: `--help` reads it."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from tengen.config import Amount, Count, Fraction


@dataclass(frozen=True)
class Config:
    MAIN: ClassVar[tuple[str, ...]] = ("net", "epochs", "batch", "optimiser", "lr", "augment", "impl")

    net: str = "resnet20"
    """Trunk of the network: mlp256x2, lenet, vgg, airbench, resnet20 …, preact20 …, impala, tower48x6, alphago64x6 …"""
    epochs: Amount = 10.0
    """Passes over the training examples."""
    batch: Count = 128
    """Examples per gradient step."""
    optimiser: Literal["sgd", "rmsprop", "adam", "adamw"] = "sgd"
    """Optimiser; sgd has momentum."""
    lr: Amount = 0.1
    """Highest learning rate."""
    momentum: Fraction = 0.9
    """Momentum of sgd and rmsprop."""
    nesterov: bool = True
    """sgd: look ahead along the momentum (Nesterov 1983)."""
    weight_decay: Amount = 5e-4
    """Weight decay, except for biases and norms; decoupled from the gradient with adamw."""
    schedule: Literal["constant", "step", "cosine", "one-cycle"] = "one-cycle"
    """Learning rate: constant; divided by 10 at 1/2 and again at 3/4; half a cosine; linear to zero."""
    warmup: Fraction = 0.05
    """Fraction of the training over which the learning rate rises from zero."""
    label_smoothing: Fraction = 0.0
    """Fraction of the target spread over all classes (Szegedy 2016, arXiv:1512.00567)."""
    mixup: Amount = 0.0
    """Alpha of the Beta distribution for mixing pairs of pictures (Zhang 2018, arXiv:1710.09412); 0: no mixup."""
    dropout: Fraction = 0.0
    """Fraction of features dropped before the head (Srivastava 2014)."""
    ema: Fraction = 0.0
    """Decay of the moving average (EMA) of the weights, which is tested and saved; 0: no average."""
    max_grad_norm: Amount = 0.0
    """Clip the gradient to this norm; 0 disables clipping."""
    augment: Literal["none", "crop", "crop-flip", "crop-flip-cut", "symmetries"] = "none"
    """Augmentation: random crops of pictures, horizontal flips, a square cut out; the symmetries of a board."""
    test_mirrored: bool = False
    """Average the logits of each test picture and its mirror image."""
    reply_weight: Amount = 0.15
    """Go: weight of the loss for the opponent's reply, an auxiliary target."""
    outcome_weight: Amount = 0.3
    """Go: weight of the loss for the game's outcome."""
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
_OF_NETS: dict[str, dict[str, Any]] = {  # what a network needs, whatever the task
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
    """The preset of `task`, for the network `net` where one is named."""
    own = PRESETS[task]
    return replace(own, net=net, **_OF_NETS.get(net, {})) if net else own
