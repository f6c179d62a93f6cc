"""What every room of Tengen shares: runs, checkpoints, seeds, devices, metrics and their sinks."""

__version__ = "0.1.0"
