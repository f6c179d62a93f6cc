"""Classic layers and optimisers written out, to read next to their papers; each equals torch's (tests/supervised)."""
