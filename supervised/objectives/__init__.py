"""What a network learns from a batch: each objective is a function from network and batch to loss and metrics."""
