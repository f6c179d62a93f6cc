"""Checkpoints: a tree of tensors, arrays and plain values in a folder; nothing is ever unpickled.

    checkpoints/step-000000204800/
      tree.json            plain values, and for each array the file and key that holds it
      weights.safetensors  the arrays under "weights" in the tree: the network alone
      state.safetensors    every other array: optimiser, generators, replay tail, action journal
      sums.json            SHA-256 of the others, written last: a folder without it is not a checkpoint

The folder is written under a temporary name and renamed. A reader checks the sums, so a damaged or
truncated checkpoint is detected before anything is used from it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from tengen.errors import UserError, first_line
from tengen.files import parse_json, write_folder

Tree = dict[str, Any]  # nested: dict[str, …] | list | str | int | float | bool | None | array | tensor

_NAME = re.compile(r"^step-(\d{12})$")
_KINDS = {"step": int, "gradient_steps": int, "network": dict, "weights": dict, "own": dict}  # where they are there
_NO_MEMORY = re.compile(r"out of memory|(can't|not enough|cannot) (allocate )?memory", re.I)  # as PyTorch says it
_FILES = ("tree.json", "weights.safetensors", "state.safetensors")


class DamagedCheckpoint(Exception):
    """A checkpoint with files that are missing or altered."""


class NoCheckpoint(UserError):
    """A folder without a good checkpoint; `damaged` says what is wrong with each, the newest first."""

    def __init__(self, folder: Path, damaged: list[str]) -> None:
        found = f"{len(damaged)} damaged: {damaged[0]}" if damaged else "none found"
        super().__init__(f"no usable checkpoint in {folder} ({found}); start the run again")
        self.damaged = damaged


def write_checkpoint(folder: Path, step: int, tree: Tree) -> Path:
    """Write `tree` as checkpoint `step` (environment steps) under `folder`; return its path.

    One with the same content that is there already stays as it is: a kill while it is replaced would lose it.
    """
    arrays: dict[str, dict[str, torch.Tensor]] = {"weights": {}, "state": {}}
    plain = _split(tree, "", arrays)
    data = {
        "tree.json": json.dumps(plain).encode(),
        "weights.safetensors": save(arrays["weights"]),
        "state.safetensors": save(arrays["state"]),
    }
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in data.items()}
    data["sums.json"] = json.dumps(sums).encode()

    def fill(temporary: Path) -> None:
        for name, content in data.items():
            (temporary / name).write_bytes(content)

    path = folder / f"step-{step:012d}"
    if not _holds(path, data):
        write_folder(path, fill)
    return path


def _holds(path: Path, data: dict[str, bytes]) -> bool:
    try:
        return all((path / name).read_bytes() == content for name, content in data.items())
    except OSError:
        return False


def read_checkpoint(path: Path) -> Tree:
    """The tree written at `path`. `DamagedCheckpoint` if a file is not what was written; UserError without memory."""
    with _room_for(path):
        return _read(path)


def _read(path: Path) -> Tree:
    try:
        sums = parse_json((path / "sums.json").read_bytes())
        data = {name: (path / name).read_bytes() for name in _FILES}
        for name, content in data.items():
            if hashlib.sha256(content).hexdigest() != sums[name]:
                raise DamagedCheckpoint(f"{path / name} does not match its checksum")
        arrays = {"weights": load(data["weights.safetensors"]), "state": load(data["state.safetensors"])}
        tree: Tree = _join(parse_json(data["tree.json"]), arrays)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, SafetensorError) as error:
        raise DamagedCheckpoint(f"{path}: {error}") from error
    if not isinstance(tree, dict):
        raise DamagedCheckpoint(f"{path}: tree.json holds no tree")
    for name, kind in _KINDS.items():
        if name in tree and (not isinstance(tree[name], kind) or isinstance(tree[name], bool)):
            raise DamagedCheckpoint(f"{path}: {name} is not a {kind.__name__}")
    if not all(isinstance(value, torch.Tensor) for value in tree.get("weights", {}).values()):
        raise DamagedCheckpoint(f"{path}: weights must be tensors")
    return tree


def checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """(step, path) of every checkpoint folder, oldest first, good or not."""
    if not folder.is_dir():
        return []
    found = [(int(m[1]), p) for p in folder.iterdir() if (m := _NAME.match(p.name))]
    return sorted(found)


@contextmanager
def taken_from(source: object) -> Iterator[None]:
    """`DamagedCheckpoint` for errors with a tree whose checksums are right but whose content is not what is expected.

    It may come from somebody else, or from another version. UserError where the machine is what fails.
    """
    try:
        with _room_for(source):
            yield
    except (AttributeError, LookupError, ArithmeticError, RuntimeError, TypeError, ValueError) as error:
        raise DamagedCheckpoint(f"{source} has unexpected content: {first_line(error)}") from error


@contextmanager
def _room_for(source: object) -> Iterator[None]:
    """UserError if memory or a device fails while `source` is loaded: the checkpoint itself may be good."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or _NO_MEMORY.search(str(error)):
            raise UserError(
                f"not enough memory to load {source} ({first_line(error)}); "
                "close other programs, or continue on a machine with more"
            ) from error
        if isinstance(error, torch.AcceleratorError):
            raise UserError(f"the device failed while {source} was loaded: {first_line(error)}; try again") from error
        raise


