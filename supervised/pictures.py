"""Pictures of what a network learned from labels: confusions, first filters, feature maps, worst mistakes, moves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.evaluate import restored
from supervised.session import LabelSession
from supervised.train import chosen_examples, predict
from tengen import figures
from tengen.checkpoint import checkpoints
from tengen.run import Run

Found = dict[str, tuple[torch.Tensor, torch.Tensor]]  # head -> (logits [N, K], targets [N])
_SHOWN = 24  # mistakes, filters


def pictures_of_run(path: Path) -> list[Path]:
    """The pictures of a run, made from its newest checkpoint; none where it has kept none."""
    if not checkpoints(Run.open(path).checkpoint_folder):
        return []
    from supervised.states import draw_states

    session = restored(Run.open(path))
    files = draw_pictures(session, session.learner.answers(), path / "pictures", session.learner.tested)
    mapped = draw_states(session, session.learner.tested, path / "pictures")
    return [*files, mapped] if mapped else files


def pictures_of_session(session: LabelSession, run: Run) -> list[Path]:
    """The pictures of a run that has just finished, of the examples that its card was measured on."""
    learner = session.learner
    tested = chosen_examples(len(session.examples.test), session.settings.card_examples)
    mirrored = session.label_config.test_mirrored
    found = predict(learner.best_net, session.examples.test, tested, session.compute, mirrored)
    return draw_pictures(session, found, run.path / "pictures", tested)


def draw_pictures(session: LabelSession, found: Found, folder: Path, numbers: np.ndarray) -> list[Path]:
    """Write the pictures into `folder`; `found` is what `predict` said of the held-out examples `numbers`."""
    pyplot = figures.pyplot()
    folder.mkdir(exist_ok=True)
    drawings: dict[str, Callable[[Any, LabelSession, Found, np.ndarray], Any]] = {
        "filters": _filters,
        "features": _features,
    }
    if session.examples.classes:
        drawings |= {"confusion": _confusion, "mistakes": _mistakes}
    else:
        drawings |= {"moves": _moves, "phases": _phases}
    files = []
    for name, draw in drawings.items():
        if (figure := draw(pyplot, session, found, numbers)) is not None:
            figure.savefig(folder / f"{name}.png", dpi=110)
            pyplot.close(figure)
            files.append(folder / f"{name}.png")
    return files


def confusion(logits: torch.Tensor, target: torch.Tensor) -> np.ndarray:
    """[K, K] how many examples of class `row` were taken for class `column`."""
    classes = logits.shape[1]
    flat = target * classes + logits.argmax(1)
    return torch.bincount(flat, minlength=classes * classes).view(classes, classes).numpy()


def _confusion(pyplot: Any, session: LabelSession, found: Found, numbers: np.ndarray) -> Any:
    counts = confusion(*found["classes"])
    names = session.examples.classes
    figure, axes = pyplot.subplots(figsize=(6.4, 6), layout="constrained")
    off = counts * (1 - np.eye(len(counts), dtype=int))
    axes.imshow(off, cmap="Reds")
    for row, column in np.argwhere(counts):
        colour = "white" if off[row, column] > 0.6 * off.max() else "black"
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=7, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    axes.set_title(f"{session.training.task}, {session.training.agent}: mistakes in red")
    return figure


def _mistakes(pyplot: Any, session: LabelSession, found: Found, numbers: np.ndarray) -> Any:
    """The wrong answers that the network was surest of."""
    logits, target = found["classes"]
    p, guess = logits.softmax(1).max(1)
    wrong = torch.where(guess != target)[0]
    if len(wrong) == 0:
        return None
    worst = wrong[p[wrong].argsort(descending=True)[:_SHOWN]]
    pictures = session.examples.test.batch(numbers[worst.numpy()])[0].transpose(0, 2, 3, 1)
    names = session.examples.classes
    titles = [f"{names[int(target[i])]}\n→ {names[int(guess[i])]} {p[i]:.0%}" for i in worst]
    return _grid(pyplot, list(pictures), f"most confident of {len(wrong)} mistakes", titles)


def _filters(pyplot: Any, session: LabelSession, found: Found, numbers: np.ndarray) -> Any:
    """The weights of the first convolution: in colour where it sees colours, else of each filter's strongest plane."""
    first = next((m for m in session.learner.best_net.modules() if isinstance(m, nn.Conv2d)), None)
    if first is None:
        return None
    weight = first.weight.detach().cpu().float()  # [out, C, h, w]
    if weight.shape[1] == 3:
        shown = weight.permute(0, 2, 3, 1)
        shown = (shown - shown.amin((1, 2, 3), keepdim=True)) / (
            shown.amax((1, 2, 3), keepdim=True) - shown.amin((1, 2, 3), keepdim=True)
        )
        return _grid(pyplot, list(shown.numpy()), "first filters")
    strongest = weight.abs().sum((2, 3)).argmax(1)
    shown = weight[torch.arange(len(weight)), strongest]
    titles = None if weight.shape[1] == 1 else [f"plane {int(k)}" for k in strongest]
    return _grid(pyplot, list(shown.numpy()), "first filters", titles)


