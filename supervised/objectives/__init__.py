"""Training objectives: functions from a network and a batch to a loss and metrics."""
