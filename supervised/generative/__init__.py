"""Models that make what they have seen: autoencoders, densities, energies, games of two networks, denoisers."""
