"""`--trunk NAME`: the trunk of a trained network under new heads, or with `--keep-heads` under its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from scripts.players import load_net, run_of, zoo_entry
from scripts.recipes import Common
from supervised.nets.headed import ANY_BOARD, HeadedNet, load_weights
from tengen.errors import UserError
from tengen.run import Run


def given_trunk(settings: Common, runs: Path, input_shape: Sequence[int]) -> HeadedNet | None:
    """The network that `--trunk` (a run or an entry of the zoo) means, if its trunk takes [*input_shape]; None without.

    Board trunks work on every size: only their planes have to be the same.
    """
    name = settings.trunk
    if not name:
        if settings.freeze_trunk or settings.keep_heads:
            option = "--freeze-trunk" if settings.freeze_trunk else "--keep-heads"
            raise UserError(f"{option} says what happens to the network of --trunk NAME; name one")
        return None
    net = load_net(name, runs)
    takes, gets = net.spec["trunk"]["input_shape"], list(input_shape)
    if takes == gets:
        return net
    if net.spec["trunk"]["kind"] in ANY_BOARD and len(gets) == 3 and takes[0] == gets[0]:
        net.spec["trunk"]["input_shape"] = gets
        return net
    raise UserError(
        f"the trunk of {name} expects inputs {_shape(takes)} and this task gives {_shape(gets)}; "
        "name a run that was trained on the same kind of input"
    )


def hand_over(given: HeadedNet, net: HeadedNet, keep_heads: bool = False) -> None:
    """Load the weights of `given`'s trunk into `net`'s, strictly; with `keep_heads` those of heads that both have."""
    load_weights(net.trunk, dict(given.trunk.state_dict()), "the given trunk")
    if not keep_heads:
        return
    kept = [name for name, wanted in net.spec["heads"].items() if given.spec["heads"].get(name) == wanted]
    if not kept:
        raise UserError(
            f"--keep-heads: the given network has the heads {given.spec['heads']} and this task needs "
            f"{net.spec['heads']}; leave the option out to begin with new ones"
        )
    for name in kept:
        load_weights(net.heads[name], dict(given.heads[name].state_dict()), f"the given head '{name}'")


def origin(name: str, runs: Path) -> dict[str, Any]:
    """What is known of the network that `--trunk` names: for meta.json, and from there for the zoo's cards."""
    path = run_of(name, runs)
    known = how_trained(Run.open(path)) if path else zoo_entry(name, runs)[1]
    told = ("task", "steps", "minutes", "trained_with", "began_from")
    return {"network": path.name if path else name} | {what: known[what] for what in told if what in known}


def how_trained(run: Run) -> dict[str, Any]:
    """The command that began the run, without the places of files, what was changed on the way, what it began with."""
    meta = run.meta()
    command = " ".join(word if "/" not in word else Path(word).name for word in meta["argv"])
    found: dict[str, Any] = {"trained_with": "; ".join([command, *run.changes()])}
    if "began_from" in meta:
        found["began_from"] = meta["began_from"]
    return found


def has_batch_statistics(net: nn.Module) -> bool:
    return any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())


def describe_trunk(settings: Common, net: HeadedNet) -> str:
    spec: dict[str, Any] = net.spec["trunk"]
    count = sum(p.numel() for p in net.trunk.parameters())
    frozen = ", frozen" if settings.freeze_trunk else ""
    heads = "its own heads where they fit" if settings.keep_heads else "new heads"
    return f"trunk of {settings.trunk}: {spec['kind']}, {count:,} weights{frozen}; {heads}"


def _shape(shape: Sequence[int]) -> str:
    return "[" + ", ".join(str(n) for n in shape) + "]"
