"""Show what a sentence classifier has learned: the class of a sentence, and the words that decided it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from supervised.data.sentences import encode, words_of
from supervised.nets.headed import HeadedNet, build, load_weights
from supervised.systems.study import Sample, SampleOptions, Say
from tengen.errors import UserError
from tengen.figures import COLOURS, pyplot, write

_SHOWN = 6  # sentences in the picture


class Classifier(NamedTuple):
    net: HeadedNet
    words: list[str]
    classes: list[str]


def model(network: dict[str, Any], weights: dict[str, torch.Tensor]) -> Classifier:
    if len(network["words"]) != network["trunk"]["words"]:
        raise UserError("the network's description is damaged: its words do not match its vectors")
    net = build({"trunk": network["trunk"], "heads": network["heads"]})
    load_weights(net, weights, "the checkpoint")
    return Classifier(net.eval(), network["words"], network["classes"])


def explain(known: Classifier, text: str) -> tuple[np.ndarray, list[str], np.ndarray]:
    """(probabilities [K], the words, the drop in the top class's log-odds without each word [L]).

    A word is removed by setting its vector to 0; positive values mean that the word supports the answer.
    """
    words = words_of(text)
    if not words:
        raise UserError("a sentence needs a word: --prompt 'a warm , funny film'")
    numbers = torch.from_numpy(encode(text, {word: i for i, word in enumerate(known.words) if i > 1}))
    without = torch.where(torch.eye(len(numbers), dtype=torch.bool), 0, numbers)  # [L, L]: row i lacks word i
    device = next(known.net.parameters()).device
    with torch.inference_mode():
        logits = known.net(torch.cat([numbers[None], without]).to(device))["classes"].float().cpu()
    p = logits.softmax(1).clamp(1e-7, 1 - 1e-7)
    odds = torch.logit(p[:, p[0].argmax()])
    return p[0].numpy(), words, (odds[0] - odds[1:]).numpy()


def sample(known: Classifier, options: SampleOptions, say: Say) -> Sample:
    """Classify the prompt, one sentence per line: the class, its probability, and the words that supported it."""
    prompt = options.prompt or "a warm , funny film with a great cast"
    made = []
    for line in filter(str.strip, prompt.splitlines()):
        p, words, weight = explain(known, line)
        unknown = sorted({word for word in words if word not in known.words})
        if unknown:
            say(f"words not seen in training: {', '.join(unknown)}")
        order = [i for i in np.argsort(-weight)[:3] if weight[i] > 0]
        because = f"  because of: {', '.join(words[i] for i in order)}" if order else ""
        made.append(f"{known.classes[int(p.argmax())]} {p.max():.1%}  {line}{because}")
    if not made:
        raise UserError("which sentence? --prompt 'a warm , funny film'")
    return Sample("\n".join(made))


def pictures(known: Classifier, texts: Sequence[str], folder: Path) -> list[Path]:
    """words.png: for some held-out sentences, how much each word supported the answer."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [text for text in texts if 4 <= len(words_of(text)) <= 25][:_SHOWN]
    if not chosen:
        return []
    figure, axes = pyplot().subplots(len(chosen), 1, figsize=(11, 1.9 * len(chosen)), squeeze=False)
    for ax, text in zip(axes[:, 0], chosen, strict=True):
        p, words, weight = explain(known, text)
        ax.bar(range(len(words)), weight, color=[COLOURS[0] if w > 0 else COLOURS[1] for w in weight])
        ax.set_xticks(range(len(words)), words, rotation=35, ha="right", fontsize=7)
        ax.set_ylabel(f"{known.classes[int(p.argmax())]} {p.max():.0%}", fontsize=8)
    figure.suptitle("what the log-odds of the answer lose without the word")
    figure.tight_layout()
    write(figure, folder / "words.png")
    return [folder / "words.png"]
