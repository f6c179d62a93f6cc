"""AlphaZero: search improves the policy, games give the values of positions, the network learns both."""
