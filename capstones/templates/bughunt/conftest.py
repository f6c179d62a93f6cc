"""Every project has its own `train.py`: when pytest runs all of them, each is unloaded before the next."""

import sys

import pytest


def pytest_collectstart(collector):
    if isinstance(collector, pytest.Module):
        for name in ("train", "curve"):
            sys.modules.pop(name, None)
        sys.path.insert(0, str(collector.path.parent))
