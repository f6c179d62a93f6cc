"""Two learners that share a batch, without Ray: this process and another, connected by torch.distributed with gloo."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed as dist
from torch import nn

from agents.alphazero.batch import Batch
from agents.alphazero.config import PRESETS
from agents.alphazero.learner import Learner
from agents.alphazero.network import network_spec
from envs.boards.catalogue import make_game
from supervised.config import Config
from supervised.data.source import IGNORED
from supervised.kernels.shared_norm import share_norms
from supervised.nets.headed import build
from supervised.nets.tower import BoardNorm
from supervised.train import LabelLearner
from tengen.device import Compute
from tengen.learners.group import Group
from tengen.learners.process import Order, follow, lead
from tengen.run import Run
from tengen.session import Outcome
from tests.long import takes_long
from tests.supervised.test_train import learner as label_learner
from tests.tengen.learners.test_workers import SAME, alone, differ, training

LABELS = Config(net="vgg", epochs=1, batch=62, lr=0.05, augment="crop", ema=0.9, max_grad_norm=0.5)
TICTACTOE = f"tictactoe --steps 1024 --rate-games 4 --net tower8x1 --simulations 4 --boards 32 {SAME}"
AZ = replace(PRESETS["go5"], net="tower8x2", batch=9, lr=0.003, lr_warmup=0, sizes="3")


def gradients(group: Group) -> list[torch.Tensor]:
    """All-reduced sums of two gradients, one not row-major; a parameter without a gradient gets none."""
    a, b, c = (nn.Parameter(torch.zeros(shape)) for shape in ((2,), (1, 2, 2, 1), (3,)))
    a.grad = torch.tensor([1.0, 2.0]) * (group.rank + 1)
    b.grad = torch.arange(4.0).view(1, 2, 2, 1).to(memory_format=torch.channels_last) + group.rank
    group.add_gradients([a, b, c])
    assert c.grad is None
    return [a.grad, b.grad]


def normed(group: Group) -> list[torch.Tensor]:
    """Output of this learner's part, and gradients, of a norm over 5 pictures, with a mask and without."""
    found = []
    for masked in (False, True):
        torch.manual_seed(3)
        net = nn.Sequential(BoardNorm(2))
        net[0].weight.data.copy_(torch.tensor([0.5, 2.0]))
        share_norms(net, group)
        part = group.part(5)
        x, weights = torch.randn(5, 2, 3, 3, requires_grad=True), torch.randn(5, 2, 3, 3)
        mask = (torch.rand(5, 1, 3, 3) < 0.7).float() if masked else None
        out = net[0](x[part], None if mask is None else mask[part])
        (out * weights[part]).sum().backward()
        group.add_gradients([*net.parameters()])
        assert x.grad is not None
        total = x.grad.clone()
        if group.size > 1:
            dist.all_reduce(total)
        state = net.state_dict()
        found += [total, net[0].weight.grad, net[0].bias.grad, state["0.running_mean"], state["0.running_var"]]
    return found


def labels(group: Group) -> LabelLearner:
    """Learn a few batches, the last of which has a single example."""
    made = label_learner(LABELS)
    made.total_steps = 3 * 62 + 1
    made.join(group)
    if group.rank:
        while group.receive() is not None:
            made.follow(())
    else:
        made.rows = list(made.ticks())  # type: ignore[attr-defined]
        group.deal([None] * group.size)
    return made


def alphazero(group: Group) -> Learner:
    game = make_game("go5")
    net = build(network_spec(game, AZ), 1)
    made = Learner(AZ, net, Compute(threads=1), 1000)
    made.join(group)
    net.train()
    if group.rank:
        while (work := group.receive()) is not None:
            made.follow(work)
    else:
        made.rows = [made.learn(positions(seed), 0) for seed in range(3)]  # type: ignore[attr-defined]
        group.deal([None] * group.size)
    return made


def positions(seed: int) -> Batch:
    """9 positions, some without reply or score, on boards of two sizes."""
    rng = np.random.default_rng(seed)
    game = make_game("go5")
    planes = rng.integers(0, 2, (9, len(game.planes), 5, 5)).astype(np.int8)
    planes[:, 0] = 1
    planes[:4, 0, 3:] = planes[:4, 0, :, 3:] = 0
    policy = rng.random((9, 26)).astype(np.float32)
    return Batch(
        planes * planes[:, :1],
        policy / policy.sum(1, keepdims=True),
        rng.integers(0, 3, 9),
        np.where(rng.random(9) < 0.4, IGNORED, rng.integers(0, 26, 9)),
        rng.integers(-1, 2, (9, 5, 5)).astype(np.float32),
        rng.normal(0, 9, 9).astype(np.float32),
        np.arange(9) > 5,
    )


