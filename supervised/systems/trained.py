"""Trained systems by name, for `tengen sample`, and adding them to the zoo."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file

from supervised.shipping import Put
from supervised.systems.catalogue import find_system
from supervised.systems.options import check_sample
from supervised.systems.session import SystemSession, session_of_run
from supervised.systems.study import Sample, SampleOptions, Say
from supervised.systems.system import System
from tengen.bounds import opened, weights_in, within
from tengen.checkpoint import DamagedCheckpoint, read_newest, taken_from
from tengen.errors import UserError, first_line
from tengen.kinds import Named, ShipOptions
from tengen.lookup import find
from tengen.run import Run
from tengen.session import restored as into
from tengen.zoo import how_trained, zoo_folder


class Shipped(NamedTuple):
    """What the zoo stores: like a network, it has a spec and weights."""

    spec: dict[str, Any]
    weights: dict[str, torch.Tensor]

    def state_dict(self) -> dict[str, torch.Tensor]:
        return self.weights


def sample(named: Named, options: SampleOptions, say: Say) -> Sample:
    """What the trained system `named` makes."""
    system, network, weights = trained(named)
    if not (system.model and system.sample):
        raise UserError(f"{named.name} is a {system.name}, which has nothing to sample; see tengen plot {named.name}")
    check_sample(system, options, named.name)
    try:
        with taken_from(named.name), within(weights_in(weights, named.name)):
            model = find(system.model)(network, weights)
    except DamagedCheckpoint as damage:
        raise UserError(str(damage)) from damage
    with torch.no_grad():
        made: Sample = find(system.sample)(model, options, say)
    return made


def trained(named: Named) -> tuple[System, dict[str, Any], dict[str, torch.Tensor]]:
    """(system, network, weights) of a run's newest good checkpoint, or of an entry of the zoo."""
    system = find_system(named.task, named.agent)
    if named.run:
        _, tree = read_newest(Run.open(named.run).checkpoint_folder)
        if not {"network", "weights"} <= tree.keys():
            raise UserError(f"the checkpoint of {named.run} holds no network; start the run again")
        return system, tree["network"], tree["weights"]
    network, weights = _of_zoo(zoo_folder() / named.name)
    return system, network, weights


def _of_zoo(folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    try:
        network = json.loads((folder / "network.json").read_text())
        weights = load_file(folder / "weights.safetensors")
    except Exception as error:  # safetensors and JSON each raise their own kinds
        raise UserError(f"the network in {folder} is damaged ({first_line(error)}); copy it again") from error
    return network, {name: value.float() for name, value in weights.items()}


def restored(run: Run) -> SystemSession:
    """The session of `run` in the state of its newest good checkpoint."""
    with opened(run.checkpoint_folder):
        session = session_of_run(run, {})
    into(run, session)
    return session


def session_of_zoo(named: Named, data: str) -> SystemSession:
    """The session that trained an entry of the zoo, with its weights; `data` as `--data` says."""
    system, network, weights = trained(named)
    training = system.training(named.task)
    known = asdict(training.config)
    saved = {name: value for name, value in named.card.get("config", {}).items() if name in known}
    settings = replace(training.settings, data=data, seed=named.card.get("seed", 1))
    session = SystemSession(replace(training, settings=settings, config=replace(training.config, **saved)))
    if session.learner.state()["network"] != network:
        raise UserError(
            f"{named.name} was trained on other data ({named.card['protocol'].split(':')[0]}): name them with --data"
        )
    adopt(session, weights)
    return session


def adopt(session: SystemSession, weights: dict[str, torch.Tensor]) -> None:
    """Put trained weights into a new session."""
    take = getattr(session.learner, "adopt", None)
    if take is None:
        raise UserError(f"{session.training.agent} cannot be measured without its run")
    take(weights)


def ship(run: Run, name: str, options: ShipOptions, put: Put) -> None:
    """The model of `run` for the zoo, in bfloat16, with the card as it is shipped."""
    session = restored(run)
    tree = session.learner.state()
    weights = {key: value.to(torch.bfloat16).to(value.dtype) for key, value in tree["weights"].items()}
    adopt(session, weights)
    rows = run.rows()
    card = session.card(f"tengen eval {name}", round(rows[-1]["seconds"] / 60, 2) if rows else 0.0)
    count = sum(value.numel() for value in weights.values())
    about = card.to_dict() | {"weights": count, "config": asdict(session.training.config)} | how_trained(run)
    put(Shipped(tree["network"], weights), about)
