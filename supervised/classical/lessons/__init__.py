"""Experiments that show what a theory says: figures that a command draws (`tengen train lesson --lesson NAME`)."""
