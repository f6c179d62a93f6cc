"""The one thing that pyproject.toml cannot say: zoo/ is installed as data of the package `tengen`."""

from setuptools import find_packages, setup

ROOMS = ("tengen", "envs", "supervised", "agents", "selfplay", "capstones", "scripts")

setup(
    packages=[*find_packages(include=[*ROOMS, *(f"{room}.*" for room in ROOMS)]), "tengen.zoo_networks"],
    package_dir={"tengen.zoo_networks": "zoo"},
    package_data={
        "": ["*.json", "*.csv", "py.typed"],
        "selfplay.board": ["static/*"],
        "capstones": ["templates/**/*", "templates/**/.*", "page/*"],
        "tengen.zoo_networks": ["*/*"],
    },
)
