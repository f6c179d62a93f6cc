"""Players: random, a policy alone, a search, or a program that speaks GTP."""
