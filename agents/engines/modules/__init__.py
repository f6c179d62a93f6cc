"""Tengen's networks as RLlib modules."""
