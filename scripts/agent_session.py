"""What the training of an agent is made of: world, network, learner, built from a recipe."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.common.learner import Learner
from envs.vector import Journal, VecEnv, random_observations, screen_statistics
from envs.worlds import World, find_world, make_world
from scripts.recipes import AGENTS, Recipe, Settings
from scripts.sessions import fastest, saved_config
from supervised.kernels.learning import for_learning
from supervised.nets.catalogue import trunk_spec
from supervised.nets.headed import Spec, build
from supervised.trunks import describe_trunk, given_trunk, hand_over, has_batch_statistics
from tengen.checkpoint import Tree
from tengen.config import from_dict
from tengen.device import Compute
from tengen.display import AGENT_WORDS, Display
from tengen.errors import UserError
from tengen.metrics import Tick
from tengen.run import Run, Trainer
from tengen.seeding import Seeds

RUNS = Path("runs")


def learner_class(agent: str) -> tuple[type[Any], Any]:
    """(the agent's class, the function that says which heads it needs)."""
    module = importlib.import_module(f"agents.{agent}.train")
    return getattr(
        module, {"ppo": "PPO", "pqn": "PQN", "dqn": "DQN", "reinforce": "Reinforce"}[agent]
    ), module.network_heads


class AgentSession:
    """Everything that a training is made of, built from its recipe; the same for a new and a resumed run."""

    frames_per_step: int

    def __init__(
        self,
        world: World,
        recipe: Recipe,
        compute: Compute | None = None,
        *,
        saved: Spec | None = None,
        runs: Path = RUNS,
    ) -> None:
        """`compute` None, in a new run, measures the fastest way on this machine and the mean screen.

        `saved` is the network of a run that goes on; `runs` is where `--trunk` looks for one.
        """
        self.world, self.recipe = world, recipe
        self.task, self.who, self.settings = world.name, recipe.agent, recipe.settings
        settings, config = recipe.settings, recipe.config
        self.seeds = Seeds(settings.seed)
        make_learner, heads_of = learner_class(recipe.agent)
        env = training_world(world, config.games, settings)
        given = given_trunk(settings, runs, env.obs_shape) if saved is None else None
        fresh = network_spec(env, config, heads_of, saved["trunk"] if saved else given.spec["trunk"] if given else None)
        spec = saved or fresh
        if spec["heads"] != fresh["heads"] or list(spec["trunk"]["input_shape"]) != list(env.obs_shape):
            raise UserError(
                f"the run's network and its task do not fit: it takes {spec['trunk']['input_shape']} and has heads"
                f" {spec['heads']}, {world.name} gives {list(env.obs_shape)} and needs {fresh['heads']}"
            )
        self.measured: dict[str, float] = {}
        new = compute is None
        if compute is None:
            seen = random_observations(env, self.seeds.integer("screens"), getattr(config, "minibatch", 256))
            compute, self.measured = fastest(settings, spec, torch.from_numpy(seen))
        self.compute = compute
        compute.start()
        torch.manual_seed(settings.seed)
        net = build(spec, self.seeds.integer("network"))
        if given:
            hand_over(given, net, settings.keep_heads)
        elif new and spec["trunk"].get("centre"):
            mean, deviation = screen_statistics(env, self.seeds.integer("screens"))
            net.trunk.scale.calibrate(torch.from_numpy(mean), deviation)  # type: ignore[union-attr,operator]
        net.trunk.requires_grad_(not settings.freeze_trunk)
        if has_batch_statistics(net):
            net.eval()  # an agent acts and learns with the statistics that came with the trunk
        for_learning(net, compute)
        self.env = Journal(env, self.seeds, settings.reseed_every)
        self.frames_per_step = self.env.frames_per_step
        self.learner: Learner = make_learner(config, self.env, net, compute, self.seeds, settings.steps)

    @classmethod
    def of_run(cls, run: Run) -> AgentSession:
        """The session that `run`'s config.yaml describes, in its initial state."""
        with saved_config(run) as saved:
            world = find_world(saved["task"])
            settings = from_dict(Settings, saved["settings"])
            if saved["agent"] not in AGENTS:
                raise UserError(f"agent '{saved['agent']}' is not known to this version")
            config = from_dict(AGENTS[saved["agent"]].Config, saved["config"])
            recipe, compute = Recipe(saved["agent"], settings, config), from_dict(Compute, saved["compute"])
        return cls(world, recipe, compute, saved=saved.get("network"))

    def config(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "agent": self.who,
            "settings": asdict(self.settings),
            "config": asdict(self.recipe.config),
            "compute": self.compute.to_dict(),
            "network": self.learner.net.spec,
        }

    def attach(self, run: Run, writing: bool = True) -> None:
        """Tell an agent with a large replay where its segments lie; `writing` False leaves the run as it is."""
        if hasattr(self.learner, "replay_folder"):
            self.learner.replay_folder = run.checkpoint_folder / "replay"
            self.learner.replay_writing = writing  # type: ignore[attr-defined]

    def remarks(self) -> list[str]:
        """What the user should know before the training starts."""
        lines = [f"computing on {self.compute}"]
        if self.settings.trunk:
            lines.append(describe_trunk(self.settings, self.learner.net))
        return lines + (self.learner.remarks() if hasattr(self.learner, "remarks") else [])

    def trainer(self) -> Trainer:
        return UntilTarget(self.learner, self.settings.target)

    def display(self, name: str) -> Display:
        return Display(name, self.settings.steps, AGENT_WORDS, expected_curve(self.world, self.who))

    def finish(self, run: Run, say: Any) -> dict[str, Any] | None:
        return finish(self, run, say)

    def type_next(self, run: Run) -> list[str]:
        return [f"tengen watch {run.path}", f"tengen eval {run.path} --episodes 100", f"tengen plot {run.path}"]

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


def finish(session: AgentSession, run: Run, say: Any) -> dict[str, Any] | None:
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


def network_spec(env: VecEnv, config: Any, heads_of: Any, given: dict[str, Any] | None = None) -> Spec:
    """The network that `config` names for the observations of `env`, or the `given` trunk with the heads it needs."""
    options = {"dueling": True} if getattr(config, "dueling", False) else {}
    heads = heads_of(env.num_actions, **options)
    if given is not None:
        return {"trunk": given, "heads": heads}
    trunk = trunk_spec(
        config.net,
        env.obs_shape,
        byte_input=env.obs_dtype == np.uint8,
        norm=getattr(config, "norm", False),
        subtract_mean=getattr(config, "centre", False),
    )
    return {"trunk": trunk, "heads": heads}
