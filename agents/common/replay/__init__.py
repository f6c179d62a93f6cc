"""What a replay is made of, one concept per file.

ring.py         the last steps of all games: each screen is stored once
sampling.py     which of them are learned from: all alike (Mnih 2015)
prioritised.py  … or those with a large error more often (Schaul 2016), with sum_tree.py
n_step.py       the reward of several steps (Sutton 1988)
replay.py       the above put together: what an agent adds to and samples from
segments.py     where it lies on disk
size.py         how much memory it takes
"""
