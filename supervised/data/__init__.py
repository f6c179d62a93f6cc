"""Data sets: where they come from, and the order of their examples."""
