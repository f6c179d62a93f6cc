"""Sentence classification with a convolutional network (Kim 2014)."""
