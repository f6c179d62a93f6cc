"""The board, what lies on it, and the graph of a game, as SVG texts. Functions of what they are given, nothing else."""
