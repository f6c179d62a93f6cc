"""Training a translator: teacher forcing with cross-entropy, then BLEU with beam search."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from supervised.data.known import fingerprint, known_set
from supervised.sequence.translation import data, show
from supervised.sequence.translation.batches import Batches
from supervised.sequence.translation.bleu import bleu
from supervised.sequence.translation.config import Config
from supervised.sequence.translation.loss import cross_entropy, trial
from supervised.sequence.translation.pieces import PAD, Pieces
from supervised.sequence.translation.translate import Translator
from supervised.systems.gradient import GradientStudy, Metrics, Parts
from supervised.systems.precision import quickest
from supervised.systems.study import Measured, Setup
from tengen.display import Counter, Words
from tengen.seeding import Seeds

WORDS = Words("gradient steps", "test/bleu", "BLEU (greedy)", ("learning", "testing"), ("loss", "test/loss"))
_PIECES_AT_MOST = 100  # longer training sentences are left out
_TESTED = 200  # sentences translated in each test during training


def study(setup: Setup) -> GradientStudy:
    config: Config = setup.config
    pairs = data.read(setup.settings.data, config.source, config.target, setup.say)
    source = Pieces.learn((a for a, _ in pairs.train), config.pieces)
    target = Pieces.learn((b for _, b in pairs.train), config.pieces)
    network = {
        "net": config.net,
        "languages": [config.source, config.target],
        "source": source.to_json(),
        "target": target.to_json(),
        "options": options(config),
        "beam": config.beam,
        "length_penalty": config.length_penalty,
    }
    torch.manual_seed(setup.seeds.integer("network"))
    translator = Translator(network)
    train, val = (
        [(a, b) for a, b in ((source.encode(x), target.encode(y)) for x, y in part) if a and b]
        for part in (pairs.train, pairs.val)
    )
    learned = Batches([p for p in train if max(map(len, p)) <= _PIECES_AT_MOST], config.batch_tokens, setup.seeds)
    compute, measured = setup.compute, dict[str, float]()
    if compute is None:
        compute, measured = quickest(setup.settings, partial(trial, network, learned.largest(), config))
    held_out = Batches(val, config.batch_tokens, Seeds(0))

    def loss(model: nn.Module, rng: np.random.Generator, step: int) -> tuple[torch.Tensor, Metrics]:
        batch = learned[step]
        value, nats = cross_entropy(model, batch, compute, config.label_smoothing)
        return value, {
            "nats": nats,
            "epoch": step / len(learned),
            "padding": (batch.after == PAD).float().mean().item(),
        }

    def test(model: nn.Module) -> Metrics:
        texts = pairs.val[:_TESTED]
        made = translator_of(model).translate([text for text, _ in texts], 1, 1.0)
        pieces, total = 0, 0.0
        for number in range(len(held_out)):
            count = int((held_out[number].after != PAD).sum())
            total += cross_entropy(model, held_out[number], compute, 0.0)[1] * count
            pieces += count
        return {"bleu": bleu(made, [text for _, text in texts])[0], "loss": total / pieces}

    def translator_of(model: nn.Module) -> Translator:
        translator.net = model
        return translator

    def measure(model: nn.Module) -> Measured:
        shown = Counter(len(pairs.test), "sentences")
        made = translator_of(model).translate([a for a, _ in pairs.test], config.beam, config.length_penalty, shown)
        shown.end()
        score, interval, signature = bleu(made, [b for _, b in pairs.test], rounds=1000)
        return Measured(
            metric="BLEU",
            value=score,
            ci95=interval,
            measured_on=f"{len(pairs.test):,} {pairs.unit}",
            better="higher",
            protocol=f"{pairs.test_name}, {config.source} to {config.target}, lower-cased, beam {config.beam},"
            f" sacreBLEU {signature}",
            also={"example": f"{pairs.test[0][0]} -> {made[0]}"},
            data_set=known_set("\n".join(line for pair in pairs.test for line in pair).encode()),
        )

    words = sum(len(b) for _, b in train) / max(1, len(train))
    about = [
        f"{pairs.about}; {len(source):,} and {len(target):,} pieces, {words:.1f} a sentence",
        f"an epoch is {len(learned):,} gradient steps",
    ]
    parts = Parts(
        network=network,
        model=translator.net,
        loss=loss,
        test=test,
        measure=measure,
        score=lambda found: found["bleu"],
        words=WORDS,
        about=about,
        test_cost=9,
        measures=f"BLEU of {len(pairs.test):,} {pairs.unit}, beam {config.beam}",
        pictures=lambda model, folder: show.pictures(translator_of(model), [a for a, _ in pairs.test[:12]], folder),
        fingerprint=fingerprint(*("\n".join(map("\n".join, part)).encode() for part in pairs[:3])),
    )
    return GradientStudy(parts, setup, compute, measured)


def options(config: Config) -> dict[str, Any]:
    """Arguments for the network's class."""
    if config.net == "transformer":
        names: tuple[str, ...] = ("width", "layers", "heads", "feed_forward", "dropout", "impl")
    else:
        names = ("width", "embedding", "dropout", "impl") + (("layers",) if config.net == "seq2seq" else ())
    return {name: getattr(config, name) for name in names}
