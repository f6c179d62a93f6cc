"""The building blocks of this project, each tested by a file in tests/."""