def _features(pyplot: Any, session: LabelSession, found: Found, numbers: np.ndarray) -> Any:
    """What the first test example becomes after the first, a middle and the last convolution."""
    net = session.learner.best_net
    convs = [m for m in net.trunk.modules() if isinstance(m, nn.Conv2d)]
    if not convs:
        return None
    chosen = [convs[0], convs[len(convs) // 2], convs[-1]]
    maps: list[torch.Tensor] = []
    hooks = [m.register_forward_hook(lambda _m, _i, out: maps.append(out[0].detach().cpu().float())) for m in chosen]
    inputs = torch.from_numpy(session.examples.test.batch(numbers[:1])[0]).to(session.compute.device)
    net.eval()
    with torch.inference_mode():
        net(inputs)
    for hook in hooks:
        hook.remove()
    pictures = [channel.numpy() for out in maps for channel in out[:8]]
    return _grid(
        pyplot, pictures, "the first test example after the first, a middle and the last convolution", columns=8
    )


def _moves(pyplot: Any, session: LabelSession, found: Found, numbers: np.ndarray) -> Any:
    """Eight held-out positions: the network's probabilities in blue, the move that was played ringed in red."""
    logits, target = found["policy"]
    chosen = np.linspace(0, len(target) - 1, 8).astype(int)
    test: Any = session.examples.test
    stones = test.game.stones(test.states(numbers[chosen])[0])  # [8, size, size]
    size = stones.shape[1]
    figure, grid = pyplot.subplots(2, 4, figsize=(13, 7), layout="constrained")
    for axes, i, board in zip(grid.flat, chosen, stones, strict=True):
        p = logits[i].softmax(0)[:-1].view(size, size).numpy()
        axes.imshow(p, cmap="Blues", vmin=0, vmax=max(0.25, float(p.max())))
        for colour, face in ((1, "black"), (-1, "white")):
            y, x = np.nonzero(board == colour)
            axes.scatter(x, y, s=1600 / size, c=face, edgecolors="black", linewidths=0.6)
        move = int(target[i])
        if move < size * size:
            axes.scatter(
                [move % size], [move // size], s=2200 / size, facecolors="none", edgecolors="red", linewidths=1.6
            )
        axes.set_xticks([])
        axes.set_yticks([])
        played = float(logits[i].softmax(0)[move])
        axes.set_title(f"played {test.game.action_name(move)}: {played:.0%}", fontsize=9)
    figure.suptitle(f"{session.training.task}, {session.training.agent}: predicted moves (blue), played moves (red)")
    return figure


def _phases(pyplot: Any, session: LabelSession, found: Found, numbers: np.ndarray) -> Any:
    """Accuracy of the move and of the winner against the number of the move."""
    test: Any = session.examples.test
    _, ply = test.find(numbers)
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    edges = np.linspace(0, np.percentile(ply, 98), 13)
    for name, label in (("policy", "move predicted"), ("outcome", "winner predicted")):
        logits, target = found[name]
        right = (logits.argmax(1) == target).numpy()
        known = (target >= 0).numpy()
        rows = [known & (ply >= a) & (ply < b) for a, b in pairwise(edges)]
        shares = [100 * right[row].mean() if row.any() else np.nan for row in rows]
        axes.plot((edges[:-1] + edges[1:]) / 2, shares, "o-", label=label)
    axes.set_xlabel("moves played before")
    axes.set_ylabel("right answers, %")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    axes.set_title(f"{session.training.task}, {session.training.agent}")
    return figure


def _grid(
    pyplot: Any, pictures: list[np.ndarray], title: str, titles: list[str] | None = None, columns: int = 8
) -> Any:
    pictures = pictures[: max(_SHOWN, 3 * columns)]
    rows = (len(pictures) + columns - 1) // columns
    figure, grid = pyplot.subplots(
        rows,
        columns,
        figsize=(1.35 * columns, 1.35 * rows * (1.35 if titles else 1) + 0.5),
        layout="constrained",
        squeeze=False,
    )
    for axes in grid.flat:
        axes.axis("off")
    for i, (axes, picture) in enumerate(zip(grid.flat, pictures, strict=False)):
        grey = picture.ndim == 2 or picture.shape[2] == 1
        axes.imshow(picture[..., 0] if picture.ndim == 3 and grey else picture, cmap="gray" if grey else None)
        if titles:
            axes.set_title(titles[i], fontsize=7)
    figure.suptitle(title, fontsize=10)
    return figure
