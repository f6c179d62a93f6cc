"""The classics written out, to be read beside their papers; each equals its twin in torch (tests/supervised)."""
