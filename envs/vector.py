"""Many environments stepped together: the record of a step, the protocol, and the journal that restores them.

Every vectorised environment in Tengen speaks NEXT_STEP autoreset:

    step t      the game ends: reward and final observation arrive, terminated or truncated is set
    step t + 1  the action is ignored: the first observation of the next game arrives, reward 0,
                `valid` is False

so the final observation is in the stream, a truncated game is bootstrapped from it without a special
case, and the one row in which nothing was decided is masked by `valid`.
"""

from __future__ import annotations

import zlib
from collections import deque
from typing import Any, NamedTuple, Protocol

import numpy as np

from tengen.errors import UserError
from tengen.seeding import Seeds


class Transition(NamedTuple):
    """What one step of B environments brought."""

    obs: np.ndarray  # [B, *obs_shape] what to act on next; later steps leave it as it is
    reward: np.ndarray  # [B] float32, raw: agents clip, scores do not
    discount: np.ndarray  # [B] float32, 0 where no value follows (game over, or a life lost), else 1
    terminated: np.ndarray  # [B] bool, the game ended by its own rules
    truncated: np.ndarray  # [B] bool, the game was cut short; its final observation keeps its value
    valid: np.ndarray  # [B] bool, False where the action was ignored (autoreset)
    final_obs: np.ndarray | None = None  # [B, *obs_shape] SAME_STEP only: true where a game ended

    @property
    def ended(self) -> np.ndarray:  # [B] bool
        return self.terminated | self.truncated


class VecEnv(Protocol):
    """B environments behind one `step`. Deterministic: same seed and actions, same transitions.

    `check_laws` in envs/laws.py holds one to all that is promised here. An attribute `stacked` that is true says that
    an observation is the last four screens [4, H, W] of its game, black ones before the first.
    """

    num_envs: int
    obs_shape: tuple[int, ...]
    obs_dtype: np.dtype[Any]
    num_actions: int
    frames_per_step: int  # emulator frames an agent step takes (1 where there is no emulator)

    def reset(self, seed: int) -> np.ndarray: ...  # [B, *obs_shape]

    def step(self, actions: np.ndarray) -> Transition: ...  # actions: [B] int64

    def close(self) -> None: ...


def screen_statistics(env: VecEnv, seed: int, rounds: int = 300) -> tuple[np.ndarray, float]:
    """Mean newest screen [H, W] and the standard deviation around it, over `rounds` random steps of all games."""
    random = np.random.default_rng(seed)
    env.reset(seed)
    screens = np.stack(
        [env.step(random.integers(env.num_actions, size=env.num_envs)).obs[:, -1] for _ in range(rounds)]
    )  # [rounds, B, H, W] bytes
    mean = screens.mean((0, 1))
    squares = sum(float(((screen - mean) ** 2).mean()) for screen in screens)
    return mean, (squares / rounds) ** 0.5


def random_observations(env: VecEnv, seed: int, count: int, apart: int = 8) -> np.ndarray:
    """`count` observations [count, ...] of random play, every `apart`-th round of all games.

    Not first observations: right after a reset all frames but the newest are black.
    """
    random, seen = np.random.default_rng(seed), list[np.ndarray]()
    env.reset(seed)
    while len(seen) * env.num_envs < count:
        for _ in range(apart):
            obs = env.step(random.integers(env.num_actions, size=env.num_envs)).obs
        seen.append(obs.copy())
    return np.concatenate(seen)[:count]


class Episode(NamedTuple):
    """One finished game."""

    score: float  # sum of raw rewards
    clipped: float  # sum of rewards clipped to [-1, 1], what a clipping agent saw
    length: int  # agent steps


class Scores:
    """The most recent finished games of a training."""

    def __init__(self, recent: int = 100) -> None:
        self.recent: deque[Episode] = deque(maxlen=recent)
        self.episodes = 0  # finished since the training began

    def add(self, episode: Episode) -> None:
        self.recent.append(episode)
        self.episodes += 1

    def metrics(self) -> dict[str, float]:
        """For a tick: means over the recent games; no scores before the first game has finished."""
        counts = {"episodes": float(self.episodes)}
        if not self.recent:
            return counts
        score, clipped, length = np.mean(np.array(self.recent), axis=0)
        return counts | {"score": float(score), "score_clipped": float(clipped), "length": float(length)}

    def state(self) -> dict[str, Any]:
        return {"recent": [list(episode) for episode in self.recent], "episodes": self.episodes}

    def load(self, state: dict[str, Any]) -> None:
        self.recent = deque((Episode(s, c, int(n)) for s, c, n in state["recent"]), self.recent.maxlen)
        self.episodes = state["episodes"]


