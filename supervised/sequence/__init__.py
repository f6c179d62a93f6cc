"""Sequences: back-propagation by hand, character models, translation, words, sentences. One folder a system."""
