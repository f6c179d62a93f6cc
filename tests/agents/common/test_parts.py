"""Experience from workers arrives intact: on real Pong, every byte of the frame stacks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from agents.catalogue import find_agent
from agents.common.acting import Share
from agents.common.parts import Part, pack, put, rollout_of
from envs.atari import AtariVec
from envs.toy import Catch
from envs.vector import Journal, VecEnv
from supervised.nets.headed import build
from tengen.device import Compute
from tengen.lookup import find
from tengen.seeding import Seeds

STEPS, GAMES = 48, 3
PPO = find_agent("ppo")
CONFIG = PPO.module.Config(num_envs=GAMES, num_steps=STEPS, net="small")


def actor(env: VecEnv, share: Share | None):  # type: ignore[no-untyped-def]
    """Games are cut every 50 steps, which falls on a different row of each rollout of 48 steps."""
    from agents.ppo.train import network_heads
    from agents.session import network_spec

    net = build(network_spec(env, CONFIG if env.obs_shape[0] == 4 else PPO.module.Config(net="mlp"), network_heads), 0)
    return find(PPO.actor)(CONFIG, Journal(env, Seeds(1), 50 * GAMES), net, Compute(), Seeds(1), share)


@pytest.mark.parametrize("world", ["pong", "catch"])
def test_what_is_played_elsewhere_arrives_as_if_it_had_been_played_here(world: str) -> None:
    """Games also end by themselves: after 40 steps in Pong."""
    here, there = (
        actor(AtariVec("pong", GAMES, max_frames=160) if world == "pong" else Catch(GAMES), share)
        for share in (None, Share())
    )
    whole = rollout_of(STEPS, here.env, 2 * GAMES)
    began = 0
    for _ in range(4):
        expected, notes = here.play()
        played, noted = there.play()
        part = pack(played, noted, there.env.take_finished())
        assert part.episodes == here.env.take_finished()
        if world == "pong":
            assert part.seen.shape == (STEPS + 3, GAMES, 84, 84) and part.seen.dtype == np.uint8
        (log_pi, value) = put(whole, [part, part], threads=2)
        rows = torch.arange(2 * GAMES * STEPS).view(STEPS, 2 * GAMES)
        for columns in (slice(0, GAMES), slice(GAMES, None)):
            came = whole.obs.take(rows[:, columns].flatten())
            assert torch.equal(came, expected.obs.take(torch.arange(GAMES * STEPS)))
            for name in ("action", "reward", "discount", "valid", "ended"):
                assert torch.equal(getattr(whole, name)[:, columns], getattr(expected, name)), name
            assert torch.equal(log_pi[:, columns], notes[0]) and torch.equal(value[:, columns], notes[1])
        began += int((~expected.valid).sum())
    assert began > 2 * GAMES, "games began on the way"


def test_parts_that_differ_in_length() -> None:
    """The rows missing from the shorter one are not steps of a game, whatever the buffer held before."""

    def part(steps: int, value: float) -> Part:
        shape = (steps, 1)
        full = np.full(shape, value, np.float32)
        yes = np.ones(shape, bool)
        return Part(
            np.full((steps, 4), value, np.float32), False, yes.astype(np.uint8), full, full, yes, yes, (yes,), []
        )

    env = Journal(Catch(2), Seeds(1), 100)
    env.obs_shape = (4,)
    rollout = rollout_of(3, env)
    put(rollout, [part(3, 9.0), part(3, 9.0)])
    (counts,) = put(rollout, [part(3, 1.0), part(1, 2.0)])
    assert rollout.played == 4
    assert rollout.reward.tolist() == [[1, 2], [1, 0], [1, 0]]
    assert rollout.valid.tolist() == counts.tolist() == [[True, True], [True, False], [True, False]]
    assert rollout.obs.take(torch.tensor([0, 1, 2]))[:, 0].tolist() == [1, 2, 1]
