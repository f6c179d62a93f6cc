"""Training with another library's loop: the same task, network, run folder and card."""
