"""Tree search for many games at once: PUCT and Gumbel, over any game or model."""
