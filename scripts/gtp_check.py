"""`tengen gtp-check COMMAND`: how well an engine keeps to GTP."""
