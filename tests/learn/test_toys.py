"""Every agent learns the known optimum of every toy, judged on fresh games."""

import pytest

from agents.catalogue import AGENTS, recipe
from agents.evaluate import NetworkPlayer
from agents.session import AgentSession
from envs.evaluate import play_games
from envs.worlds import TOYS, find_world, toy
from tengen.device import Compute


@pytest.mark.slow
@pytest.mark.parametrize("agent", list(AGENTS))
@pytest.mark.parametrize("name", list(TOYS))
def test_the_optimum_is_reached(name: str, agent: str) -> None:
    world, best = find_world(name), toy(name).optimum
    session = AgentSession(recipe(world, agent), Compute(threads=1))
    for tick in session.learner.ticks():
        if tick.metrics.get("score", -9) >= best - 0.005 and tick.metrics["episodes"] >= 1_000:
            break
    scores = play_games(NetworkPlayer(session.learner.net, 77), world, "plain", 50, seed=77)
    session.close()
    assert sum(scores) / len(scores) >= best - 0.05
