"""Trainings whose loop is another library's: the same task, network, run folder and card."""
