"""Networks: shapes, gradients for every weight, overfitting one batch, files, input scaling in the network."""

from pathlib import Path

import pytest
import torch
from torch import nn

from supervised.nets.blocks import Scale
from supervised.nets.headed import HeadedNet, build, load_network, save_network
from supervised.nets.heads import Dueling
from tengen.device import Compute
from tengen.errors import UserError

SCREEN = [4, 84, 84]
TRUNKS = [
    {"kind": "small", "input_shape": SCREEN},
    {"kind": "small", "input_shape": SCREEN, "centre": True},
    {"kind": "nature", "input_shape": SCREEN},
    {"kind": "nature", "input_shape": SCREEN, "norm": True},
    {"kind": "impala", "input_shape": SCREEN},
    {"kind": "mlp", "input_shape": [4]},
    {"kind": "mlp", "input_shape": [1, 10, 5], "scale": 1 / 255, "norm": True},
]


def make(trunk: dict) -> tuple[HeadedNet, torch.Tensor]:
    net = build({"trunk": trunk, "heads": {"policy": 6, "value": 1, "q": 3, "dueling": 3}}, seed=1)
    shape = (5, *trunk["input_shape"])
    obs = torch.rand(shape) if trunk == TRUNKS[5] else torch.randint(0, 256, shape, dtype=torch.uint8)
    return net, obs


@pytest.mark.parametrize("trunk", TRUNKS, ids=lambda t: f"{t['kind']}{len(t)}")
def test_shapes_gradients_and_modes(trunk: dict) -> None:
    net, obs = make(trunk)
    out = net(obs)
    assert {k: tuple(v.shape) for k, v in out.items()} == {
        "policy": (5, 6),
        "value": (5,),
        "q": (5, 3),
        "dueling": (5, 3),
    }
    sum(v.square().sum() for v in out.values()).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []
    alone = torch.cat([net(o[None])["policy"] for o in obs])
    assert torch.allclose(alone, out["policy"], atol=1e-4)  # independent of the batch
    assert torch.equal(net.eval()(obs)["q"], net.train()(obs)["q"])


def test_parameter_counts_are_the_papers() -> None:
    """Nature 2015 with 4 actions: 8,224 + 32,832 + 36,928 + 1,606,144 + 2,052 (worked out by hand)."""
    net = build({"trunk": {"kind": "nature", "input_shape": SCREEN}, "heads": {"q": 4}})
    assert sum(p.numel() for p in net.parameters()) == 8224 + 32832 + 36928 + 1606144 + 2052
    small = build({"trunk": {"kind": "small", "input_shape": SCREEN}, "heads": {"q": 4}})
    assert sum(p.numel() for p in small.parameters()) == 4112 + 8224 + 663808 + 1028


def test_overfits_one_batch() -> None:
    net, obs = make(TRUNKS[0])
    target = torch.randn(5, 6)
    optimiser = torch.optim.Adam(net.parameters(), 1e-3)
    for _ in range(60):
        loss = (net(obs)["policy"] - target).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 1e-2


def test_input_normalisation_is_in_the_network(tmp_path: Path) -> None:
    scale = Scale(1.0, (1, 2, 2))
    scale.calibrate(torch.tensor([[10.0, 20.0], [30.0, 40.0]]), 5.0)
    obs = torch.full((1, 3, 2, 2), 30, dtype=torch.uint8)
    assert torch.equal(scale(obs)[0, 2], torch.tensor([[4.0, 2.0], [0.0, -2.0]]))
    assert torch.equal(scale(obs.float()), scale(obs)) and (obs == 30).all()
    net, screens = make(TRUNKS[1])
    net.trunk.scale.calibrate(torch.rand(84, 84) * 100, 9.0)
    save_network(tmp_path, net)
    assert torch.equal(load_network(tmp_path)(screens)["q"], net(screens)["q"])


def test_dueling_by_hand() -> None:
    head = Dueling(1, 2)
    nn.init.constant_(head.value.weight, 3.0)
    head.advantage.weight.data = torch.tensor([[1.0], [5.0]])
    assert torch.equal(head(torch.ones(1, 1)), torch.tensor([[1.0, 5.0]]))  # 3 + (1, 5) - 3


def test_the_same_seed_builds_the_same_network_and_leaves_the_generator_alone() -> None:
    spec = {"trunk": TRUNKS[0], "heads": {"q": 2}}
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    one, two, other = build(spec, 3), build(spec, 3), build(spec, 4)
    assert torch.equal(torch.rand(1), expected)
    state = [n.state_dict()["heads.q.out.weight"] for n in (one, two, other)]
    assert torch.equal(state[0], state[1]) and not torch.equal(state[0], state[2])


def test_files_that_do_not_fit_are_one_clear_line(tmp_path: Path) -> None:
    net, _ = make(TRUNKS[0])
    save_network(tmp_path / "a", net)
    with pytest.raises(UserError, match="network.json is missing"):
        load_network(tmp_path / "none")
    other, _ = make(TRUNKS[2])
    save_network(tmp_path / "b", other)
    (tmp_path / "a" / "weights.safetensors").write_bytes((tmp_path / "b" / "weights.safetensors").read_bytes())
    with pytest.raises(UserError, match=r"should be .* but is"):
        load_network(tmp_path / "a")
    (tmp_path / "b" / "weights.safetensors").write_bytes(b"rubbish")
    with pytest.raises(UserError, match="damaged"):
        load_network(tmp_path / "b")


def test_channels_last_and_bfloat16_change_little() -> None:
    net, obs = make(TRUNKS[2])
    plain = net(obs)["policy"]
    last = Compute(channels_last=True).place(net)(obs.contiguous(memory_format=torch.channels_last))["policy"]
    assert torch.allclose(plain, last, atol=1e-4)
    with Compute(precision="bfloat16").autocast():
        assert torch.allclose(net(obs)["policy"].float(), plain, atol=0.05)
