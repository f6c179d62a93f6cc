"""What the sessions of agents, of labels and of self-play are built with alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from supervised.kernels.learning import choose_learning
from supervised.nets.headed import Spec
from supervised.settings import Common
from tengen.device import Compute
from tengen.errors import UserError
from tengen.run import Run


def fastest(settings: Common, spec: Spec, batch: torch.Tensor) -> tuple[Compute, dict[str, float]]:
    """The fastest way to train the network `spec` on `batch` within `settings`, and samples/s of what was tried."""
    return choose_learning(
        spec,
        batch,
        convolutions=settings.convolutions,
        device=settings.device,
        threads=settings.threads,
        precision=settings.precision,
        layout=settings.layout,
    )


@contextmanager
def saved_config(run: Run) -> Iterator[dict[str, Any]]:
    """The configuration of `run`; what its reader misses in it or finds garbled becomes one clear line."""
    saved = run.config()
    try:
        yield saved
    except (KeyError, TypeError) as error:
        raise UserError(f"{run.path / 'config.yaml'} lacks or garbles {error}") from error
