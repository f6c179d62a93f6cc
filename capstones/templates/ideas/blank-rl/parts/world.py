"""The world: `catch`, a falling ball and a paddle that has to catch it. Replace it with your own.

Every Tengen task has this interface: `find_world("CartPole-v1")`, `find_world("pong")` …
"""

from envs.vector import VecEnv
from envs.worlds import find_world, make_world

TASK = "catch"


def make(games: int) -> VecEnv:
    """`games` games in parallel: obs [B, 1, 10, 5] bytes, actions 0, 1, 2 (left, stay, right).

    A game that has ended restarts by itself one step later; the action of that step is ignored, and its `valid` is
    False. `discount` is 0 where a game ended by its own rules, so that no value follows it.
    """
    return make_world(find_world(TASK), games)
