"""Stable-Baselines3's PPO on Pong, timed. Run by the interpreter in .venv-sb3; imports nothing of Tengen.

usage: peer_sb3.py dummy|subproc GAMES ROLLOUT EPOCHS MINIBATCH UPDATES
"""

import json
import sys
import time

import ale_py
import gymnasium
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_atari_env
from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv, VecFrameStack


class Clock(BaseCallback):
    """When each rollout began: the first one warms up."""

    def __init__(self) -> None:
        super().__init__()
        self.starts: list[float] = []

    def _on_rollout_start(self) -> None:
        self.starts.append(time.perf_counter())

    def _on_step(self) -> bool:
        return True


def main() -> None:
    kind = sys.argv[1]
    games, rollout, epochs, minibatch, updates = (int(a) for a in sys.argv[2:])
    gymnasium.register_envs(ale_py)
    vec = {"dummy": DummyVecEnv, "subproc": SubprocVecEnv}[kind]
    env = VecFrameStack(make_atari_env("PongNoFrameskip-v4", n_envs=games, seed=1, vec_env_cls=vec), n_stack=4)
    clock = Clock()
    model = PPO("CnnPolicy", env, n_steps=rollout, batch_size=minibatch, n_epochs=epochs, device="cpu")
    model.learn((updates + 1) * games * rollout, callback=clock)
    rate = updates * games * rollout / (time.perf_counter() - clock.starts[1])
    env.close()
    print(json.dumps({"kind": kind, "rate": rate}))


if __name__ == "__main__":
    main()
