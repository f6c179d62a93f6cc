"""One Ray cluster for all tests of a process, as starting it takes seconds. Marks tests that need it: `@needs_ray`."""

from __future__ import annotations

import importlib.util

import pytest

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed (pip install 'tengen[ray]')"
)
