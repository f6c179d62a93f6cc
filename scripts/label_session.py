"""What training with labels is made of: examples, network, learner, built from a task's settings."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scripts.label_tasks import Examples, load_examples
from scripts.recipes import IMAGE_TASKS, go_board, label_recipe
from scripts.sessions import fastest, saved_config
from supervised.config import Config
from supervised.kernels.learning import for_learning
from supervised.kernels.playing import choose_playing, for_playing
from supervised.nets.airbench import Airbench
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import HeadedNet, Spec, build
from supervised.settings import LabelSettings
from supervised.train import LabelLearner, chosen_examples, predict, scores
from supervised.trunks import describe_trunk, given_trunk, hand_over
from tengen.config import from_dict
from tengen.device import Compute, cores
from tengen.display import LABEL_WORDS, Display
from tengen.errors import UserError
from tengen.files import write_json
from tengen.run import Run, Trainer
from tengen.seeding import Seeds
from tengen.statistics import wilson

_WHITENED = 5000  # pictures whose patches the stem of airbench is made from


class LabelSession:
    """Built from its settings; the same for a new and a resumed run."""

    frames_per_step = 1

    def __init__(
        self,
        task: str,
        settings: LabelSettings,
        config: Config,
        compute: Compute | None = None,
        *,
        saved: Spec | None = None,
        runs: Path = Path("runs"),
    ) -> None:
        """`compute` None, in a new run, measures the fastest way here; `saved` is the network of a resumed run."""
        self.task, self.who, self.settings, self.label_config = task, config.net, settings, config
        self.seeds = Seeds(settings.seed)
        trunk_spec(config.net, (1, 1, 1), dropout=config.dropout)  # a wrong name is said before anything is downloaded
        self.examples = load_examples(task, settings, config, lambda text: print(text, flush=True))
        train = self.examples.train
        given = given_trunk(settings, runs, train.input_shape) if saved is None else None
        spec = saved or self._spec(given)
        new = compute is None
        self.measured: dict[str, float] = {}
        if compute is None:
            batch = torch.from_numpy(train.batch(np.arange(config.batch) % len(train))[0])
            compute, self.measured = fastest(settings, spec, batch)
        self.compute = compute
        compute.start()
        net = build(spec, self.seeds.integer("network"))
        if given:
            hand_over(given, net, settings.keep_heads)
        elif new and hasattr(net.trunk, "normalise"):
            mean, deviation = train.statistics()  # type: ignore[attr-defined]
            net.trunk.normalise.calibrate(torch.from_numpy(mean), torch.from_numpy(deviation))  # type: ignore[union-attr,operator]
            if isinstance(net.trunk, Airbench):
                net.trunk.whiten(torch.from_numpy(train.batch(np.arange(min(len(train), _WHITENED)))[0]))
        if config.impl == "scratch":
            from supervised.scratch.convert import from_scratch

            from_scratch(net)
        for_learning(net, compute)
        self.learner: LabelLearner = LabelLearner(
            config,
            train,
            self.examples.test,
            net,
            compute,
            self.seeds,
            test_every=settings.test_every,
            test_examples=settings.test_examples,
            freeze_trunk=settings.freeze_trunk,
        )

    def _spec(self, given: HeadedNet | None) -> Spec:
        if given is not None:
            return {"trunk": given.spec["trunk"], "heads": self.examples.heads}
        trunk = trunk_spec(self.label_config.net, self.examples.train.input_shape, dropout=self.label_config.dropout)
        return {"trunk": trunk | self.examples.trunk, "heads": self.examples.heads}

    @classmethod
    def of_run(cls, run: Run) -> LabelSession:
        with saved_config(run) as saved:
            task = saved["task"]
            if task not in IMAGE_TASKS and not go_board(task):
                raise UserError(f"task '{task}' is not known to this version")
            settings, config = from_dict(LabelSettings, saved["settings"]), from_dict(Config, saved["config"])
            compute, network = from_dict(Compute, saved["compute"]), saved["network"]
        return cls(task, settings, config, compute, saved=network)

    def config(self) -> dict[str, Any]:
        return {
            "kind": "labels",
            "task": self.task,
            "agent": self.who,
            "steps": self.learner.total_steps,
            "settings": asdict(self.settings),
            "config": asdict(self.label_config),
            "compute": self.compute.to_dict(),
            "network": self.learner.net.spec,
        }

    def attach(self, run: Run, writing: bool = True) -> None:
        pass

    def remarks(self) -> list[str]:
        count = sum(p.numel() for p in self.learner.net.parameters())
        lines = [self.examples.about, f"network {self.who}, {count:,} weights; computing on {self.compute}"]
        if self.settings.trunk:
            lines.append(describe_trunk(self.settings, self.learner.net))
        return lines

    def trainer(self) -> Trainer:
        return self.learner

    def display(self, name: str) -> Display:
        return Display(name, self.learner.total_steps, LABEL_WORDS)

    def finish(self, run: Run, say: Any) -> dict[str, Any] | None:
        from scripts.pictures import draw_pictures
        from scripts.plot import plot

        card: dict[str, Any] | None = None
        try:
            card, found = examine(self, run)
            print(describe(card))
            plot([run.path], run.path / "curve.png")
            tested = chosen_examples(len(self.examples.test), self.settings.card_examples)
            files = draw_pictures(self, found, run.path / "pictures", tested)
            print("wrote " + ", ".join(str(f) for f in [run.path / "curve.png", *files]))
        except (UserError, OSError) as error:
            say(f"the run is complete, but not all of its score card and pictures: {error}")
        return card

    def type_next(self, run: Run) -> list[str]:
        return [f"tengen plot {run.path}", f"tengen eval {run.path}", f"tengen train {self.task} --trunk {run.path}"]

    def close(self) -> None:
        pass


Found = dict[str, tuple[torch.Tensor, torch.Tensor]]


def examine(session: LabelSession, run: Run) -> tuple[dict[str, Any], Found]:
    """The score card on the whole held-out set, kept in the run's `eval/`, and what it was made from."""
    learner, most = session.learner, session.settings.card_examples
    more = training_facts(session, run) | {"command": f"tengen eval {run.path}"}
    card, found = score_card(session.task, session.who, learner.best_net, session.examples, session.compute, more, most)
    write_json(run.path / "eval" / f"held-out-{learner.step}.json", card)
    return card, found


