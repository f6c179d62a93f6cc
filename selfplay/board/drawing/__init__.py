"""The board, its stones and marks, and the graph of a game, as SVG. Pure functions of their arguments."""
