"""`tengen bench atari`: stepping beside the bare emulator, PPO beside Stable-Baselines3's.

Machines are shared and noisy, so what is compared is measured in turns within one run, and the ratio of
the medians is what counts. Rows: {what, unit, value, baseline, ratio}.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tengen.errors import UserError
from tengen.openmp import untouched

_ROOT = Path(__file__).resolve().parent.parent.parent
_PEER = _ROOT / ".venv-sb3" / "bin" / "python"
_GAMES, _ROLLOUT, _EPOCHS, _MINIBATCH = 16, 128, 3, 512  # 16 * 128 / 512: four minibatches


def rows(quick: bool) -> Iterator[dict[str, Any]]:
    """Measure; `quick` ends within 40 seconds."""
    yield stepping(rounds=3 if quick else 9, steps=60 if quick else 250)
    if not _PEER.exists():
        raise UserError("the row ppo-sb3 needs its peer: make peers")
    yield ppo(updates=1 if quick else 3, rounds=1 if quick else 3)


def row(what: str, unit: str, value: list[float], baseline: list[float]) -> dict[str, Any]:
    """A row from measurements that were taken in turns."""
    v, b = statistics.median(value), statistics.median(baseline)
    return {"what": what, "unit": unit, "value": round(v, 1), "baseline": round(b, 1), "ratio": round(v / b, 3)}


def stepping(rounds: int, steps: int) -> dict[str, Any]:
    """Row `env`: `Journal(AtariVec)` against bare `AtariVectorEnv`, same settings."""
    from ale_py import AtariVectorEnv

    from envs.atari import AtariVec
    from envs.vector import Journal
    from tengen.seeding import Seeds

    ours = Journal(AtariVec("pong", _GAMES, repeat_action_probability=0.25), Seeds(1), 10**6)
    bare = AtariVectorEnv("pong", _GAMES, reward_clipping=False, repeat_action_probability=0.25, noop_max=0)
    ours.reset()
    bare.reset(seed=1)
    actions = np.random.default_rng(0).integers(0, 6, (steps, _GAMES))

    def rate(step: Callable[[np.ndarray], Any]) -> float:
        begun = time.perf_counter()
        for a in actions:
            step(a)
        return steps * _GAMES / (time.perf_counter() - begun)

    value, baseline = [], []
    rate(ours.step), rate(bare.step)
    for _ in range(rounds):
        value.append(rate(ours.step))
        baseline.append(rate(bare.step))
    ours.close()
    bare.close()
    return row("env", "steps/s", value, baseline)


def ppo(updates: int, rounds: int) -> dict[str, Any]:
    """Row `ppo-sb3`: end to end with the Nature CNN, against the better of the peer's two vectorisers."""
    kinds = ["dummy", "subproc"]
    value: list[float] = []
    baseline: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind in kinds:
            baseline[kind].append(_peer(kind, updates))
        value.append(_own(updates))
    return row("ppo-sb3", "steps/s", value, max(baseline.values(), key=statistics.median))


def _own(updates: int) -> float:
    """Steps/s of our PPO over `updates` updates, after one that warms up."""
    from agents.ppo.config import Config
    from agents.session import AgentSession
    from agents.settings import Settings
    from tengen.kinds import Training

    config = Config(num_envs=_GAMES, num_steps=_ROLLOUT, epochs=_EPOCHS, minibatch=_MINIBATCH, net="nature")
    steps = (updates + 1) * _GAMES * _ROLLOUT
    session = AgentSession(Training("agent", "pong", "ppo", Settings(steps=steps), config))
    ticks = session.learner.ticks()
    next(ticks)
    begun = time.perf_counter()
    for _ in ticks:
        pass
    rate = updates * _GAMES * _ROLLOUT / (time.perf_counter() - begun)
    session.close()
    return rate


def _peer(kind: str, updates: int) -> float:
    """The same of the peer, in its own interpreter."""
    script = Path(__file__).with_name("peer_sb3.py")
    numbers = [str(n) for n in (_GAMES, _ROLLOUT, _EPOCHS, _MINIBATCH, updates)]
    done = subprocess.run(
        [_PEER, script, kind, *numbers], env=untouched(), capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UserError(f"the peer failed ({last}); make it again: rm -r .venv-sb3 && make peers")
    return float(json.loads(done.stdout.splitlines()[-1])["rate"])
