"""`tengen train` and `tengen resume`: put world, network, agent, run and sinks together and drive them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.learner import Learner
from envs.vector import Journal, VecEnv, screen_statistics
from envs.worlds import World, find_world, make_world
from scripts.recipes import AGENTS, Recipe, Settings
from supervised.nets.headed import Spec, build
from tengen.checkpoint import Tree, checkpoints, differences, read_checkpoint
from tengen.config import from_dict
from tengen.device import Compute, choose
from tengen.display import Display
from tengen.errors import UserError
from tengen.metrics import Sink, Tick
from tengen.run import Run, drive, metadata, run_name, same_metrics
from tengen.seeding import Seeds
from tengen.wandb_sink import WandbSink


def learner_class(agent: str) -> tuple[type[Any], Any]:
    """(the agent's class, the function that says which heads it needs)."""
    module = importlib.import_module(f"agents.{agent}.train")
    return getattr(
        module, {"ppo": "PPO", "pqn": "PQN", "dqn": "DQN", "reinforce": "Reinforce"}[agent]
    ), module.network_heads


class Session:
    """Everything that a training is made of, built from its recipe; the same for a new and a resumed run."""

    def __init__(self, world: World, recipe: Recipe, compute: Compute | None = None) -> None:
        """`compute` None, in a new run, measures the fastest way on this machine and the mean screen."""
        self.world, self.recipe = world, recipe
        settings, config = recipe.settings, recipe.config
        self.seeds = Seeds(settings.seed)
        make_learner, heads_of = learner_class(recipe.agent)
        env = training_world(world, config.games, settings)
        spec = network_spec(env, config, heads_of)
        self.measured: dict[str, float] = {}
        new = compute is None
        if compute is None:
            batch = torch.from_numpy(np.zeros((getattr(config, "minibatch", 256), *env.obs_shape), env.obs_dtype))
            compute, self.measured = choose(
                lambda: build(spec, 0),
                batch,
                device=settings.device,
                threads=settings.threads,
                precision=settings.precision,
            )
        self.compute = compute
        compute.start()
        torch.manual_seed(settings.seed)
        net = build(spec, self.seeds.integer("network"))
        if new and spec["trunk"].get("centre"):
            mean, deviation = screen_statistics(env, self.seeds.integer("screens"))
            net.trunk.scale.calibrate(torch.from_numpy(mean), deviation)  # type: ignore[union-attr,operator]
        compute.place(net)
        self.env = Journal(env, self.seeds, settings.reseed_every)
        self.learner: Learner = make_learner(config, self.env, net, compute, self.seeds, settings.steps)

    @classmethod
    def of_run(cls, run: Run) -> Session:
        """The session that `run`'s config.yaml describes, in its initial state."""
        saved = run.config()
        try:
            world = find_world(saved["task"])
            settings = from_dict(Settings, saved["settings"])
            if saved["agent"] not in AGENTS:
                raise UserError(f"agent '{saved['agent']}' is not known to this version")
            config = from_dict(AGENTS[saved["agent"]].Config, saved["config"])
            recipe, compute = Recipe(saved["agent"], settings, config), from_dict(Compute, saved["compute"])
        except (KeyError, TypeError) as error:
            raise UserError(f"{run.path / 'config.yaml'} lacks or garbles {error}") from error
        return cls(world, recipe, compute)

    def new_run(self, root: Path) -> Run:
        recipe = self.recipe
        config = {
            "task": self.world.name,
            "agent": recipe.agent,
            "settings": asdict(recipe.settings),
            "config": asdict(recipe.config),
            "compute": self.compute.to_dict(),
        }
        meta = metadata(self.compute.to_dict(), self.measured)
        return Run.create(root, run_name(self.world.name, recipe.agent, recipe.settings.seed), config, meta)

    def attach(self, run: Run, writing: bool = True) -> None:
        """Tell an agent with a large replay where its segments lie; `writing` False leaves the run as it is."""
        if hasattr(self.learner, "replay_folder"):
            self.learner.replay_folder = run.checkpoint_folder / "replay"
            self.learner.replay_writing = writing  # type: ignore[attr-defined]

    def remarks(self) -> list[str]:
        """What the user should know before the training starts."""
        c = self.compute
        layout = ", channels-last" if c.channels_last else ""
        lines = [f"computing on {c.device}, {c.threads} threads, {c.precision}{layout}"]
        return lines + (self.learner.remarks() if hasattr(self.learner, "remarks") else [])

    def close(self) -> None:
        self.env.close()


class UntilTarget:
    """A trainer that also ends when the recent score reaches `target` over at least 20 games."""

    def __init__(self, learner: Learner, target: float) -> None:
        self._learner, self._target = learner, target

    @property
    def step(self) -> int:
        return self._learner.step

    def ticks(self) -> Iterator[Tick]:
        for tick in self._learner.ticks():
            yield tick
            if tick.metrics["episodes"] >= 20 and tick.metrics["score"] >= self._target:
                return

    def state(self) -> Tree:
        return self._learner.state()

    def load(self, tree: Tree) -> None:
        self._learner.load(tree)


def train_new(world: World, recipe: Recipe, root: Path) -> int:
    """Start a run and train it to its end."""
    settings = recipe.settings
    print(f"{world.name}: {recipe.agent}, {settings.steps:,} steps, seed {settings.seed}; setting up …", flush=True)
    session = Session(world, recipe)
    run = session.new_run(root)
    for line in session.remarks():
        print(line)
        run.log(line)
    return _drive(session, run)


def resume(run: Run | Path) -> int:
    """Go on with a run from its newest good checkpoint."""
    run = Run.open(run) if isinstance(run, Path) else run
    run.lock()
    session = Session.of_run(run)
    session.attach(run)
    print(f"{run.path}: putting the games back as they were …", flush=True)
    step = run.restore(session.learner)
    run.log(f"resumed from step {step}")
    print(f"resumed from step {step:,}")
    return _drive(session, run)


def verify(path: Path) -> int:
    """Repeat a run from its last checkpoint but one to its last, and compare every bit."""
    run = Run.open(path)
    run.lock()
    saved = checkpoints(run.checkpoint_folder)
    if len(saved) < 2:
        raise UserError(f"{path} has {len(saved)} checkpoint(s) and a proof needs two; train it a little longer")
    (first, first_path), (last, last_path) = saved[-2:]
    session = Session.of_run(run)
    session.attach(run, writing=False)
    session.learner.load(read_checkpoint(first_path))
    expected = {row["step"]: same_metrics(row) for row in run.rows()}
    print(f"repeating steps {first:,} to {last:,} of {path} …", flush=True)
    wrong: list[str] = []
    for tick in session.learner.ticks():
        row = expected.get(tick.step, {})
        wrong += [
            f"{k} at step {tick.step}" for k, v in tick.metrics.items() if json.dumps(row.get(k)) != json.dumps(v)
        ]
        if tick.step >= last:
            break
    wrong += differences(session.learner.state(), read_checkpoint(last_path))
    session.close()
    if wrong:
        print(f"NOT the same: {len(wrong)} differences, the first: {', '.join(wrong[:5])}")
        return 1
    print("the same, bit for bit: weights, optimiser, generators, games and metrics")
    return 0


def _drive(session: Session, run: Run) -> int:
    settings, world = session.recipe.settings, session.world
    session.attach(run)

    def say(text: str) -> None:
        run.log(text)
        print(f"tengen: {text}", flush=True)

    display = Display(run.path.name, settings.steps, expected_curve(world, session.recipe.agent))
    sinks: list[Sink] = [display]
    if settings.wandb != "off":
        sinks.append(WandbSink(settings.wandb, run.path, run.config(), say))
    card: dict[str, Any] | None = None
    try:
        outcome = drive(
            run,
            UntilTarget(session.learner, settings.target),
            sinks,
            frames_per_step=session.env.frames_per_step,
            checkpoint_seconds=settings.checkpoint_seconds,
        )
        display.close(None)
        if outcome == "finished":
            card = finish(session, run, say)
    finally:
        for sink in sinks:
            sink.close(card)
        session.close()
    if outcome == "stopped":
        print(f"stopped and saved at step {session.learner.step:,}; go on with:\n  tengen resume {run.path}")
    else:
        print(
            f"type next:\n  tengen watch {run.path}\n  tengen eval {run.path} --episodes 100\n  tengen plot {run.path}"
        )
    return 0


def finish(session: Session, run: Run, say: Any) -> dict[str, Any] | None:
    """Score card, plot and video of a finished run; a failure in one leaves the others."""
    from scripts.evaluate import card_of_run, describe
    from scripts.plot import plot
    from scripts.watch import watch_run

    card: dict[str, Any] | None = None
    if session.recipe.settings.final_games < 1:
        return None
    try:
        card = card_of_run(session, run)
        print(describe(card))
        plot([run.path], run.path / "curve.png")
        if files := watch_run(session, run):
            print("wrote " + ", ".join(str(p) for p in [run.path / "curve.png", *files]))
    except (UserError, OSError) as error:
        say(f"the run is complete, but not all of its score card, plot and video: {error}")
    return card


def expected_curve(world: World, agent: str) -> list[tuple[float, float]]:
    """The curve that this recipe was measured to follow, [(environment step, score)]; empty where none was."""
    path = Path(__file__).with_name("expected.json")
    curves: dict[str, list[tuple[float, float]]] = json.loads(path.read_text()) if path.exists() else {}
    return curves.get(f"{world.name}-{agent}", [])


def training_world(world: World, games: int, settings: Settings) -> VecEnv:
    return make_world(
        world,
        games,
        repeat_action_probability=settings.sticky,
        life_loss_ends=settings.life_loss_ends,
        threads=settings.threads,
    )


def network_spec(env: VecEnv, config: Any, heads_of: Any) -> Spec:
    """The description of the network that `config` names for the observations of `env`."""
    kind = config.net
    if kind != "mlp" and (len(env.obs_shape) != 3 or min(env.obs_shape[1:]) < 36):
        raise UserError(f"--net {kind} reads screens and this task has observations {env.obs_shape}; use --net mlp")
    trunk: dict[str, Any] = {"kind": kind, "input_shape": list(env.obs_shape)}
    if kind == "mlp" and env.obs_dtype == np.uint8:
        trunk["scale"] = 1 / 255
    if getattr(config, "norm", False):
        trunk["norm"] = True
    if getattr(config, "centre", False):
        trunk["centre"] = True
    options = {"dueling": True} if getattr(config, "dueling", False) else {}
    return {"trunk": trunk, "heads": heads_of(env.num_actions, **options)}
