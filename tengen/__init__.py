"""Shared by every room of Tengen: runs, checkpoints, seeds, devices, metrics and their sinks."""

__version__ = "0.1.0"