def load_checkpoint(load: Callable[[Tree], object], path: Path) -> Tree:
    """Let `load` take the tree at `path`, and return the tree. `DamagedCheckpoint` if it cannot."""
    tree = read_checkpoint(path)
    with taken_from(path):
        load(tree)
    return tree


def begin_between(load: Callable[[Tree], object], first: Path, last: Path) -> Tree:
    """Let `load` take the tree at `first`; return the tree at `last`. UserError if either is damaged."""
    try:
        load_checkpoint(load, first)
        return read_checkpoint(last)
    except DamagedCheckpoint as damage:
        raise UserError(f"cannot be verified: {damage}") from damage


def aside(text: str) -> None:
    """Print a line to standard error."""
    print(f"tengen: {text}", file=sys.stderr, flush=True)


def read_newest(
    folder: Path, use: Callable[[Tree], object] = lambda tree: None, tell: Callable[[str], None] = aside
) -> tuple[int, Tree]:
    """(step, tree) of the newest good checkpoint that `use` accepts; `tell` gets a line for each one skipped.

    NoCheckpoint where there is none.
    """
    damaged: list[str] = []
    for step, path in reversed(checkpoints(folder)):
        try:
            tree = load_checkpoint(use, path)
        except DamagedCheckpoint as damage:
            damaged.append(str(damage))
            continue
        for passed_over in damaged:
            tell(f"skipped a damaged checkpoint: {passed_over}")
        return step, tree
    raise NoCheckpoint(folder, damaged)


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """The places where two trees differ, bit for bit (empty if they are the same)."""
    if isinstance(one, torch.Tensor | np.ndarray) and isinstance(other, torch.Tensor | np.ndarray):
        a, b = torch.as_tensor(one), torch.as_tensor(other)
        same = a.shape == b.shape and a.dtype == b.dtype and _bits(a) == _bits(b)
        return [] if same else [path]
    if isinstance(one, dict) and isinstance(other, dict):
        keys = one.keys() | other.keys()
        return [d for k in sorted(keys) for d in differences(one.get(k), other.get(k), f"{path}/{k}")]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{path}/{i}")]
    return [] if json.dumps(one) == json.dumps(other) else [path]


def _bits(tensor: torch.Tensor) -> bytes:
    if not tensor.numel():
        return b""  # an empty tensor may carry any stride, which `view` then refuses
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).cpu().numpy().tobytes()


def _split(value: Any, path: str, arrays: dict[str, dict[str, torch.Tensor]]) -> Any:
    """Move arrays out of `value` into `arrays`, leaving `{"@array": [file, key]}` in their place."""
    if isinstance(value, dict):
        return {str(k): _split(v, f"{path}/{k}", arrays) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_split(v, f"{path}/{i}", arrays) for i, v in enumerate(value)]
    if isinstance(value, torch.Tensor | np.ndarray):
        tensor = torch.as_tensor(_writable(value) if isinstance(value, np.ndarray) else value)
        file, key = ("weights", path[9:]) if path.startswith("/weights/") else ("state", path[1:])
        arrays[file][key] = tensor.detach().cpu().contiguous().clone()
        return {"@array": [file, key], "numpy": isinstance(value, np.ndarray)}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a checkpoint cannot hold {type(value).__name__} at {path}")


def _writable(array: np.ndarray) -> np.ndarray:
    """`array`, copied if its memory is shared with others: PyTorch warns about that."""
    array = np.ascontiguousarray(array)
    return array if array.flags.writeable else array.copy()


def _join(value: Any, arrays: dict[str, dict[str, torch.Tensor]]) -> Any:
    if isinstance(value, dict):
        if "@array" in value:
            file, key = value["@array"]
            tensor = arrays[file][key]
            return tensor.numpy() if value["numpy"] else tensor
        return {k: _join(v, arrays) for k, v in value.items()}
    return [_join(v, arrays) for v in value] if isinstance(value, list) else value
