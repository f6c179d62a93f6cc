"""AlphaGo (Silver et al. 2016, Nature 529): so far only the training data of its policy network."""
