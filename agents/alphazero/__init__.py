"""AlphaZero: search improves the policy, games say what positions are worth, the network learns both."""
