"""Objectives: each is a function from a network and a batch to a loss and metrics."""