def training_facts(session: LabelSession, run: Run) -> dict[str, Any]:
    """How the network of `run` was trained and is tested, for its card."""
    rows = run.rows()
    return {
        "seed": session.settings.seed,
        "steps": session.learner.step,
        "epochs": session.learner.step / len(session.examples.train),
        "minutes": round(rows[-1]["seconds"] / 60, 2) if rows else 0.0,
        **({"mirrored": True} if session.label_config.test_mirrored else {}),
    }


def score_card(
    task: str, who: str, net: HeadedNet, examples: Examples, compute: Compute, more: dict[str, Any], most: int = 0
) -> tuple[dict[str, Any], Found]:
    """The card of `net` on the held-out examples (`most` of them); `more` says how it was trained.

    With `mirrored` in `more` the answers to each picture and to its mirror image are averaged.
    """
    main = next(iter(net.spec["heads"]))
    tested = chosen_examples(len(examples.test), most)
    sample = torch.from_numpy(examples.test.batch(tested[:64])[0])
    way, _ = choose_playing(net, compute, sample)
    found = predict(for_playing(net, way), examples.test, tested, way, more.get("mirrored", False))
    result = scores(found, main)
    card = {
        "kind": "labels",
        "task": task,
        "agent": who,
        "protocol": "held-out",
        "examples": result["examples"],
        "accuracy": result["accuracy"],
        "ci95": list(wilson(result["accuracy"], int(result["examples"]))),
        **{k: v for k, v in result.items() if k not in ("accuracy", "examples")},
        "weights": sum(p.numel() for p in net.parameters()),
        **more,
    }
    return card, found


def examine_zoo(name: str, card: dict[str, Any], net: HeadedNet, data: str, games: str) -> dict[str, Any]:
    """The card of a zoo network, measured again on the held-out examples of `data` or `games`."""
    task = card["task"]
    if go_board(task) and not games:
        raise UserError(f"{name} is tested on game records: tengen eval {name} --games FOLDER_OR_ARCHIVE_OF_SGF")
    settings, config = label_recipe(task)
    settings = replace(settings, data=data, games=games)
    config = replace(config, net=card["agent"], augment="none")
    examples = load_examples(task, settings, config, lambda text: print(text, flush=True))
    if list(examples.test.input_shape) != net.spec["trunk"]["input_shape"]:
        raise UserError(
            f"{name} expects inputs {net.spec['trunk']['input_shape']}, these are {examples.test.input_shape}"
        )
    compute = Compute(threads=cores())
    compute.start()
    compute.place(net)
    kept = {k: card[k] for k in ("seed", "steps", "epochs", "minutes", "mirrored") if k in card}
    more = kept | {"command": f"tengen eval {name}"}
    return score_card(task, card["agent"], net, examples, compute, more, settings.card_examples)[0]


def describe(card: dict[str, Any]) -> str:
    """The card in one line."""
    low, high = card["ci95"]
    outcome = f", winner {card['outcome_accuracy']:.1%}" if "outcome_accuracy" in card else ""
    return (
        f"accuracy {card['accuracy']:.2%} [{low:.2%}, {high:.2%}] on {card['examples']:,} held-out examples"
        f" (top 5 {card['top5']:.2%}, loss {card['loss']:.4f}{outcome}) after {card['minutes']:.1f} minutes"
    )
