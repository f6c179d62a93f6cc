"""Sweeps: many trainings that differ in a few options, and which options mattered. Ray is in tengen/tune.py only.

space.py     the options and their values, drawn before any training
record.py    sweep.json: everything needed to continue after a kill
trial.py     one trial: an ordinary run, new or resumed
progress.py  the table while it runs
results.py   the table at the end, the best command, what mattered
"""
