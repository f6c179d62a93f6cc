"""`HeadedNet`: a trunk and its heads, built from a plain spec that is saved with the weights.

    spec = {"trunk": {"kind": "nature", "input_shape": [4, 84, 84]}, "heads": {"policy": 6, "value": 1}}
    net = build(spec);  net(obs)["policy"]  # [B, 6]

The spec is saved with the weights, so a file is all it takes to rebuild a network. A head's entry is its size;
`{"kind": "points", "size": 362}` uses another kind of head under the same name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from safetensors.torch import load_file, save
from torch import nn

from supervised.nets import catalogue
from tengen.bounds import bounded, dry_run, weights_in, within
from tengen.errors import UserError, first_line, unknown
from tengen.files import write_bytes, write_json
from tengen.lookup import find

Spec = dict[str, Any]

# What a network's constructor raises where its description is damaged.
_DAMAGE = (AttributeError, LookupError, ArithmeticError, RuntimeError, TypeError, ValueError)


class HeadedNet(nn.Module):
    """One trunk with several heads. [B, *input_shape] -> {head: output}."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.spec = spec
        options = dict(spec["trunk"])
        kind = options.pop("kind")
        make = catalogue.make_trunk(kind)
        try:
            self.trunk: nn.Module = make(**options)
        except RuntimeError as error:  # a kernel larger than the remaining picture
            raise UserError(
                f"inputs {options['input_shape']} are too small for a {kind} trunk; use --net mlp or another one"
            ) from error
        self.heads = nn.ModuleDict(
            {name: _make_head(name, wanted, kind, self.trunk) for name, wanted in spec["heads"].items()}
        )

    def forward(self, obs: torch.Tensor) -> dict[str, torch.Tensor]:
        features = self.trunk(obs)  # [B, features], or BoardFeatures
        return {name: head(features) for name, head in self.heads.items()}


def _make_head(name: str, wanted: int | dict[str, Any], trunk_kind: str, trunk: nn.Module) -> nn.Module:
    kind, size = (name, wanted) if isinstance(wanted, int) else (wanted["kind"], wanted["size"])
    out_shape = cast(tuple[int, ...], trunk.out_shape)  # (features,), or (C, H, W) for a board
    form = "flat" if len(out_shape) == 1 else "board"
    fitting = {one: head for one, head in catalogue.HEADS.items() if getattr(head, form)}
    if kind not in fitting:
        raise unknown("head", kind, fitting, f"for a {trunk_kind} trunk")
    head = fitting[kind]
    points = (out_shape[1] * out_shape[2],) if head.needs_points else ()
    made: nn.Module = find(getattr(head, form))(out_shape[0], size, *points)
    return made


def build(spec: Spec, seed: int | None = None) -> HeadedNet:
    """The network described by `spec`; with `seed`, its initial weights depend only on that.

    UserError if it is larger than the memory or than the run that it belongs to (tengen/bounds.py).
    """
    if seed is None:
        return bounded(lambda: HeadedNet(spec), _surely_small(spec))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return bounded(lambda: HeadedNet(spec), _surely_small(spec))


def sound(spec: Spec | None, where: object) -> Spec | None:
    """`spec`, read from the file `where`, if it describes a network (or is None). UserError otherwise."""
    if spec is not None:
        try:
            dry_run(lambda: HeadedNet(spec))
        except _DAMAGE as error:
            raise UserError(
                f"the network described in {where} cannot be built ({type(error).__name__}: {first_line(error)});"
                " restore the file"
            ) from error
    return spec


def check_fit(spec: Spec, input_shape: Sequence[int], heads: Mapping[str, Any], task: str) -> None:
    """UserError if the network of a run, `spec`, does not take what `task` gives or lacks the heads it needs."""
    takes = list(spec["trunk"]["input_shape"])
    if spec["heads"] != heads or takes != list(input_shape):
        raise UserError(
            f"the run's network does not fit its task: it takes {takes} and has heads {spec['heads']},"
            f" {task} gives {list(input_shape)} and needs {heads}"
        )


def build_with(spec: Spec, weights: Mapping[str, torch.Tensor], where: str) -> HeadedNet:
    """The network described by `spec`, with its trained `weights`; UserError if they do not match."""
    with within(weights_in(weights, where)):
        net = HeadedNet(spec)
    load_weights(net, weights, where)
    return net


def _surely_small(spec: Spec) -> bool:
    """Whether a network with the numbers in `spec` surely fits into memory, by a rough bound.

    With n numbers of at most m, there are at most n m layers of m * m * 64 weights (64: an 8x8 kernel).
    """
    numbers: list[int] = []

    def look(value: Any) -> None:
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
            look(part)
        if isinstance(value, int):
            numbers.append(value)

    look(spec)
    return 64 * len(numbers) * max(numbers, default=0) ** 3 < 1e9


class Saveable(Protocol):
    """A trained network of any kind."""

    @property
    def spec(self) -> Spec: ...

    def state_dict(self) -> Mapping[str, torch.Tensor]: ...


def save_network(folder: Path, net: Saveable, dtype: torch.dtype = torch.float32) -> None:
    """Write `network.json` and `weights.safetensors` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.detach().cpu().to(dtype).contiguous() for k, v in net.state_dict().items()}
    write_bytes(folder / "weights.safetensors", save(weights))
    write_json(folder / "network.json", net.spec)


def load_network(folder: Path) -> HeadedNet:
    """Load the network saved in `folder`, in float32."""

    def damaged(error: Exception) -> UserError:
        return UserError(f"the network in {folder} is damaged ({first_line(error)}); copy it again")

    try:
        spec = json.loads((folder / "network.json").read_text())
        weights = load_file(folder / "weights.safetensors")
    except FileNotFoundError as error:
        raise UserError(f"no network in {folder}: {Path(error.filename or '').name} is missing") from error
    except Exception as error:  # safetensors and JSON raise different exceptions
        raise damaged(error) from error
    try:
        return build_with(spec, weights, str(folder))
    except UserError:
        raise
    except _DAMAGE as error:
        raise damaged(error) from error


def load_weights(net: nn.Module, weights: Mapping[str, torch.Tensor], where: str) -> None:
    """Load `weights` strictly; UserError if a name or shape does not match."""
    expected = net.state_dict()
    for name in expected.keys() | weights.keys():
        want = tuple(expected[name].shape) if name in expected else "nothing"
        came = tuple(weights[name].shape) if name in weights else "nothing"
        if want != came:
            raise UserError(f"the weights in {where} do not fit: {name} should be {want} but is {came}")
    net.load_state_dict({k: v.to(expected[k].dtype) for k, v in weights.items()})
