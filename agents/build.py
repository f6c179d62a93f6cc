"""Build environments and networks for a training, here and in its workers."""

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
    """`num_envs` games of `world` as `settings` want them; `threads` 0 = all cores."""
    return make_world(
        world,
        num_envs,
        repeat_action_probability=settings.sticky,
        life_loss_ends=settings.life_loss_ends,
        threads=threads,
    )


def ready(net: HeadedNet, compute: Compute) -> HeadedNet:
    """`net`, ready to play and to learn with `compute`."""
    if has_batch_statistics(net):
        net.eval()  # an agent acts and learns with the statistics that came with the trunk
    for_learning(net, compute)
    return net


def shared_equally(num_envs: int, workers: int) -> None:
    """UserError where `num_envs` games cannot be shared by so many workers."""
    if num_envs % workers:
        fitting = [n for n in range(1, num_envs + 1) if num_envs % n == 0]
        near = sorted(sorted(fitting, key=lambda n: abs(n - workers))[:2])
        games = -(-num_envs // workers) * workers
        raise UserError(
            f"{workers} workers cannot share {num_envs} games equally: use --workers"
            f" {' or '.join(map(str, near))}, or --num-envs {games}"
        )
