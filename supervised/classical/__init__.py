"""Classical learners, in numpy and compiled kernels, with scikit-learn's conventions."""
