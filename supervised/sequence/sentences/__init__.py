"""The class of a sentence by a convolutional network (Kim 2014)."""
