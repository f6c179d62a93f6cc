"""Pictures of what a character model has learned: where it is surprised, its cells or heads, its alphabet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.data.text import Corpus
from supervised.sequence.gpt import Block, attention_weights
from supervised.sequence.text.held_out import losses
from supervised.sequence.text.networks import Net
from supervised.sequence.text.recurrent import RecurrentText
from supervised.sequence.text.transformer import GPTText
from tengen.device import Compute
from tengen.figures import pyplot, write

_PASSAGE, _LINE = 600, 60  # characters shown, and in a line
_ATTENDED = 48  # characters of the picture of attention


def draw(net: nn.Module, text: Corpus, compute: Compute, folder: Path) -> list[Path]:
    """surprise.png, alphabet.png, and cells.png (recurrent) or attention.png (GPT)."""
    assert isinstance(net, Net)
    passage = text.held_out(_PASSAGE + 1)
    found = [_surprise(net, text, passage, compute, folder / "surprise.png")]
    found.append(_alphabet(net, text, folder / "alphabet.png"))
    if isinstance(net, GPTText):
        found.append(_attention(net, text, passage[:_ATTENDED], folder / "attention.png"))
    else:
        found.append(_cells(net, text, passage, folder / "cells.png"))
    return found


def _surprise(net: Net, text: Corpus, passage: np.ndarray, compute: Compute, out: Path) -> Path:
    """The passage with each character's -log p as colour."""
    surprise = losses(net, passage, compute)
    figure, axes = pyplot().subplots(figsize=(12, 0.3 * _rows(len(surprise)) + 1), layout="constrained")
    shown = _coloured(axes, text, passage[1:], surprise, "Reds", 0, 5)
    axes.set_title("where the network is surprised, on text that it has not seen")
    figure.colorbar(shown, ax=axes, label="nats")
    write(figure, out)
    return out


def _cells(net: RecurrentText, text: Corpus, passage: np.ndarray, out: Path) -> Path:
    """The passage coloured by four units of the last layer: those that change least often, and least at random."""
    h, _ = net.read(torch.from_numpy(passage[None, :-1]).to(net.head.weight.device), net.start(1))
    units = h[0].float().cpu().numpy()  # [T, H]
    # a unit that counts or remembers stays where it is from one character to the next, and yet covers its range
    steady = np.abs(np.diff(units, axis=0)).mean(0) / (units.std(0) + 1e-3)
    chosen = np.argsort(steady)[:4]
    rows = _rows(len(units))
    figure, all_axes = pyplot().subplots(len(chosen), figsize=(12, len(chosen) * (0.3 * rows + 0.5)))
    figure.set_layout_engine("constrained")
    for axes, unit in zip(np.atleast_1d(all_axes), chosen, strict=True):
        _coloured(axes, text, passage[:-1], units[:, unit], "coolwarm", -1, 1)
        axes.set_title(f"unit {unit} after each character", fontsize=9)
    write(figure, out)
    return out


def _attention(net: GPTText, text: Corpus, passage: np.ndarray, out: Path) -> Path:
    """A map a head: which characters (columns) each character (row) reads."""
    maps: list[np.ndarray] = []

    def look(block: nn.Module, inputs: tuple[Any, ...]) -> None:
        assert isinstance(block, Block)
        x = inputs[0]
        q, k, _ = block.qkv(block.norm1(x)).view(1, x.shape[1], 3, block.heads, -1).permute(2, 0, 3, 1, 4)
        maps.append(attention_weights(q, k)[0].float().cpu().numpy())  # [h, T, T]

    hooks = [block.register_forward_pre_hook(look) for block in net.body.blocks]
    passage = passage[: net.context]
    net(torch.from_numpy(passage[None]).to(net.embedding.weight.device), net.start(1))
    for hook in hooks:
        hook.remove()
    layers, heads = len(maps), len(maps[0])
    figure, grid = pyplot().subplots(layers, heads, figsize=(3.4 * heads, 3.4 * layers), squeeze=False)
    figure.set_layout_engine("constrained")
    labels = [_label(text, token) for token in passage]
    for layer, row in enumerate(grid):
        for head, axes in enumerate(row):
            axes.imshow(maps[layer][head], cmap="Blues", vmin=0, vmax=1)
            axes.set_title(f"block {layer + 1}, head {head + 1}", fontsize=8)
            axes.set_xticks(range(len(labels)), labels, fontsize=4, family="monospace")
            axes.set_yticks(range(len(labels)), labels, fontsize=4, family="monospace")
    write(figure, out)
    return out


def _alphabet(net: Net, text: Corpus, out: Path) -> Path:
    """The characters' vectors on their two main axes: letters that are used alike lie together."""
    vectors = net.embedding.weight.detach().float().cpu().numpy()  # [V, W]
    centred = vectors - vectors.mean(0)
    _, _, axes_of = np.linalg.svd(centred, full_matrices=False)
    at = centred @ axes_of[:2].T  # [V, 2], or [V, 1] of an alphabet of one
    at = np.pad(at, ((0, 0), (0, 2 - at.shape[1])))
    figure, axes = pyplot().subplots(figsize=(8, 7), layout="constrained")
    axes.scatter(at[:, 0], at[:, 1], s=4, color="#cccccc")
    for (x, y), token in zip(at, range(len(at)), strict=True):
        axes.text(x, y, _label(text, token), fontsize=11, ha="center", va="center", family="monospace")
    axes.set_title("the characters' vectors, on their two main axes")
    write(figure, out)
    return out


def _coloured(
    axes: Any, text: Corpus, tokens: np.ndarray, values: np.ndarray, cmap: str, low: float, high: float
) -> Any:
    """The text in lines of equal length, a cell a character."""
    rows = _rows(len(tokens))
    colours = np.full(rows * _LINE, np.nan)
    colours[: len(values)] = values
    shown = axes.imshow(colours.reshape(rows, _LINE), cmap=cmap, vmin=low, vmax=high, aspect="auto")
    for i, token in enumerate(tokens):
        axes.text(i % _LINE, i // _LINE, _label(text, token), ha="center", va="center", fontsize=8, family="monospace")
    axes.set_axis_off()
    return shown


def _rows(characters: int) -> int:
    return -(-characters // _LINE)


def _label(text: Corpus, token: int) -> str:
    """A character as it is drawn: what cannot be seen as a sign for it, `$` escaped for matplotlib."""
    byte = text.alphabet.known[int(token)]
    signs = {10: "↵", 32: "␣", 9: "⇥", 36: r"\$"}
    shown = 32 < byte < 127 or (byte > 160 and text.alphabet.encoding == "latin-1")
    return signs.get(byte, chr(byte) if shown else f"{byte:02x}")
