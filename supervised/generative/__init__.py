"""Generative models of pictures, and their codes."""
