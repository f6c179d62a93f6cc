"""Marks tests of half a minute or more with `@takes_long`: `make proofs` runs them, `make test` does not."""

from __future__ import annotations

import os

import pytest

LONG = bool(os.environ.get("TENGEN_LONG"))
takes_long = pytest.mark.skipif(not LONG, reason="takes half a minute or more: run make proofs")
