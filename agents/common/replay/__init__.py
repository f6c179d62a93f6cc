"""The parts of a replay memory, one concept per file.

experience.py   new experience, as it is sent to a replay
ring.py         the last steps of all games: each screen is stored once
shards.py       several rings as one memory, when workers play
sampling.py     which steps are sampled: uniformly (Mnih 2015)
prioritised.py  … or those with a large error more often (Schaul 2016), with sum_tree.py
n_step.py       the reward of several steps (Sutton 1988)
replay.py       the above combined: an agent adds to it and samples from it
segments.py     its files on disk
reshare.py      another number of rings: a run continues with other workers
size.py         how much memory it takes
"""
