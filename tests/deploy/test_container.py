"""The container's install step (deploy/install.sh) works in an empty environment. These tests have no container engine,
so they do not show that the base image has the system libraries that the step needs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"


def steps(name: str) -> list[tuple[str, str]]:
    """(instruction, rest) of a container file."""
    text = (DEPLOY / name).read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return [
        (line.split(None, 1)[0].upper(), line.split(None, 1)[1]) for line in lines if line and not line.startswith("#")
    ]


def test_the_container_runs_one_script_and_not_as_root() -> None:
    found = steps("Containerfile")
    assert [rest for word, rest in found if word == "RUN"] == ["/src/deploy/install.sh /opt/tengen /usr/local/bin"]
    assert [rest for word, rest in found if word == "COPY"] == [". /src"]
    assert not [word for word, _ in found if word == "ADD"]
    user = [rest for word, rest in found if word == "USER"]
    assert user and not user[-1].startswith(("0", "root"))


def test_the_script_is_a_script() -> None:
    script = DEPLOY / "install.sh"
    assert os.access(script, os.X_OK)
    for path in (script, DEPLOY / "slurm" / "tengen.sbatch"):
        subprocess.run(["bash", "-n", path], check=True)
    done = subprocess.run(["bash", script], env={"PATH": os.defpath}, capture_output=True, text=True, check=False)
    assert done.returncode and "say where" in done.stderr


def test_versions_agree() -> None:
    """The image uses the manifests' version of Ray, and all versions are those in constraints.txt."""
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    for path in (DEPLOY / "kuberay").glob("*.yaml"):
        assert set(re.findall(r"rayVersion: \"?([\d.]+)", path.read_text())) <= {pinned["ray"]}
    assert f"torch=={pinned['torch']}" in (DEPLOY / "install.sh").read_text()


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.skipif(
    "TENGEN_DEPLOY" not in os.environ, reason="needs minutes and a package index: make deploy-test (TENGEN_DEPLOY=1)"
)
def test_an_empty_environment_is_enough(tmp_path: Path) -> None:
    """The committed files in a new folder, an empty home; from the environment only where packages come from."""
    source, home, links = tmp_path / "src", tmp_path / "home", tmp_path / "bin"
    for folder in (source, home):
        folder.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", source], input=archive, check=True)
    packages = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "TORCH_INDEX", "https_proxy")
    empty = {name: os.environ[name] for name in packages if name in os.environ}
    empty |= {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home)}

    def run(*command: object) -> str:
        done = subprocess.run(
            [*map(str, command)], cwd=home, env=empty, capture_output=True, text=True, timeout=1400, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    run(source / "deploy" / "install.sh", tmp_path / "venv", links)
    for path in source.iterdir():
        path.rename(tmp_path / f"gone-{path.name}")  # the source is not needed from here on
    run(links / "tengen", "train", "bandit", "--wandb", "off", "--threads", "1")
    run(links / "tengen", "train", "tictactoe", "--steps", "600", "--workers", "2", "--wandb", "off")
