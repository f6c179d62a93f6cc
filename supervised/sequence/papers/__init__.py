"""The rows of the reading list that this room has."""

from __future__ import annotations

from supervised.sequence.papers import text, translation, words
from tengen.papers import Paper

PAPERS: tuple[Paper, ...] = (*text.PAPERS, *words.PAPERS, *translation.PAPERS)
