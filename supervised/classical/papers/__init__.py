"""The rows of the reading list that this room has."""

from __future__ import annotations

from supervised.classical.papers import lessons, linear, trees, unsupervised
from tengen.papers import Paper

PAPERS: tuple[Paper, ...] = (*linear.PAPERS, *trees.PAPERS, *unsupervised.PAPERS, *lessons.PAPERS)
