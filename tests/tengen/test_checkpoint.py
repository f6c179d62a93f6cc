"""Checkpoints: exact, atomic, distinguished from damaged ones; nothing is unpickled."""

import pickle
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from tengen.checkpoint import (
    DamagedCheckpoint,
    checkpoints,
    differences,
    read_checkpoint,
    read_newest,
    write_checkpoint,
)
from tengen.errors import UserError


def tree() -> dict:
    return {
        "weights": {"a.weight": torch.randn(3, 4), "half": torch.randn(5).bfloat16()},
        "own": {
            "bytes": torch.arange(9, dtype=torch.uint8),
            "list": [1, 2.5, None, "x", [True]],
            "scalar": torch.tensor(2.0),
        },
        "array": np.arange(6, dtype=np.int64).reshape(2, 3),
        "empty": np.zeros((0, 3), np.uint8),
        "step": 7,
    }


def test_a_tree_comes_back_bit_for_bit(tmp_path: Path) -> None:
    given = tree()
    back = read_checkpoint(write_checkpoint(tmp_path, 7, given))
    assert differences(given, back) == []
    assert isinstance(back["array"], np.ndarray) and back["own"]["list"] == given["own"]["list"]


def test_the_same_again_never_leaves_a_moment_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished training that is resumed saves its last checkpoint again."""
    given = tree()
    path = write_checkpoint(tmp_path, 7, given)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(Path, "rename", killed)
        write_checkpoint(tmp_path, 7, given)
    assert differences(read_checkpoint(path), given) == []
    (path / "state.safetensors").write_bytes(b"damaged")
    assert differences(read_checkpoint(write_checkpoint(tmp_path, 7, given)), given) == []
    assert differences(read_checkpoint(write_checkpoint(tmp_path, 7, given | {"step": 8})), given) == ["/step"]


def test_channels_last_weights_come_back(tmp_path: Path) -> None:
    weight = torch.randn(4, 3, 2, 2).contiguous(memory_format=torch.channels_last)
    back = read_checkpoint(write_checkpoint(tmp_path, 1, {"weights": {"w": weight}}))
    assert torch.equal(back["weights"]["w"], weight)


def test_differences_are_found() -> None:
    one, other = tree(), tree()
    other["weights"]["a.weight"] = one["weights"]["a.weight"].clone()
    other["weights"]["half"] = one["weights"]["half"].clone()
    assert differences(one, other) == []
    other["weights"]["a.weight"][0, 0] = torch.nextafter(one["weights"]["a.weight"][0, 0], torch.tensor(9e9))
    other["step"] = 8
    assert differences(one, other) == ["/step", "/weights/a.weight"]
    assert differences({"z": torch.tensor(0.0)}, {"z": torch.tensor(-0.0)}) == ["/z"]
    empty = torch.empty(0, dtype=torch.int64)
    assert differences(empty, empty.as_strided((0,), (0,))) == []  # strides of an empty tensor do not matter


@pytest.mark.parametrize("file", ["tree.json", "weights.safetensors", "state.safetensors", "sums.json"])
@pytest.mark.parametrize("damage", ["truncate", "flip", "remove", "rubbish"])
def test_damage_is_noticed_and_the_one_before_is_taken(
    tmp_path: Path, file: str, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_checkpoint(tmp_path, 5, tree())
    path = write_checkpoint(tmp_path, 10, tree()) / file
    data = bytearray(path.read_bytes())
    if damage == "truncate":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        data[len(data) // 2] ^= 0x40
        path.write_bytes(data)
    elif damage == "remove":
        path.unlink()
    else:
        path.write_bytes(pickle.dumps({"step": 10}))
    with pytest.raises(DamagedCheckpoint):
        read_checkpoint(path.parent)
    assert read_newest(tmp_path)[0] == 5
    told = capsys.readouterr().err
    assert told.startswith("tengen: skipped a damaged checkpoint: ") and path.parent.name in told
    assert told.count("\n") == 1


def test_none_left_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no usable checkpoint.*none found"):
        read_newest(tmp_path)
    path = write_checkpoint(tmp_path, 5, tree())
    (path / "tree.json").write_text("{")
    with pytest.raises(UserError, match="1 damaged"):
        read_newest(tmp_path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_checkpoint(tmp_path, 5, tree())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tengen.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_checkpoint(tmp_path, 6, tree())
    assert [step for step, _ in checkpoints(tmp_path)] == [5]
    assert list(tmp_path.glob("*tmp*")) == []


def test_a_half_written_folder_is_not_a_checkpoint(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path, 5, tree())
    shutil.copytree(path, tmp_path / "step-000000000009.tmp-123")
    assert [step for step, _ in checkpoints(tmp_path)] == [5]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="/own/x"):
        write_checkpoint(tmp_path, 1, {"own": {"x": object()}})
