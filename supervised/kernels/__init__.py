"""Fast versions of network layers for this machine: the same functions, put into finished networks from outside."""
