"""The board, what is on it, and the graph of a game, as SVG text. Pure functions."""
