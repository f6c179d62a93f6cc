"""One Ray for all tests of a process: starting it takes seconds. Tests that need it say `@needs_ray`."""

from __future__ import annotations

import importlib.util
import os

import pytest

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed (pip install 'tengen[ray]')"
)
takes_long = pytest.mark.skipif(
    not os.environ.get("TENGEN_LONG"), reason="half a minute or more of starting processes: make proofs"
)
