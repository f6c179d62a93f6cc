"""Sentence classification by a convolutional network (Kim 2014)."""
