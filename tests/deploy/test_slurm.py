"""The batch script, with stubs for Slurm, Ray and Tengen that record how they were called."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "deploy" / "slurm" / "tengen.sbatch"
NODES = ("n1", "n2", "n3")
PROGRAMS = {
    "scontrol": f"printf '%s\\n' {' '.join(NODES)}",
    "hostname": "echo 10.0.0.1 192.168.0.1",
    "srun": "for one; do case $one in --nodelist=*) node=${one#*=};; esac; done\n"
    'while [[ $1 == --* ]]; do shift; done\nNODE=$node exec "$@"',
    "ray": 'echo "${NODE:-n1} $* mode=$RAY_AUTH_MODE token=$(cat "$RAY_AUTH_TOKEN_PATH")" >>"$LOG"',
    "tengen": "trap 'sleep 0.5; echo saved >>\"$LOG\"; exit 130' INT\n"
    'echo "tengen $*" >>"$LOG"; stat -c "%a" "$RAY_AUTH_TOKEN_PATH" >>"$LOG"\n'
    'until [[ $(grep -c " start " "$LOG") == 3 ]]; do sleep 0.05; done\n'
    "if [[ $1 == train ]]; then for _ in {1..200}; do sleep 0.05; done; fi\nexit 3",
}


@pytest.fixture
def job(tmp_path: Path) -> dict[str, str]:
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, body in PROGRAMS.items():
        path = programs / name
        path.write_text(f"#!/usr/bin/env bash\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {
        "PATH": os.environ["PATH"],
        "LOG": str(tmp_path / "log"),
        "SLURM_SUBMIT_DIR": str(tmp_path),
        "SLURM_JOB_ID": "4711",
        "SLURM_JOB_NODELIST": "n[1-3]",
        "SLURM_CPUS_PER_TASK": "16",
    }


def test_a_cluster_with_a_token_of_its_own(job: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(["bash", SCRIPT, "resume", "last"], env=job, timeout=30, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    log = (tmp_path / "log").read_text().splitlines()
    starts = sorted(line.split(" mode=")[0] for line in log if " start " in line)
    join = "start --address=10.0.0.1:24711 --num-cpus=16 --block"
    head = "start --head --node-ip-address=10.0.0.1 --port=24711 --num-cpus=16 --include-dashboard=false --block"
    assert starts == [f"n1 {head}", f"n2 {join}", f"n3 {join}"]
    assert "tengen resume last --ray 10.0.0.1:24711" in log
    assert "600" in log, "nobody else can read the token"
    tokens = {line.split(" mode=")[1] for line in log if " start " in line}
    assert len(tokens) == 1 and len(tokens.pop()) == len("token token=") + 64
    assert not list(tmp_path.glob(".ray-*")), "the token is gone with the job"


def test_the_learner_saves_before_the_time_is_up(job: dict[str, str], tmp_path: Path) -> None:
    script = subprocess.Popen(["bash", SCRIPT, "train", "go9", "--workers", "8"], env=job)
    log, deadline = tmp_path / "log", time.monotonic() + 20
    while time.monotonic() < deadline and not (log.exists() and "600" in log.read_text()):
        time.sleep(0.05)
    script.send_signal(signal.SIGINT)
    assert script.wait(timeout=20) == 130
    assert "saved" in log.read_text()
