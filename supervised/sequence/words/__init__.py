"""Vectors of words, and of Go moves: skip-gram with negative sampling (Mikolov 2013)."""
