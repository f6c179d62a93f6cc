"""The checker on engines with a known fault: each fault is found, and none hangs the checker."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest

from scripts.cli import main
from selfplay.gtp.check.examine import examine, summary

ENGINE = """
import sys
known = "protocol_version name version known_command list_commands quit boardsize clear_board komi play genmove".split()
for line in sys.stdin:
    words = line.split("#")[0].split()
    number = words.pop(0) if words and words[0].isdigit() else ""
    if not words:
        continue
    name, text, ok = words[0], "", words[0] in known
    if name == "protocol_version": text = "2"
    if name in ("name", "version"): text = "toy"
    if name == "list_commands": text = "\\n".join(known)
    if name == "known_command": text = "true" if words[1] in known else "false"
    if not ok: text = "unknown command"
    FAULT
    print(("=" if ok else "?") + number + " " + text + "\\n", flush=True)
    if name == "quit": break
"""
FAULTS = {
    "pass": None,
    'number = ""': "an id comes back with the answer, and with a refusal",
    'if not ok: text = "what?"': "an unknown command is refused with the words 'unknown command'",
    'if name == "list_commands": text += "\\nplay"': "every command that is listed is known, and nonsense is not",
    'if name == "no_such_command": print("hm")': "an unknown command is refused",
    'if name == "protocol_version": import os; os._exit(1)': "protocol_version is 2",
    'if name == "version": import time; time.sleep(60)': "name and version are one line each",
    'if name == "quit": import time; time.sleep(60)': "quit is answered and ends the engine",
}
BY_A_TOY = {"control characters are discarded", "missing and wrong arguments are refused", "absurd numbers are refused"}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(fault: str, tmp_path: Path) -> None:
    program = tmp_path / "engine.py"
    program.write_text(ENGINE.replace("FAULT", fault))
    begun = time.perf_counter()
    patience = 20.0 if fault == "pass" else 1.0  # time for a good engine to start on a busy machine; a hang uses it up
    results = examine(shlex.join([sys.executable, str(program)]), timeout=patience, groups=["protocol"])
    found = {r.says for r in results if r.outcome in ("FAIL", "warn")} - BY_A_TOY
    assert (FAULTS[fault] in found) if FAULTS[fault] else not found, found
    assert len(results) == 21 and "of 21 checks passed" in summary(results)
    assert time.perf_counter() - begun < 60


def test_an_engine_that_never_starts_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "engine.py"
    program.write_text("import sys; sys.exit('no weights here')")
    assert main(["gtp-check", shlex.join([sys.executable, str(program)])]) == 2
    error = capsys.readouterr().err
    assert "does not start: the engine ended" in error and error.endswith("its last words: no weights here\n")


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "engine.py"
    program.write_text(ENGINE.replace("FAULT", "pass"))
    engine = shlex.join([sys.executable, str(program)])
    assert main(["gtp-check", engine, "--only", "protocol", "--timeout", "20"]) == 1
    out = capsys.readouterr().out
    assert (
        "ok   protocol protocol_version is 2" in out
        and "FAIL protocol missing and wrong arguments are refused: " in out
    )
    assert main(["gtp-check", "no-such-program"]) == 2 and main(["gtp-check", engine, "--only", "weather"]) == 2
