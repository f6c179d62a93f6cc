"""`tengen train` and `tengen resume`: put world, network, agent, run and sinks together and drive them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from agents.learner import Learner
from envs.vector import Journal, VecEnv
from envs.worlds import World, find_world, make_world
from scripts.recipes import AGENTS, Recipe, Settings
from supervised.nets.headed import HeadedNet, Spec, build
from tengen.checkpoint import Tree
from tengen.config import from_dict
from tengen.device import Compute, choose
from tengen.errors import UserError
from tengen.metrics import Tick
from tengen.run import Run, metadata, run_name
from tengen.seeding import Seeds


def learner_class(agent: str) -> tuple[type[Any], Any]:
    """(the agent's class, the function that says which heads it needs)."""
    if agent == "ppo":
        from agents.ppo.train import PPO as Chosen
        from agents.ppo.train import network_heads
    elif agent == "pqn":
        from agents.pqn.train import PQN as Chosen  # type: ignore[assignment]
        from agents.pqn.train import network_heads
    elif agent == "dqn":
        from agents.dqn.train import DQN as Chosen  # type: ignore[assignment]
        from agents.dqn.train import network_heads
    else:
        from agents.reinforce.train import Reinforce as Chosen  # type: ignore[assignment]
        from agents.reinforce.train import network_heads
    return Chosen, network_heads


class Session:
    """Everything that a training is made of, built from its recipe; the same for a new and a resumed run."""

    def __init__(self, world: World, recipe: Recipe, compute: Compute | None = None) -> None:
        """`compute` None measures the fastest way on this machine."""
        self.world, self.recipe = world, recipe
        settings, config = recipe.settings, recipe.config
        self.seeds = Seeds(settings.seed)
        make_learner, heads_of = learner_class(recipe.agent)
        env = training_world(world, config.games, settings)
        spec = network_spec(env, config, heads_of)
        self.measured: dict[str, float] = {}
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
    return {"trunk": trunk, "heads": heads_of(env.num_actions)}
