"""AlphaZero: search improves the policy, game results give values, and the network learns both."""
