"""AlphaGo (Silver et al. 2016, Nature 529): so far, the training data of its policy network."""
