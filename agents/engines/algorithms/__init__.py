"""Our settings as configurations of RLlib's algorithms, and what their learners do our way."""
