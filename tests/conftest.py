"""Shared by all test processes: PyTorch uses one thread, so two processes side by side use two cores."""

import importlib
import os
from collections.abc import Iterator

from tengen.openmp import wait_briefly

wait_briefly()  # before torch is imported
if not os.environ.get("TENGEN_GPU"):  # `make gpu` sets it
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # the numbers that tests know are a CPU's

import pytest  # noqa: E402
import torch  # noqa: E402


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def ray() -> Iterator[None]:
    """Start a Ray cluster for this process, as `--workers` does."""
    from tengen.cluster import Cluster
    from tengen.connection import connect
    from tengen.errors import UserError

    try:
        connection = connect(Cluster(), cpus=8, object_store=300_000_000)
    except UserError:  # on a busy machine it can take longer than Ray waits: retry once
        importlib.import_module("ray").shutdown()
        connection = connect(Cluster(), cpus=8, object_store=300_000_000)
    yield
    connection.close()
