"""Experiments that illustrate a piece of theory with figures (`tengen train lesson --lesson NAME`)."""
