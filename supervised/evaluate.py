"""`tengen eval` of networks trained on labels: a run or a zoo network; and adding one to the zoo."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from supervised.catalogue import find_data_set, recipe
from supervised.held_out import HeldOutCard, Trained, score_card
from supervised.session import LabelSession, session_of_run
from supervised.shipping import Put, as_shipped
from supervised.tasks import load_examples
from supervised.trained import net_of_zoo
from tengen.bounds import opened
from tengen.device import Compute, cores
from tengen.errors import UserError
from tengen.kinds import EvalOptions, Named, ShipOptions
from tengen.run import Run
from tengen.session import Report, Say
from tengen.session import restored as into
from tengen.zoo import how_trained

_MOST = 20_000  # held-out examples that the card of a zoo network is measured on


def restored(run: Run) -> LabelSession:
    """The session of `run` with the weights of its newest good checkpoint."""
    with opened(run.checkpoint_folder):
        session = session_of_run(run, {})
    into(run, session)
    return session


def evaluate(named: Named, options: EvalOptions, say: Say) -> Report:
    """`tengen eval` of a network that learned from labels."""
    if options.against:
        raise UserError(f"--against is for runs of self-play; {named.name} is not one")
    if named.run:
        run = Run.open(named.run)
        card = restored(run).finish(run)
        return Report([card], [f"tengen plot {named.run}"])
    return Report([_examine_zoo(named, options)])


def _examine_zoo(named: Named, options: EvalOptions) -> HeldOutCard:
    """A zoo network measured again, on the held-out examples of `--data` or `--records`."""
    card, task = named.card, named.task
    data_set = find_data_set(task)
    if data_set is not None and data_set.needs and not options.records:
        how = f"tengen eval {named.name} {data_set.needs} FOLDER_OR_ARCHIVE_OF_SGF"
        raise UserError(f"{named.name} is tested on game records: {how}")
    net = net_of_zoo(named.name)
    preset = recipe(task)
    settings = replace(preset.settings, data=options.data, records=options.records)
    examples = load_examples(task, settings, replace(preset.config, net=named.agent, augment="none"))
    takes, gives = list(net.spec["trunk"]["input_shape"]), list(examples.test.input_shape)
    if gives != takes:
        raise UserError(f"{named.name} expects inputs {takes}, these are {tuple(gives)}")
    compute = Compute(threads=cores())
    compute.start()
    compute.place(net)
    trained = Trained(
        seed=card.get("seed", 0),
        steps=card.get("steps", 0),
        epochs=card.get("epochs", 0.0),
        minutes=card.get("minutes", 0.0),
        mirrored=card.get("mirrored", False),
    )
    command = f"tengen eval {named.name}"
    return score_card(task, named.agent, net, examples, compute, trained, command, settings.card_examples)


def no_film(named: Named, seed: int) -> NoReturn:
    raise UserError(f"{named.name} learned from labels and has no game to play; see tengen eval and tengen plot")


def ship(run: Run, name: str, options: ShipOptions, put: Put) -> None:
    """The best network of `run` for the zoo, with the card as it is shipped."""
    session = restored(run)
    net = as_shipped(session.learner.best_net)
    card = session.card(net, run, f"tengen eval {name}", session.settings.card_examples or _MOST)
    put(net, card.to_dict() | how_trained(run))
