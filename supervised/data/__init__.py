"""Labelled examples: where they come from, and in which order they are seen."""
