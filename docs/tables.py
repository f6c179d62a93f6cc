"""Fill the tables of the documents from the catalogues: what stands between these two lines is made anew.

<!-- table: agents -->
<!-- end -->

python docs/tables.py           write them           (make docs)
python docs/tables.py --check   say which are stale
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def agents() -> list[Sequence[str]]:
    from agents.catalogue import AGENTS

    rows = [
        (f"`{name}`", agent.idea, agent.paper, f"`{agent.config.rpartition('.')[0].replace('.', '/')}/`")
        for name, agent in AGENTS.items()
    ]
    return [("agent", "idea", "paper", "where"), *rows]


def data_sets() -> list[Sequence[str]]:
    from supervised.catalogue import DATA_SETS

    return [("data set", "what it is"), *((f"`{name}`", found.about) for name, found in DATA_SETS.items())]


def commands() -> list[Sequence[str]]:
    from scripts.cli import COMMANDS

    return [("command", "what it does"), *((f"`tengen {name}`", text) for name, text in COMMANDS.items())]


TABLES: dict[str, Callable[[], list[Sequence[str]]]] = {
    "agents": agents,
    "data sets": data_sets,
    "commands": commands,
}
_MARKED = re.compile(r"(<!-- table: ([\w ]+) -->\n).*?(<!-- end -->)", re.S)


def filled(text: str, where: Path) -> str:
    """`text` with its tables made anew."""

    def table(found: re.Match[str]) -> str:
        name = found[2]
        if name not in TABLES:
            raise SystemExit(f"{where}: no table named '{name}'; there are {', '.join(TABLES)}")
        head, *rows = TABLES[name]()
        lines = [head, ["---"] * len(head), *rows]
        return found[1] + "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + found[3]

    return _MARKED.sub(table, text)


def main() -> int:
    stale = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = path.read_text()
        if (made := filled(text, path)) != text:
            stale.append(str(path.relative_to(ROOT)))
            if "--check" not in sys.argv:
                path.write_text(made)
    print(f"{'stale' if '--check' in sys.argv else 'wrote'}: {', '.join(stale)}" if stale else "all tables are fresh")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
