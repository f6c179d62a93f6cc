"""Broken or malicious projects: each gives one clear line, and nothing outside the project changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from capstones.check.judge import Judgement, check
from capstones.notebook import Form, execute, rehearse
from capstones.project import read_project
from scripts.cli import main
from tests.capstones.small import NOTEBOOK, small_project
from tests.long import takes_long

QUICK = Form(quick=True)


def one_line(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The command's response to a mistake: exit status 2 and one line."""
    assert main(list(arguments)) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said and said.startswith("tengen: ")
    return said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "no folder"),
        ("", " project"),
        ("a/b/../../c", "no folder"),
        ("x" * 5000, "is not a folder's name"),
        ("nul\0byte", "is not a folder's name"),
    ],
)
def test_names_of_nothing(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("check", "notebook"):
        assert said in one_line(capsys, command, name)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"capstone_dot_yaml": None}, "no capstone.yaml"),
        ({"capstone_dot_yaml": "kind: [unclosed"}, "capstone.yaml is damaged"),
        ({"capstone_dot_yaml": "just a text"}, "capstone.yaml is damaged"),
        ({"notebook_dot_py": None}, "no notebook.py"),
    ],
)
def test_no_project(
    changed: dict[str, str | None], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_project(tmp_path, **changed)
    assert said in one_line(capsys, "check", str(tmp_path))


def test_odd_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "loop" in one_line(capsys, "check", str(tmp_path / "loop"))
    (tmp_path / "file.txt").write_text("x")
    assert "not a folder" in one_line(capsys, "check", str(tmp_path / "file.txt"))
    odd = small_project(tmp_path / "a name — with 'quotes' and ünïcode")
    assert read_project(odd).name == odd.name
    (odd / "notebook.py").unlink()
    (odd / "notebook.py").mkdir()
    assert "no notebook.py" in one_line(capsys, "check", str(odd))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"", "no cells"),
        (b"x = 1\n" * 400_000, "2 MB"),
    ],
)
def test_a_notebook_that_cannot_be_read(
    text: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_project(tmp_path)
    (tmp_path / "notebook.py").write_bytes(text)
    assert said in one_line(capsys, "notebook", str(tmp_path))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    small_project(tmp_path)
    os.mkfifo(tmp_path / "parts" / "endless.py")
    assert all(path.name != "endless.py" for path in read_project(tmp_path).files())


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("capstones.project._MOST_FILES", 5)
    assert "more than 5 files" in one_line(capsys, "check", str(small_project(tmp_path)))


def test_data_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_project(tmp_path)
    for command in ("check", "notebook"):
        assert "--data" in one_line(capsys, command, str(tmp_path), "--data", str(tmp_path / "nothing"))


def cell(text: str) -> str:
    return f"{NOTEBOOK}\n# %% [markdown]\n# One more cell, which does what it should not do.\n\n# %%\n{text}\n"


def problem(folder: Path, text: str, minutes: float = 0.5) -> str:
    """The result of running the small project's notebook with this cell appended."""
    small_project(folder, notebook_dot_py=cell(text))
    return rehearse(str(folder), Form(quick=True, minutes=minutes)).problem


HOSTILE: dict[str, tuple[str, str]] = {
    "never ends": ("while True: pass", "was still running after"),
    "never ends and catches": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "still running",
    ),
    "prints for ever": ("while True: print('x' * 100_000)", "more than 20 MB"),
    "ends the kernel": ("import os\nos._exit(3)", "ended the kernel"),
    "kills the kernel": ("import os\nos.kill(os.getpid(), 9)", "ended the kernel"),
    "asks": ("input('name?')", "StdinNotImplementedError"),
    "fails": ("1 / 0", "code cell 3 (line 30): ZeroDivisionError: division by zero"),
    "is no Python": ("x = = 1", "SyntaxError"),
    "writes outside": ("open('../outside.txt', 'w')", "Refused: writing"),
    "writes elsewhere": ("open('/tmp/tengen-outside', 'w')", "Refused: writing /tmp/tengen-outside"),
    "starts a program": ("import os\nos.system('touch ../outside.txt')", "Refused: starting touch"),
    "shell": ("!touch ../outside.txt", "starting bash is refused"),
}


