"""Trainings in another library's loop, with the same task, network, run folder and card."""
