"""Players: random, policy without search, search, your own Python code, or a program that speaks GTP."""
