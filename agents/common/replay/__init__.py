"""The parts of a replay, one concept per file.

experience.py   transitions on their way to a replay
ring.py         the last steps of all games: each screen is stored once
shards.py       several rings as one memory, for use with workers
sampling.py     uniform sampling (Mnih 2015)
prioritised.py  prioritised sampling by error (Schaul 2016), with sum_tree.py
n_step.py       n-step returns (Sutton 1988)
replay.py       puts these together: what an agent adds to and samples from
segments.py     storage on disk
reshare.py      a different number of rings, for resuming with other workers
size.py         memory use
"""
