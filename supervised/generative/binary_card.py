"""The card of a model of bits: nats on all test pictures, for a VAE and a Boltzmann machine with a better estimate."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from supervised.data.pictures import Bits
from supervised.data.source import Order
from supervised.generative import vae
from supervised.generative.ais import log_partition
from supervised.generative.densities import KINDS, ROUGHLY
from supervised.systems.study import Measured
from tengen.display import Counter
from tengen.statistics import bootstrap

_AIS = (100, 10_000)  # chains and temperatures for the card
_BOUNDED, _DRAWS = 500, 200  # importance sampling: pictures, and draws per picture


def measures(name: str, count: int) -> str:
    how = {"rbm": "; log Z by annealing through {1:,} temperatures", "vae": "; a tighter bound from {2} draws"}
    return f"nats of {count:,} pictures" + how.get(name, "").format(0, _AIS[1], _DRAWS)


def chosen(pictures: np.ndarray, most: int) -> np.ndarray:
    """At most `most` of the pictures, the same ones on every call."""
    return pictures[np.sort(Order(len(pictures), 1)(0, min(most, len(pictures))))]


def measured_on(data: Bits, nats: np.ndarray, model: Any, name: str) -> Measured:
    """The card's result, from the `nats` [N] of the test pictures."""
    kind, protocol, also = KINDS[name], f"{KINDS[name].protocol}; {data.about}, its test set", dict[str, float]()
    rng = np.random.default_rng(0)
    if name == "rbm":
        shown = Counter(_AIS[1], "temperatures")
        found = log_partition(model, *_AIS, rng, shown)
        shown.end()
        rough = log_partition(model, *ROUGHLY, np.random.default_rng(0)).log_z  # the log Z used in `nats`
        nats = nats - rough + found.log_z
        also = {"log Z": found.log_z, "log Z low": found.low, "log Z high": found.high}
        protocol += f"; {_AIS[0]} chains, {_AIS[1]:,} temperatures, interval of log Z three standard errors"
    elif name == "vae":
        some = torch.from_numpy(chosen(data.test, _BOUNDED)).to(model.mean.weight.device)
        likelihood = vae.log_likelihood(model, some, _DRAWS, rng, Counter(_DRAWS, "draws of the codes"))
        also = {"nats by importance sampling": -float(likelihood.mean())}
        protocol += f"; importance sampling: {_DRAWS} draws for each of {len(some)} pictures"
    interval = bootstrap(nats.tolist(), lambda values: values.mean(-1), rounds=500)
    count = f"{len(nats):,} pictures"
    return Measured(kind.metric, float(nats.mean()), interval, count, "lower", protocol, also, data.known)
