"""House rules that no linter checks: file sizes, import depth, import cycles and forbidden imports."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import grimp
import pytest

from agents.catalogue import AGENTS
from scripts.cli import COMMANDS
from tengen.kinds import KINDS

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("tengen", "envs", "supervised", "agents", "selfplay", "capstones", "scripts")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*ROOMS, cache_dir=None)


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def is_kernel(path: Path) -> bool:
    return "from tengen.jit import" in path.read_text()


def test_files_are_short() -> None:
    """No file has over 300 lines, in `scripts` over 200; kernels are exempt."""
    files = [path for path in [*sources(), *(ROOT / "tests").rglob("*.py")] if not is_kernel(path)]
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in files}
    assert {str(path): n for path, n in lengths.items() if n > (200 if path.parts[0] == "scripts" else 300)} == {}


def test_scripts_hold_commands_and_benchmarks_only() -> None:
    names = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert names == {"__init__", "cli", *(name.replace("-", "_") for name in COMMANDS)} - {"bench"}
    assert (ROOT / "scripts" / "bench").is_dir()


def test_scripts_have_at_most_three_floors(graph: grimp.ImportGraph) -> None:
    below = {
        module: {m for m in graph.find_modules_directly_imported_by(module) if m.startswith("scripts.")}
        for module in graph.modules
        if module.startswith("scripts")
    }

    def floors(module: str) -> int:
        return 1 + max((floors(m) for m in below[module]), default=0)

    assert max(floors(module) for module in below) <= 3


def test_there_are_no_circles(graph: grimp.ImportGraph) -> None:
    """No import cycles, counting imports inside functions too."""
    reach = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    state: dict[str, int] = {}

    def visit(module: str, line: tuple[str, ...]) -> None:
        state[module] = 1
        for other in reach[module]:
            assert state.get(other) != 1, f"a circle: {' -> '.join((*line, module, other))}"
            if other not in state:
                visit(other, (*line, module))
        state[module] = 2

    for module in sorted(graph.modules):
        if module not in state:
            visit(module, ())


def test_agents_do_not_import_each_other(graph: grimp.ImportGraph) -> None:
    """Holds for every agent in the catalogue; shared code belongs one level down."""
    packages = sorted({agent.config.rpartition(".")[0] for agent in AGENTS.values()})
    for one, other in permutations(packages, 2):
        if one in graph.modules and other in graph.modules:
            chain = graph.find_shortest_chain(one, other, as_packages=True)
            assert chain is None, f"{one} imports {other}: {chain}"


def test_no_line_compares_the_kind_of_a_run() -> None:
    """Only tengen/kinds.py looks it up."""
    names = "|".join(KINDS)
    pattern = re.compile(rf"""kind\S*\s*(==|!=|in|not in)\s*[({{\[]?\s*["']({names})["']|["']({names})["']\s*[=!]=""")
    found = [f"{path}: {line}" for path in sources() for line in path.read_text().splitlines() if pattern.search(line)]
    assert found == []


def test_nothing_is_unpickled() -> None:
    pattern = re.compile(r"pickle\.load|torch\.load\(|weights_only=False|allow_pickle=True|yaml\.load\(")
    found = [path for path in sources() if pattern.search(path.read_text())]
    kernels = "kernel_cache.py"  # numba's own cache files, guarded by checksums and ownership
    assert [str(path) for path in found if path.name != kernels] == []


def test_ray_is_imported_in_few_modules_and_only_when_used() -> None:
    """Only in connection.py, workers.py, rllib.py and tune.py, so that a run without workers never pays for it."""
    words = re.compile(r"^(\s*)(?:import|from) ray\b", re.M)
    found = {path: words.findall(path.read_text()) for path in sources()}
    assert {str(p) for p, indents in found.items() if indents} <= {
        str(p) for p in found if p.name in ("connection.py", "workers.py", "rllib.py", "tune.py")
    }
    assert [
        str(path) for path, indents in found.items() if "" in indents and path.name in ("connection.py", "workers.py")
    ] == []


def test_help_of_every_command() -> None:
    from scripts.cli import main

    for name in COMMANDS:
        with pytest.raises(SystemExit) as stop:
            main([name, "--help"])
        assert stop.value.code == 0


def test_nets_know_nothing_of_kernels() -> None:
    """`supervised/nets` is what a student opens first: plain PyTorch."""
    words = re.compile(r"^\s*(from|import) (numba|numpy|supervised\.kernels|tengen\.jit)", re.M)
    assert [str(path) for path in (ROOT / "supervised" / "nets").glob("*.py") if words.search(path.read_text())] == []


def test_generated_tables_are_fresh() -> None:
    command = [sys.executable, "docs/tables.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
