"""`beside` and `gradcheck` report where and how two results differ."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from capstones.beside import beside
from capstones.gradcheck import gradcheck

T = torch.tensor


def test_exact_close_and_different_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    theirs = T([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert beside(theirs.clone(), theirs).exact
    near = beside(theirs + T([[0, 0, 0], [0, 1e-6, 0]]), theirs)
    assert near and not near.exact and near.lines[0].where == (1, 1)
    far = beside(theirs + T([[0, 0.5, 0], [0, 0, -0.25]]), theirs, name="scores")
    assert not far and far.largest == 0.5 and far.lines[0].where == (0, 1)
    said = capsys.readouterr().out
    assert "exact" in said and "close    largest difference" in said
    assert "scores" in said and "largest difference 0.5 at [0, 1]: mine 2.5, theirs 2; 2 of 6 differ" in said


@pytest.mark.parametrize(
    ("mine", "says"),
    [
        (lambda x: x.T, "mine is theirs transposed"),
        (lambda x: 32 * x, "mine is 32 times theirs everywhere"),
        (lambda x: x / 8, "mine is 1/8 of theirs everywhere"),
        (lambda x: -x, "mine is theirs with the other sign"),
        (lambda x: x + 3, "mine is theirs + 3 everywhere"),
        (lambda x: x.reshape(2, 8), "shapes: mine [2, 8], theirs [4, 4]: the same numbers in another shape"),
        (lambda x: x[:3], "shapes: mine [3, 4], theirs [4, 4]"),
        (lambda x: torch.where(x > 15.5, float("nan"), x), "mine has 1 NaN"),
    ],
)
def test_what_is_off_in_one_way_is_named(mine, says: str) -> None:  # type: ignore[no-untyped-def]
    theirs = torch.arange(1.0, 17).reshape(4, 4)
    found = beside(mine(theirs), theirs, show=False)
    assert not found and says in str(found), str(found)


def test_gradients_lists_numbers_and_dicts() -> None:
    a, b = (torch.ones(3, requires_grad=True) for _ in "ab")
    (a * T([1.0, 2.0, 3.0])).sum().backward()
    (b * T([1.0, 2.0, 4.0])).sum().backward()
    found = beside({"w": a, "n": (1, 2.5)}, {"w": b, "n": (1, 2.5)}, show=False)
    assert [(line.name, line.verdict) for line in found.lines] == [
        ("w", "exact"),
        ("gradient of w", "differs"),
        ("n", "exact"),
    ]
    assert found.lines[1].where == (2,) and found.lines[1].largest == 1
    assert beside(np.float32(0.1), 0.1, show=False) and beside(float("nan"), float("nan"), show=False).exact
    assert beside([1, 2], T([1, 2]), show=False).exact
    with pytest.raises(TypeError, match="mine has a, theirs has b"):
        beside({"a": 1}, {"b": 1})
    with pytest.raises(TypeError, match="cannot compare str"):
        beside("a", "b")


def test_functions_are_compared_in_outputs_and_gradients() -> None:
    torch.manual_seed(0)
    x, y = torch.randn(5, 4), torch.randint(4, (5,))

    def right(x, y):  # type: ignore[no-untyped-def]
        return -(x - x.logsumexp(1, keepdim=True))[torch.arange(len(x)), y].mean()

    def detached(x, y):  # type: ignore[no-untyped-def]
        return -(x - x.logsumexp(1, keepdim=True).detach())[torch.arange(len(x)), y].mean()

    good, bad = (beside(f, F.cross_entropy, x, y, show=False) for f in (right, detached))
    assert good and [line.name for line in good.lines] == ["output", "gradient of input 0"]
    assert [line.verdict == "differs" for line in bad.lines] == [False, True]
    assert "is a detach missing" in bad.lines[1].text
    linear = nn.Linear(4, 2)
    assert len(beside(linear, linear, x, show=False).lines) == 4 and not x.requires_grad


def test_a_missing_detach_is_what_equal_losses_with_other_gradients_hint_at() -> None:
    """q = 1, discount 0.5, no reward: the gradient through the target halves that of the semi-gradient."""

    def through_target(q):  # type: ignore[no-untyped-def]
        return ((0.5 * q - q) ** 2).sum()

    def semi_gradient(q):  # type: ignore[no-untyped-def]
        return ((0.5 * q.detach() - q) ** 2).sum()

    said = str(beside(through_target, semi_gradient, torch.ones(3), show=False))
    assert "mine is 1/2 of theirs everywhere" in said and "a detach missing" in said and "through the target" in said
    assert "a sum where a mean" not in said
    summed = str(beside(lambda q: 3 * semi_gradient(q), semi_gradient, torch.ones(3), show=False))
    assert "a sum where a mean is meant" in summed and "detach" not in summed


class Through(torch.autograd.Function):
    """x squared, with a gradient that is `factor` times the correct one."""

    factor = 1.0

    @staticmethod
    def forward(ctx, x):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):  # type: ignore[no-untyped-def]
        return 2 * Through.factor * g * ctx.saved_tensors[0]


def test_gradcheck_finds_a_wrong_gradient_and_one_that_never_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 4)
    assert gradcheck(lambda x: Through.apply(x), x, show=False)
    monkeypatch.setattr(Through, "factor", 1.001)
    assert not gradcheck(lambda x: Through.apply(x), x, show=False)
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    found = gradcheck(net, x, most=10, show=False)
    assert found and [line.name for line in found.lines][:2] == ["gradient of input 0", "gradient of 0.weight"]
    assert net[0].weight.dtype == torch.float32 and net[0].weight.grad is None
    cut = gradcheck(lambda x: (x.detach() * 2).sum() + x[0].sum(), x, show=False)
    assert not cut and cut.largest > 1 and "autograd" in str(cut)
    assert "no gradient arrives here" in str(gradcheck(lambda x: torch.tensor(x.detach().numpy() * 2), x, show=False))
    with pytest.raises(ValueError, match=r"call \.eval\(\)|with \.eval\(\)"):
        gradcheck(nn.Dropout(0.5), x)
    with pytest.raises(ValueError, match="no input is floating point"):
        gradcheck(lambda x: x, T([1]))
