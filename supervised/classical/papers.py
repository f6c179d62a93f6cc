"""The rows of the reading list that this room has."""

from __future__ import annotations

from tengen.papers import Paper

PAPERS: tuple[Paper, ...] = ()
