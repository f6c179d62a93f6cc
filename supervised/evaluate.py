"""Tests of what learned from labels, on held-out examples: the card, again for a run or for the zoo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

import torch

from supervised.catalogue import find_data_set, recipe
from supervised.kernels.playing import choose_playing, for_playing
from supervised.nets.headed import HeadedNet
from supervised.shipping import Put, as_shipped
from supervised.tasks import Examples, load_examples
from supervised.train import chosen_examples, predict, scores
from supervised.trunks import net_of_zoo
from tengen.card import save_card
from tengen.checkpoint import read_newest
from tengen.device import Compute, cores
from tengen.errors import UserError
from tengen.kinds import EvalOptions, Named, ShipOptions
from tengen.run import Run
from tengen.session import Report, Say
from tengen.statistics import wilson
from tengen.zoo import how_trained

if TYPE_CHECKING:
    from supervised.session import LabelSession

_MOST = 20_000  # held-out examples that the card of a zoo network is measured on


@dataclass(frozen=True)
class Trained:
    """How the network of a card was trained and is tested."""

    seed: int
    steps: int  # examples
    epochs: float
    minutes: float
    mirrored: bool = False  # the mean of the logits of a picture and of its mirror image counts


@dataclass(frozen=True)
class HeldOutCard:
    """How often a network is right on examples that it has not learned from."""

    task: str
    agent: str  # the network's name
    examples: int
    accuracy: float
    ci95: tuple[float, float]  # of the accuracy (Wilson 1927)
    loss: float  # cross-entropy
    top5: float
    other_heads: Mapping[str, float]  # reply_accuracy, outcome_accuracy …
    weights: int
    trained: Trained
    command: str

    def describe(self) -> str:
        low, high = self.ci95
        outcome = self.other_heads.get("outcome_accuracy")
        return (
            f"{self.task}, {self.agent}: accuracy {self.accuracy:.2%} [{low:.2%}, {high:.2%}] on {self.examples:,}"
            f" held-out examples (top 5 {self.top5:.2%}, loss {self.loss:.4f}"
            f"{f', winner {outcome:.1%}' if outcome is not None else ''}) after {self.trained.minutes:.1f} minutes"
        )

    def to_dict(self) -> dict[str, Any]:
        t = self.trained
        return {
            "kind": "labels",
            "task": self.task,
            "agent": self.agent,
            "protocol": "held-out",
            "examples": self.examples,
            "accuracy": self.accuracy,
            "ci95": list(self.ci95),
            "loss": self.loss,
            "top5": self.top5,
            **self.other_heads,
            "weights": self.weights,
            "seed": t.seed,
            "steps": t.steps,
            "epochs": t.epochs,
            "minutes": t.minutes,
            **({"mirrored": True} if t.mirrored else {}),
            "command": self.command,
        }


def score_card(
    task: str,
    agent: str,
    net: HeadedNet,
    examples: Examples,
    compute: Compute,
    trained: Trained,
    command: str,
    most: int,
) -> HeldOutCard:
    """The card of `net` on the held-out examples, `most` of them (0: all)."""
    main = next(iter(net.spec["heads"]))
    tested = chosen_examples(len(examples.test), most)
    sample = torch.from_numpy(examples.test.batch(tested[:64])[0])
    backend, _ = choose_playing(net, compute, sample)
    found = predict(for_playing(net, backend), examples.test, tested, backend, trained.mirrored)
    result = scores(found, main)
    count, accuracy = int(result.pop("examples")), result.pop("accuracy")
    return HeldOutCard(
        task=task,
        agent=agent,
        examples=count,
        accuracy=accuracy,
        ci95=wilson(accuracy, count),
        loss=result.pop("loss"),
        top5=result.pop("top5"),
        other_heads=result,
        weights=sum(p.numel() for p in net.parameters()),
        trained=trained,
        command=command,
    )


def examine(session: LabelSession, run: Run) -> HeldOutCard:
    """The card of a run's best network on the whole held-out set, kept in the run's `eval/`."""
    card = _card_of(session, run, session.learner.best_net, f"tengen eval {run.path}", session.settings.card_examples)
    save_card(run.path / "eval" / f"held-out-{session.learner.step}.json", card)
    return card


def _card_of(session: LabelSession, run: Run, net: HeadedNet, command: str, most: int) -> HeldOutCard:
    learner, config, rows = session.learner, session.label_config, run.rows()
    trained = Trained(
        seed=session.settings.seed,
        steps=learner.step,
        epochs=learner.step / len(session.examples.train),
        minutes=round(rows[-1]["seconds"] / 60, 2) if rows else 0.0,
        mirrored=config.test_mirrored,
    )
    return score_card(session.training.task, config.net, net, session.examples, session.compute, trained, command, most)


def restored(run: Run) -> LabelSession:
    """The session of `run` with the weights of its newest good checkpoint."""
    from supervised.session import session_of_run

    session = session_of_run(run, {})
    session.learner.load(read_newest(run.checkpoint_folder)[1])
    return session


def evaluate(named: Named, options: EvalOptions, say: Say) -> Report:
    """`tengen eval` of a network that learned from labels."""
    if options.against:
        raise UserError(f"--against is for runs of self-play; {named.name} is none")
    if named.run:
        run = Run.open(named.run)
        return Report([examine(restored(run), run)], [f"tengen plot {named.run}"])
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
    raise UserError(f"{named.name} learned from labels and plays no world; see tengen eval and tengen plot")


def ship(run: Run, name: str, options: ShipOptions, put: Put) -> None:
    """The best network of `run` for the zoo, with the card as it is shipped."""
    session = restored(run)
    net = as_shipped(session.learner.best_net)
    card = _card_of(session, run, net, f"tengen eval {name}", session.settings.card_examples or _MOST)
    put(net, card.to_dict() | how_trained(run))
