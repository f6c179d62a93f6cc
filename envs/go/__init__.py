"""Go: rules, scores, features, records. Start with `Go` in rules.py; the kernels are in board.py."""
