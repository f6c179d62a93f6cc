"""Tengen's networks as RLlib's modules."""
