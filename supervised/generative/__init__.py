"""Models that make what they have learned from: pictures, and what is left of them in few numbers."""
