"""The parts of this project: what it is built from, each tested by a file in tests/."""
