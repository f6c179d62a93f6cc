"""Several learners, as if one: each takes a part of every batch, their gradients are added up."""
