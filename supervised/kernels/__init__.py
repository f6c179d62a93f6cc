"""What makes networks fast on this machine: the same functions, put into finished networks from outside."""
