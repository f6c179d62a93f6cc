"""Who plays a game: at random, by a policy alone, by search, or a program that speaks GTP."""
