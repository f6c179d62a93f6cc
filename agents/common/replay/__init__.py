"""What a replay is made of, one concept per file.

experience.py   what was played, as it travels to a replay
ring.py         the last steps of all games: each screen is stored once
shards.py       several rings as one memory, where workers play
sampling.py     which of them are learned from: all alike (Mnih 2015)
prioritised.py  … or those with a large error more often (Schaul 2016), with sum_tree.py
n_step.py       the reward of several steps (Sutton 1988)
replay.py       the above put together: what an agent adds to and samples from
segments.py     where it lies on disk
reshare.py      another number of rings: a run goes on with other workers
size.py         how much memory it takes
"""
