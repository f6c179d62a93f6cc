"""The classics written out, to read beside their papers; each equals its twin in torch (tests/supervised)."""
