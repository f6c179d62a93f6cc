"""Sequences: text, translation, words, sentences, and back-propagation by hand."""
