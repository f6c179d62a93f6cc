"""Labelled examples: their sources, and the order in which they are seen."""