class Journal:
    """A `VecEnv` that can be restored exactly, and that keeps the statistics of its episodes.

    Emulators offer no clone through the vector interface, but they are deterministic: the seed of the
    last reset and the actions since then *are* the state. The journal keeps both (a byte an action)
    and restores by playing them again. To bound that, every `reseed_every` steps all games are cut
    (`truncated`, so values stay right) and reset with the next seed. The cuts fall on fixed step numbers,
    whether or not a run is ever stopped, so stopping and resuming changes nothing.
    """

    def __init__(self, env: VecEnv, seeds: Seeds, reseed_every: int, *, first: int = 0, of: int = 0) -> None:
        """`reseed_every` is in environment steps over all games.

        `env` may be a part of them: those from the number `first` on `of` so many, which then have the seeds and cuts
        that they have where all are played together.
        """
        self.env = env
        self.num_envs, self.num_actions = env.num_envs, env.num_actions
        self.obs_shape, self.obs_dtype = env.obs_shape, env.obs_dtype
        self.frames_per_step = env.frames_per_step
        self.stacked = getattr(env, "stacked", False)
        self._seeds, self._first = seeds, first
        self._rounds = max(2, reseed_every // (of or env.num_envs))  # env.step calls between two reseeds
        self._actions = np.zeros((self._rounds, env.num_envs), np.uint8)
        self._segment = -1
        self._used = 0
        self.scores = Scores()
        self.finished: list[Episode] = []  # since the caller last emptied it
        if env.num_actions > 256:
            raise ValueError(f"the journal holds actions below 256, this world has {env.num_actions}")

    def reset(self, seed: int | None = None) -> np.ndarray:
        """First observation [B, *obs_shape]. Seeds come from `Seeds`; `seed` is not used."""
        del seed
        self._segment += 1
        self._used = 0
        self._score = np.zeros(self.num_envs)
        self._clipped = np.zeros(self.num_envs)
        self._length = np.zeros(self.num_envs, np.int64)
        self._obs = self.env.reset(self._seeds.integer("environment", self._segment) + self._first)
        return self._obs

    def step(self, actions: np.ndarray) -> Transition:
        if self._used == self._rounds:
            return self._cut(self.reset())
        self._actions[self._used] = actions
        self._used += 1
        t = self.env.step(actions)
        self._obs = t.obs
        self._account(t)
        if self._used == self._rounds:
            t = t._replace(truncated=t.truncated | ~t.terminated)
        return t

    def take_finished(self) -> list[Episode]:
        """The games that finished since the last call."""
        finished, self.finished = self.finished, []
        return finished

    def metrics(self) -> dict[str, float]:
        """Scores of the most recent games, for a tick."""
        return self.scores.metrics()

    def close(self) -> None:
        self.env.close()

    def state(self) -> dict[str, Any]:
        return {
            "segment": self._segment,
            "actions": self._actions[: self._used].copy(),
            "obs_crc32": zlib.crc32(self._obs.tobytes()),
            **self.scores.state(),
        }

    def load(self, state: dict[str, Any]) -> np.ndarray:
        """Restore the games from `state`; returns the current observation."""
        self._segment = state["segment"] - 1
        self.reset()
        for actions in state["actions"]:
            self.step(actions.astype(np.int64))
        if zlib.crc32(self._obs.tobytes()) != state["obs_crc32"]:
            raise UserError(
                "the games did not come back as they were: the environment's version or settings differ "
                "from those in meta.json; install those, or start a new run"
            )
        self.scores.load(state)
        self.finished = []
        return self._obs

    def begin_anew(self, segment: int) -> None:
        """The next `reset` is the one with the seeds of `segment`: for games that could not be restored."""
        self._segment = segment - 1

    def _cut(self, obs: np.ndarray) -> Transition:
        """The ignored step after all games were cut and reset."""
        zero, no = np.zeros(self.num_envs, np.float32), np.zeros(self.num_envs, bool)
        return Transition(obs, zero, np.ones_like(zero), no, no.copy(), no.copy())

    def _account(self, t: Transition) -> None:
        self._score += t.reward
        self._clipped += np.clip(t.reward, -1, 1)
        self._length += t.valid
        for i in np.flatnonzero(t.ended):
            episode = Episode(float(self._score[i]), float(self._clipped[i]), int(self._length[i]))
            self.scores.add(episode)
            self.finished.append(episode)
            self._score[i] = self._clipped[i] = self._length[i] = 0
