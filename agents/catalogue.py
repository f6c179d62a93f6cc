"""The agents by name, and the default settings of each. No torch in here: `--help` reads it.

Adding one takes a folder with config.py and train.py, and one line in `AGENTS` (docs/development.md).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from agents.settings import Settings
from envs.worlds import World, find_world
from tengen.errors import UserError, unknown
from tengen.kinds import Given, Kind, Training, later


@dataclass(frozen=True)
class Agent:
    """The modules of an agent and its description."""

    config: str  # module with Config and PRESETS; no torch
    train: str  # module:class that learns; beside it `network_heads(num_actions, config)`
    paper: str
    idea: str
    steps: dict[str, int] = field(default_factory=dict)  # length of a training by game or kind of world
    actor: str = ""  # module:class that plays, where that is apart from learning (agents/common/acting.py)
    elsewhere: str = ""  # module:class whose workers play on Ray; empty: no --workers
    own_workers: bool = False  # it brings its own for --workers
    settings: dict[str, Any] = field(default_factory=dict)  # what distinguishes it besides its own configuration

    @property
    def module(self) -> Any:
        """The module with Config and PRESETS."""
        return importlib.import_module(self.config)


_ON_POLICY = {"max_staleness": 0}  # learn from the newest policy's games only, workers or not

AGENTS = {
    "ppo": Agent(
        "agents.ppo.config",
        "agents.ppo.train:PPO",
        "Schulman et al. 2017, arXiv:1707.06347",
        "improve the policy on each rollout while a clipped objective keeps it near the one that played",
        {"pong": 2_800_000},
        "agents.ppo.act:Actor",
        "agents.workers:Elsewhere",
        settings=_ON_POLICY,
    ),
    "pqn": Agent(
        "agents.pqn.config",
        "agents.pqn.train:PQN",
        "Gallici et al. 2024, arXiv:2407.04811",
        "Q-learning on many parallel games, with layer normalisation instead of replay and a target network",
        {"gym": 600_000},
        "agents.pqn.act:Actor",
        "agents.workers:Elsewhere",
        settings=_ON_POLICY,
    ),
    "dqn": Agent(
        "agents.dqn.config",
        "agents.dqn.train:DQN",
        "Mnih et al. 2015, Nature 518",
        "Q-learning from a replay memory, with targets from a target network",
        {},
        "agents.dqn.act:Actor",
        "agents.dqn.workers:Elsewhere",
    ),
    "reinforce": Agent(
        "agents.reinforce.config",
        "agents.reinforce.train:Reinforce",
        "Williams 1992, Machine Learning 8",
        "make every action of a game more likely in proportion to the return that followed it",
        {"gym": 400_000},
        "agents.reinforce.act:Actor",
        "agents.workers:Elsewhere",
        settings=_ON_POLICY,
    ),
}


def _rllib(algo: str, paper: str, idea: str, steps: dict[str, int]) -> Agent:
    settings = {"engine": "rllib", "algo": algo}
    learner = "agents.engines.learner:RLlib"
    return Agent(f"agents.engines.{algo}", learner, paper, idea, steps, own_workers=True, settings=settings)


RLLIB = {  # --engine rllib --algo NAME
    "ppo": _rllib(
        "ppo",
        "Schulman et al. 2017, arXiv:1707.06347",
        "PPO in RLlib's loop",
        {"pong": 1_200_000},
    ),
    "appo": _rllib(
        "appo",
        "Luo et al. 2020, arXiv:1912.00167",
        "asynchronous PPO, in RLlib's loop",
        {"gym": 400_000, "pong": 1_200_000},
    ),
    "impala": _rllib(
        "impala",
        "Espeholt et al. 2018, arXiv:1802.01561",
        "an asynchronous actor-critic, in RLlib's loop",
        {"gym": 400_000, "pong": 1_200_000},
    ),
    "dqn": _rllib("dqn", "Mnih et al. 2015, Nature 518", "DQN in RLlib's loop", {}),
}
ENGINES = ("tengen", "rllib")
_SETTINGS: dict[str, dict[str, Any]] = {  # by kind of world, or by its name
    "toy": {"steps": 60_000},
    "gym": {"steps": 100_000},
    "atari": {"life_loss_ends": True},
    "pong": {"life_loss_ends": False, "steps": 2_000_000},
}


def find_agent(name: str) -> Agent:
    """The agent `name`; those of RLlib are called rllib-ppo and so on."""
    known = AGENTS | {f"rllib-{algo}": agent for algo, agent in RLLIB.items()}
    if name not in known:
        raise unknown("agent", name, known)
    return known[name]


def recipe(world: World, name: str = "ppo") -> Training:
    """The default settings of agent `name` in `world`."""
    agent = find_agent(name)
    presets = agent.module.PRESETS
    config = presets.get(world.name) or presets["atari" if world.kind == "atari" else "classic"]
    settings = Settings(**agent.settings)
    for key in (world.kind, world.name):  # what holds for all of its kind, then its own
        settings = replace(settings, **_SETTINGS.get(key, {}))
        if key in agent.steps:
            settings = replace(settings, steps=agent.steps[key])
    return Training("agent", world.name, name, settings, config, f"{name} (preset for {world.name})", tuple(AGENTS))


def _preset(task: str, given: Given) -> Training:
    return recipe(find_world(task), _agent(given("--engine"), given("--algo"), given("--agent")))


def _agent(engine: str | None, algo: str | None, agent: str | None) -> str:
    """The name of the agent that these options ask for; UserError for those that contradict each other."""
    if engine not in (None, *ENGINES):
        raise unknown("engine", engine or "", ENGINES)
    if engine != "rllib":
        if algo is not None:
            raise UserError(f"--algo {algo} is for --engine rllib; Tengen's own agents are chosen with --agent")
        if engine and agent and agent.startswith("rllib-"):
            raise UserError(f"--agent {agent} does not belong to --engine {engine}")
        return agent or "ppo"
    if agent and not agent.startswith("rllib-"):
        raise UserError(f"--agent {agent} is Tengen's own; RLlib's algorithms are chosen with --algo")
    chosen = algo or (agent or "ppo").removeprefix("rllib-")
    if chosen not in RLLIB:
        raise unknown("algorithm", chosen, RLLIB, "for --engine rllib")
    return f"rllib-{chosen}"


def _names() -> Iterable[str]:
    from envs.atari import atari_games
    from envs.worlds import TOYS

    return [*TOYS, *atari_games()]


KIND = Kind(
    name="agent",
    tasks="an Atari game (pong), a toy (bandit, corridor, catch), a Gymnasium id (CartPole-v1)",
    names=_names,
    preset=_preset,
    headline=lambda t: f"{t.task}: {t.agent}, {t.settings.steps:,} steps",
    metric="score",
    session=later("agents.session:AgentSession"),
    session_of_run=later("agents.session:session_of_run"),
    evaluate=later("agents.evaluate:evaluate"),
    film=later("agents.evaluate:film_named"),
    show=later("agents.evaluate:film_run"),
    draw=later("agents.curves:draw"),
    pictures=lambda run: [],
    ship=later("agents.evaluate:ship"),
    diagnose=later("agents.diagnose:diagnose"),
)
