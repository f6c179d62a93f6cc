"""What every test process shares: one thread for PyTorch, so that two processes side by side fill two cores."""

from tengen.openmp import wait_briefly

wait_briefly()  # before torch comes

import pytest  # noqa: E402
import torch  # noqa: E402


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    torch.set_num_threads(1)
