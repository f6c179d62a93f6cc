"""The automatic criteria of a project, one by one; those that only people can judge are listed beside them."""