@takes_long
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_cells(name: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    text, said = HOSTILE[name]
    found = problem(tmp_path / "mine", text, minutes=0.2)
    assert said in found and "\n" not in found
    assert found.startswith("code cell 3 (line 30)")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
    assert not (tmp_path / "mine" / ".check").exists()
    assert time.monotonic() - begun < 60


@takes_long
def test_a_notebook_that_fails_is_still_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_project(tmp_path, notebook_dot_py=cell("1 / 0"))
    assert "ZeroDivisionError" in one_line(capsys, "notebook", str(tmp_path))
    assert "ZeroDivisionError" in (tmp_path / "notebook.html").read_text()


def broken(folder: Path, **changed: str | None) -> Judgement:
    return check(str(small_project(folder, **changed)), QUICK)


@takes_long
@pytest.mark.parametrize(
    ("changed", "criterion", "said"),
    [
        ({"notebook_dot_py": "# %%\nx = (\n"}, "runs", "SyntaxError"),
        ({"parts__line_dot_py": "def slope(:\n"}, "tests", "SyntaxError"),
        ({"parts__line_dot_py": "def slope(:\n"}, "imports", "parts/line.py line 1: it is not Python"),
        ({"tests__test_1_line_dot_py": "def test_a():\n    while True: pass\n"}, "tests", "did not finish in time"),
        ({"tests__test_1_line_dot_py": "import os\nos._exit(0)\n"}, "tests", "did not finish in time"),
        ({"tests__test_1_line_dot_py": "def test_a():\n    assert True\n"}, "tests", "even when a part is changed"),
        ({"tests__test_1_line_dot_py": None}, "tests", "no tests"),
        (
            {"tests__test_1_line_dot_py": "def test_a():\n    open('/tmp/tengen-x', 'w')\n"},
            "imports",
            "writing /tmp/tengen-x",
        ),
        ({"conftest_dot_py": "1 / 0"}, "tests", "ended with"),
        ({"REPORT_dot_md": "x" * 3_000_000}, "sections", "2 MB"),
    ],
)
def test_broken_projects_are_judged_all_the_same(
    changed: dict[str, str | None], criterion: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capstones.check.judge.QUICK_TEST_SECONDS", 10.0)
    judged = broken(tmp_path, **changed)
    assert judged.verdicts[criterion].status == "failed"
    assert said in judged.verdicts[criterion].said and "\n" not in judged.verdicts[criterion].said
    assert judged.verdicts["card"].status == "passed"


@takes_long
def test_what_is_swallowed_is_reported(tmp_path: Path) -> None:
    text = "try:\n    import agents.ppo.train\nexcept Exception:\n    pass\nq = getattr(plt, 'x' + 'y', 1)"
    judged = broken(tmp_path, notebook_dot_py=cell(text))
    assert judged.verdicts["runs"].status == "passed"
    assert judged.verdicts["imports"].said.startswith("notebook.py line 31: import agents.ppo.train")
    hidden = "try:\n    open('../x', 'w')\nexcept Exception:\n    pass"
    judged = broken(tmp_path, notebook_dot_py=cell(hidden))
    assert "notebook.py line 31: writing" in judged.verdicts["imports"].said


@takes_long
def test_a_notebook_leaves_nothing_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    script = tmp_path / "one.py"
    script.write_text("# %%\nprint(1)\n")
    assert execute(script, tmp_path, QUICK).problem == ""
    assert list(home.iterdir()) == []


@pytest.fixture
def tidy(tmp_path: Path) -> Callable[[], set[str]]:
    return lambda: {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}


def test_a_good_project(tmp_path: Path, tidy: Callable[[], set[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """`tengen notebook`, then `tengen check`: eight of eight, and only the two output files change."""
    small_project(tmp_path)
    before = tidy()
    assert main(["notebook", str(tmp_path), "--quick"]) == 0
    assert tidy() - before == {"notebook.html", "notebook.ipynb", "figures/points.png"}
    page = (tmp_path / "notebook.html").read_text()
    assert "<title>Halves</title>" in page and "quick form" in page and "data:image/png" in page
    (tmp_path / "figures" / "points.png").unlink()
    capsys.readouterr()
    assert main(["check", str(tmp_path), "--quick", "--strict"]) == 0
    said = capsys.readouterr().out
    assert said.count("  passed ") == 8 and "machine 8 of 8, yours to judge 6" in said
    assert tidy() == before | {"notebook.html", "notebook.ipynb"}


@takes_long
def test_a_check_that_is_told_to_stop_leaves_nothing(tmp_path: Path) -> None:
    """Static checks are reported at once, even into a pipe; SIGTERM during notebook or tests leaves no copy behind."""
    folder = tmp_path / "mine"
    waits = "def test_waits():\n    open('figures/here', 'w').close()\n    import time\n    time.sleep(600)\n"
    here = "open('figures/here', 'w').close()\nimport time\ntime.sleep(600)"
    for text, tests in ((cell(here), {}), (NOTEBOOK, {"tests__test_9_wait_dot_py": waits})):
        small_project(folder, notebook_dot_py=text)
        for name in tests:
            (folder / "tests" / "test_9_wait.py").write_text(tests[name])
        command = [sys.executable, "-m", "scripts.cli", "check", str(folder), "--quick"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("  passed  prose")
            until = time.monotonic() + 100
            while not (folder / ".check" / "mine" / "figures" / "here").exists():
                assert time.monotonic() < until and process.poll() is None
                time.sleep(0.1)
            process.terminate()
            assert process.wait(60) not in (0, -signal.SIGTERM)
        assert not (folder / ".check").exists()
