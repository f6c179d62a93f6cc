"""A map of a network's states on held-out examples: t-SNE of the trunk's output (Mnih 2015, figure 4)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from supervised.classical.plots import scatter
from supervised.classical.projections import PCA
from supervised.classical.tsne import TSNE
from supervised.session import LabelSession
from tengen import figures

_EXAMPLES, _ITERATIONS, _DIMENSIONS = 1000, 500, 50


def states(session: LabelSession, numbers: np.ndarray) -> np.ndarray:
    """The trunk's flattened output [N, D] for the held-out examples `numbers` [N]."""
    net, found = session.learner.best_net, []
    net.eval()
    with torch.inference_mode(), session.compute.autocast():
        for start in range(0, len(numbers), 256):
            x = torch.from_numpy(session.examples.test.batch(numbers[start : start + 256])[0])
            found.append(net.trunk(x.to(session.compute.device)).float().flatten(1).cpu().numpy())
    return np.concatenate(found)


def draw_states(session: LabelSession, numbers: np.ndarray, folder: Path) -> Path | None:
    """Write `states.png`, coloured by class; None if there are no classes or too few examples."""
    numbers = numbers[np.random.default_rng(0).permutation(len(numbers))[:_EXAMPLES]]
    if not session.examples.classes or len(numbers) < 10:
        return None
    seen = states(session, numbers).astype(np.float64)
    if seen.shape[1] > _DIMENSIONS:
        seen = PCA(components=_DIMENSIONS).fit(seen).transform(seen)
    placed = TSNE(iterations=_ITERATIONS, threads=session.compute.threads).fit_transform(seen)
    labels = session.examples.test.batch(numbers)[1]["classes"]
    figure = scatter(placed, labels, session.examples.classes)
    figure.suptitle(
        f"{session.training.task}, {session.agent}: t-SNE of the states of {len(numbers)} held-out examples"
    )
    figures.write(figure, folder / "states.png")
    return folder / "states.png"
