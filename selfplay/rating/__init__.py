"""Elo ratings of players, from the games between them."""
