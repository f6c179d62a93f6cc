"""Vectors of words, and of moves of Go: skip-gram with negative sampling (Mikolov 2013)."""
