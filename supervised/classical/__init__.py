"""Classical machine learning in numpy and compiled kernels, with scikit-learn's conventions."""
