"""The rows of the reading list that this room has."""

from __future__ import annotations

from supervised.generative.papers import binary, pictures
from tengen.papers import Paper

PAPERS: tuple[Paper, ...] = (*binary.PAPERS, *pictures.PAPERS)
