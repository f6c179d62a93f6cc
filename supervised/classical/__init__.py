"""Learners from before deep networks, in numpy and compiled kernels, with scikit-learn's conventions."""
