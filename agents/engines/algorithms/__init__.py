"""Our settings as configurations of RLlib's algorithms, and our changes to their learners."""
