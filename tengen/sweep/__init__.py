"""Sweeps: many trainings that differ in a few options, and what mattered. Ray is in tengen/tune.py only.

space.py     which options, and which values of them: drawn before anything is trained
record.py    sweep.json: everything needed to go on after a kill
trial.py     one trial: an ordinary run, new or resumed
progress.py  the table while it runs
results.py   the table at the end, the best command, what mattered
"""
