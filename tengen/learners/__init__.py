"""Several learners that act as one: each takes a part of every batch, and their gradients are summed."""
