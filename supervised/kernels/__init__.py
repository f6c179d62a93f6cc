"""Faster implementations of network layers, with the same function, swapped into finished networks from outside."""
