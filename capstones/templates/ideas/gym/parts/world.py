"""Three control tasks of Gymnasium, and the score at which each counts as solved.

    CartPole-v1     keep a pole upright by pushing its cart; obs [4], actions: left, right
    Acrobot-v1      swing two hinged rods up to a line; obs [6], actions: torque -1, 0, 1; -1 a step
    LunarLander-v3  land between two flags; obs [8], actions: nothing, left, main, right engine

LunarLander needs Box2D: `pip install box2d` (gymnasium's own extra pins another package, which has no wheel). Without
it, the notebook does the other two and says so.
"""

from envs.vector import Journal
from envs.worlds import find_world, make_world
from tengen.errors import UserError
from tengen.seeding import Seeds

# mean return over 100 episodes at which Gymnasium's registry calls a world solved (gym.spec(id).reward_threshold)
SOLVED = {"CartPole-v1": 475.0, "Acrobot-v1": -100.0, "LunarLander-v3": 200.0}
RESEED_EVERY = 100_000  # environment steps


def tasks() -> list[str]:
    """Those of the three that are installed here."""
    return [task for task in SOLVED if _is_here(task)]


def _is_here(task: str) -> bool:
    try:
        make(task, 1, 0).close()
    except UserError:  # a package is missing
        return False
    return True


def make(task: str, games: int, seed: int) -> Journal:
    """`games` parallel games of `task`, which a checkpoint can restore exactly (`state`, `load`).

    step(actions [B]) returns a record of: obs [B, *shape], reward [B], terminated [B], truncated [B], valid [B], and
    discount [B], which is 0 where the game ended by its own rules and 1 where it was only cut short. A game that has
    ended (`ended`: either way) shows its last observation; one step later its next game begins by itself: the
    action of that step is ignored, and `valid` is False.

         step          t        t + 1     t + 2
         obs after it  s_last   s'_0      s'_1         ' the next game
         ended         True     False     False
         valid         True     False     True
    """
    return Journal(make_world(find_world(task), games), Seeds(seed), RESEED_EVERY)