def self_play(group: Group, root: Path = Path()) -> Outcome | None:
    """A whole training of one iteration; the second learner builds the network described by the first."""
    if group.rank:
        follow(group)
        return None
    told: dict[str, Any] = {}
    order = Order(runs=str(root), training=training(f"{TICTACTOE} --learners 2"), argv=("tengen",))
    lead(order, group, lambda what, value: bool(told.update({what: value})))
    return told["outcome"]  # type: ignore[no-any-return]


WORKS: dict[str, Callable[[Group], object]] = {
    one.__name__: one for one in (gradients, normed, labels, alphazero, self_play)
}


def other(store: str) -> None:
    """The second process's work."""
    torch.set_num_threads(1)
    group = join(store, 1)
    while (name := group.receive()) is not None:
        WORKS[name](group)
    dist.destroy_process_group()


def join(store: str, rank: int) -> Group:
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    return Group.joined()


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    store = str(Path(tmp_path_factory.mktemp("store")) / "store")
    process = multiprocessing.get_context("spawn").Process(target=other, args=(store,), daemon=True)
    process.start()
    made = join(store, 0)
    yield made
    made.deal([None, None])
    dist.destroy_process_group()
    process.join(30)


def both(group: Group, work: Callable[[Group], object]) -> tuple[object, object]:
    """The results of `work` in this process, as one of two and alone."""
    group.deal([work.__name__] * 2)
    return work(group), work(Group())


def flat(tree: object, name: str = "") -> dict[str, torch.Tensor]:
    """The tensors of a state by name."""
    if isinstance(tree, dict):
        return {k: v for key, value in tree.items() for k, v in flat(value, f"{name}/{key}").items()}
    return {name: tree} if isinstance(tree, torch.Tensor) else {}


def test_parts_cover_a_batch() -> None:
    assert Group(0, 3).parts(8) == [slice(0, 3), slice(3, 6), slice(6, 8)]
    assert Group(1, 2).part(1) == slice(1, 1) and Group().part(5) == slice(0, 5)


def test_gradients_are_added_by_hand(group: Group) -> None:
    a, b = both(group, gradients)[0]  # type: ignore[misc]
    assert a.tolist() == [3, 6]  # 1 + 2, 2 + 4
    assert b.flatten().tolist() == [1, 3, 5, 7]  # 2 n + 1


def test_norms_are_those_of_the_whole_batch(group: Group) -> None:
    two, one = both(group, normed)
    for shared, whole in zip(two, one, strict=True):  # type: ignore[call-overload]
        torch.testing.assert_close(shared, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("work", [labels, alphazero])
def test_two_learn_what_one_learns(group: Group, work: Callable[[Group], LabelLearner | Learner]) -> None:
    """Same weights, moments and metrics, also with batch norm, missing targets and gradient clipping."""
    two, one = both(group, work)
    rows = [getattr(row, "metrics", row) for row in two.rows], [getattr(row, "metrics", row) for row in one.rows]  # type: ignore[attr-defined]
    for shared, whole in zip(*rows, strict=True):
        assert shared == pytest.approx(whole, rel=1e-4, abs=1e-4)
    states = [flat(learner.state()) for learner in (two, one)]  # type: ignore[attr-defined]
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        near = 5e-3 if "running_var" in name else 1e-4  # n / (n - 1) counts in tiny batches
        torch.testing.assert_close(value, states[1][name], rtol=near, atol=1e-4, msg=lambda m, n=name: f"{n}: {m}")


@takes_long
def test_self_play_with_two_learners(group: Group, tmp_path: Path) -> None:
    """The first iteration: games of the same network, and the gradient steps due from them."""
    group.deal(["self_play"] * 2)
    outcome = self_play(group, tmp_path / "two")
    assert outcome is not None and outcome.finished
    run = Run(outcome.run)
    assert run.rows()[-1]["gradient_steps"] > 10
    assert differ(run, alone(TICTACTOE, tmp_path / "one"), 1e-3) == []
