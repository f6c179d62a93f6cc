"""Builds environments and networks for training, in the main process and in workers."""

from __future__ import annotations

from agents.settings import Settings
from envs.vector import VecEnv
from envs.worlds import World, make_world
from supervised.kernels.learning import for_learning
from supervised.nets.headed import HeadedNet
from supervised.trunks import has_batch_statistics
from tengen.device import Compute
from tengen.errors import UserError


def world_with(world: World, num_envs: int, settings: Settings, threads: int) -> VecEnv:
    """`num_envs` games of `world`, configured by `settings`; `threads` 0: all cores."""
    return make_world(
        world,
        num_envs,
        repeat_action_probability=settings.sticky,
        life_loss_ends=settings.life_loss_ends,
        threads=threads,
    )


def ready(net: HeadedNet, compute: Compute) -> HeadedNet:
    """Prepare `net` for acting and learning with `compute`."""
    if has_batch_statistics(net):
        net.eval()  # agents act and learn with the batch statistics stored in the trunk
    for_learning(net, compute)
    return net


def shared_equally(num_envs: int, workers: int) -> None:
    """UserError if `num_envs` games cannot be divided equally among `workers`."""
    if num_envs % workers:
        fitting = [n for n in range(1, num_envs + 1) if num_envs % n == 0]
        near = sorted(sorted(fitting, key=lambda n: abs(n - workers))[:2])
        games = -(-num_envs // workers) * workers
        raise UserError(
            f"{workers} workers cannot share {num_envs} games equally: use --workers"
            f" {' or '.join(map(str, near))}, or --num-envs {games}"
        )
