"""Translation: sequence to sequence (Sutskever 2014), attention (Bahdanau 2014), the Transformer (Vaswani 2017)."""
