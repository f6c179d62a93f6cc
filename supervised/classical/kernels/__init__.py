"""The loops of the classical learners, compiled."""
