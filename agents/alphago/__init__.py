"""AlphaGo (Silver et al. 2016, Nature 529): so far what its policy network learns from."""
