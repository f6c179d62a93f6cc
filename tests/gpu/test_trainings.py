"""Every kind of training on a GPU, and doctor: `make gpu`. The other tests compute on the CPU (tests/conftest.py)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import torch

from tengen.run import Run
from tests.faults import stand_ins
from tests.faults.resumed import ENVIRONMENT, command, only_run
from tests.faults.trainings import trainings

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no GPU that PyTorch can use, or TENGEN_GPU is unset"
)

NAMES = [training.name for training in trainings(Path("data"))]
VERIFIED = (0, 1)  # exit statuses of --verify: not all of PyTorch's GPU kernels repeat bit for bit


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    stand_ins.make(folder)
    return folder


def typed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.parametrize("name", NAMES)
def test_it_trains_and_can_be_verified(name: str, data: Path, tmp_path: Path) -> None:
    words = dict(trainings(data))[name]
    done = typed("train", *words, "--device", "cuda", "--checkpoint-seconds", "0", "--runs", str(tmp_path))
    if "only computes on the cpu" in done.stderr:
        pytest.skip(f"{name} computes on the CPU")
    assert done.returncode == 0, done.stderr
    run = only_run(tmp_path)
    assert Run(run).config()["compute"]["device"] == "cuda"
    verified = typed("resume", str(run), "--verify")
    assert verified.returncode in VERIFIED, verified.stderr


def test_doctor_measures_it() -> None:
    done = typed("doctor")
    assert done.returncode == 0 and "will use   cuda" in done.stdout, done.stdout + done.stderr
