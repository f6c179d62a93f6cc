"""Ratings: how strong players are, from the games between them."""
