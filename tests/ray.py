"""One Ray for all tests of a process: starting it takes seconds. Tests that need it say `@needs_ray`."""

from __future__ import annotations

import importlib.util

import pytest

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed (pip install 'tengen[ray]')"
)
