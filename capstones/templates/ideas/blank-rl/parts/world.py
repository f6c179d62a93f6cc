"""The world: `catch`, a ball that falls and a paddle that should be there. Put your own here.

Any task of Tengen has this interface: `find_world("CartPole-v1")`, `find_world("pong")` …
"""

from envs.vector import VecEnv
from envs.worlds import find_world, make_world

TASK = "catch"


def make(games: int) -> VecEnv:
    """`games` games side by side: obs [B, 1, 10, 5] bytes, actions 0, 1, 2 (left, stay, right).

    A game that has ended begins anew by itself, one step later; the action of that step is ignored, and its `valid` is
    False. `discount` is 0 where a game ended by its own rules, so that nothing is expected after it.
    """
    return make_world(find_world(TASK), games)
