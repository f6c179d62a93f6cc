"""Vectorised environments: the transition record, the protocol, and the journal that restores them.

Every vectorised environment in Tengen uses NEXT_STEP autoreset:

    step t      the game ends: the step returns the reward and final observation, and sets terminated or truncated
    step t + 1  the action is ignored: the step returns the first observation of the next game, reward 0, and
                `valid` is False

So the final observation is in the stream, truncated games bootstrap from it without a special case, and
`valid` masks the one row in which no action was taken.
"""

from __future__ import annotations

import zlib
from collections import deque
from typing import Any, NamedTuple, Protocol

import numpy as np

from tengen.errors import UserError
from tengen.seeding import Seeds


class Transition(NamedTuple):
    """The result of one step of B environments."""

    obs: np.ndarray  # [B, *obs_shape] the observation to act on next; later steps do not modify it
    reward: np.ndarray  # [B] float32, raw: clipping is left to agents
    discount: np.ndarray  # [B] float32, 0 where bootstrapping stops (game over, or a life lost), else 1
    terminated: np.ndarray  # [B] bool, the game ended by its own rules
    truncated: np.ndarray  # [B] bool, the game was cut short; bootstrap from its final observation
    valid: np.ndarray  # [B] bool, False where the action was ignored (autoreset)
    final_obs: np.ndarray | None = None  # [B, *obs_shape] SAME_STEP only: meaningful where a game ended

    @property
    def ended(self) -> np.ndarray:  # [B] bool
        return self.terminated | self.truncated


class VecEnv(Protocol):
    """B environments stepped together. Deterministic: the same seed and actions give the same transitions.

    `check_laws` in envs/laws.py tests an environment against this contract. An optional attribute `stacked` set to True
    means that an observation is the last four screens [4, H, W] of its game, black before the first.
    """

    num_envs: int
    obs_shape: tuple[int, ...]
    obs_dtype: np.dtype[Any]
    num_actions: int
    frames_per_step: int  # emulator frames per agent step (1 without an emulator)

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
    """`count` observations [count, ...] from random play, taken from all games every `apart` steps.

    First observations are skipped: right after a reset all frames but the newest are black.
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
    clipped: float  # sum of rewards clipped to [-1, 1], as a clipping agent sees them
    length: int  # agent steps


class Scores:
    """The most recently finished games of a training run."""

    def __init__(self, recent: int = 100) -> None:
        self.recent: deque[Episode] = deque(maxlen=recent)
        self.episodes = 0  # finished since training began

    def add(self, episode: Episode) -> None:
        self.recent.append(episode)
        self.episodes += 1

    def metrics(self) -> dict[str, float]:
        """For logging: means over the recent games; no scores until the first game has finished."""
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
    """A `VecEnv` wrapper that can be restored exactly and keeps episode statistics.

    The vector interface cannot clone emulator states, but emulators are deterministic: the seed of the last
    reset and the actions since then *are* the state. The journal stores both (one byte per action) and
    restores by replaying them. To bound the replay, all games are cut every `reseed_every` steps
    (`truncated`, so value targets stay correct) and reset with the next seed. The cuts fall on fixed step
    numbers whether or not a run is ever stopped, so stopping and resuming changes nothing.
    """

    def __init__(self, env: VecEnv, seeds: Seeds, reseed_every: int, *, first: int = 0, of: int = 0) -> None:
        """`reseed_every` is in environment steps, summed over all games.

        `env` may hold only some of the games: those from index `first` on, out of `of` in total. They then get the
        same seeds and cuts as when all are played together.
        """
        self.env = env
        self.num_envs, self.num_actions = env.num_envs, env.num_actions
        self.obs_shape, self.obs_dtype = env.obs_shape, env.obs_dtype
        self.frames_per_step = env.frames_per_step
        self.stacked = getattr(env, "stacked", False)
        self._seeds, self._first = seeds, first
        self._rounds = max(2, reseed_every // (of or env.num_envs))  # env.step calls between reseeds
        self._actions = np.zeros((self._rounds, env.num_envs), np.uint8)
        self._segment = -1
        self._used = 0
        self.scores = Scores()
        self.finished: list[Episode] = []  # since the last `take_finished`
        if env.num_actions > 256:
            raise ValueError(f"the journal stores actions below 256; this world has {env.num_actions}")

    def reset(self, seed: int | None = None) -> np.ndarray:
        """First observation [B, *obs_shape]. Seeds come from `Seeds`; `seed` is ignored."""
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
        """Scores of the most recent games, for logging."""
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
                "replaying the actions did not restore the games: the environment's version or settings differ "
                "from those in meta.json; install those, or start a new run"
            )
        self.scores.load(state)
        self.finished = []
        return self._obs

    def begin_anew(self, segment: int) -> None:
        """Make the next `reset` use the seeds of `segment`, for games that could not be restored."""
        self._segment = segment - 1

    def _cut(self, obs: np.ndarray) -> Transition:
        """The ignored step after all games are cut and reset."""
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
