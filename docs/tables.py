"""Fill the tables of the documents from the catalogues: what is between these two lines is regenerated.

<!-- table: agents -->
<!-- end -->

python docs/tables.py           write them
python docs/tables.py --check   say which are stale
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def agents() -> list[Sequence[str]]:
    from agents.catalogue import AGENTS

    def row(name: str) -> Sequence[str]:
        agent = AGENTS[name]
        page = ROOT / "docs" / "algorithms" / f"{name}.md"
        folder = agent.config.rpartition(".")[0].replace(".", "/")
        return (f"[{name}](ALGORITHMS/{name}.md)" if page.exists() else name, agent.idea, agent.paper, f"`{folder}/`")

    return [("agent", "idea", "paper", "code"), *(row(name) for name in AGENTS)]


def networks() -> list[Sequence[str]]:
    from supervised.nets.catalogue import TRUNKS

    def row(trunk: Any) -> Sequence[str]:
        module = importlib.import_module(trunk.where.partition(":")[0])
        about = (module.__doc__ or "").split("\n\n")[0].replace("\n", " ").rstrip(":.")
        return (", ".join(trunk.names), trunk.reads, about, f"`{module.__name__.replace('.', '/')}.py`")

    return [("network", "reads", "what it is", "code"), *(row(trunk) for trunk in TRUNKS)]


def board_games() -> list[Sequence[str]]:
    from envs.boards.catalogue import describe_games

    return list(describe_games())


def players() -> list[Sequence[str]]:
    from selfplay.players.catalogue import KINDS, NETWORK

    return [("player", "what it is"), *((f"`{kind.example}`", kind.about) for kind in (*KINDS.values(), NETWORK))]


def data_sets() -> list[Sequence[str]]:
    from supervised.catalogue import DATA_SETS

    return [
        ("data set", "what it is"),
        *((f"`{found.shown or name}`", found.about) for name, found in DATA_SETS.items()),
    ]


def papers(theme: str) -> list[Sequence[str]]:
    from tengen.papers import NOT_YET, reading_list

    def link(path: str, text: str) -> str:
        return f"[{text}](ROOT/{path})" if path else text

    rows = [row for row in reading_list() if row.theme == theme]
    head = ("paper", "idea", "level", "code", "what to type", "ours", "published")
    return [
        head,
        *(
            (
                link(row.page, f"{row.authors} {row.year}") + f" `{row.name}`",
                row.idea,
                row.level,
                link(row.file, row.file.rpartition("/")[2]),
                f"`{row.command}`",
                row.result or NOT_YET,
                row.published,
            )
            for row in rows
        ),
    ]


def steps(stage: str) -> list[Sequence[str]]:
    """The steps of a stage of docs/learn/curriculum.yaml; what a paper says of itself is the reading list's."""
    import yaml

    from tengen.papers import find_paper

    stages = yaml.safe_load((ROOT / "docs" / "learn" / "curriculum.yaml").read_text())
    if stage not in stages:
        raise SystemExit(f"no stage '{stage}' in docs/learn/curriculum.yaml; there are {', '.join(stages)}")

    def row(step: dict[str, Any]) -> Sequence[str]:
        paper = find_paper(step["paper"])
        notebook = f"docs/notebooks/{Path(paper.page).stem}.py"
        read = f"[{paper.authors} {paper.year}](ROOT/{paper.page}) `{paper.name}`: {paper.idea}"
        if (ROOT / notebook).exists():
            read += f" ([notebook](ROOT/{notebook}))"
        exercise = f"{paper.exercise or paper.command} ({step['minutes']} minutes)"
        file = f"[{Path(paper.file).name}](ROOT/{paper.file})"
        return (read, file, exercise, step["check"], f"{step['change']}: {step['expect']}")

    head = ("paper, page", "file", "exercise", "check yourself", "what to change: what to expect")
    return [head, *(row(step) for step in stages[stage])]


def notebooks() -> list[Sequence[str]]:
    """The notebooks beside docs/algorithms: what comes out, as their first cell says."""

    def row(path: Path) -> Sequence[str]:
        title, result = re.findall(r"^# # (.+?)$.*?\*\*What comes out\.\*\* (.+?)\.\s", path.read_text(), re.M | re.S)[
            0
        ]
        said = " ".join(result.replace("\n#", " ").split())
        return (f"[{title}]({path.name})", f"{said}.", f"[{path.stem}](ALGORITHMS/{path.stem}.md)")

    return [
        ("notebook", "what comes out", "page"),
        *(row(p) for p in sorted((ROOT / "docs" / "notebooks").glob("*.py"))),
    ]


def commands() -> list[Sequence[str]]:
    from scripts.cli import COMMANDS

    return [("command", "what it does"), *((f"`tengen {name}`", text) for name, text in COMMANDS.items())]


def ideas() -> list[Sequence[str]]:
    from capstones.catalogue import IDEAS

    def row(name: str) -> Sequence[str]:
        idea = IDEAS[name]
        command = f"`tengen new capstone-{idea.kind} NAME --idea {name.removesuffix(f'-{idea.kind}')}`"
        return (command, f"{idea.title}: {idea.about}", idea.metric, idea.published, idea.target, str(idea.minutes))

    head = ("what to type", "what it is", "metric", "published", "target", "minutes")
    return [head, *(row(name) for name in IDEAS)]


def samples() -> list[Sequence[str]]:
    """The finished projects in examples/, by what their cards say."""
    import json

    from capstones.catalogue import IDEAS

    def row(card: dict[str, Any]) -> Sequence[str]:
        idea = IDEAS[card["idea"]]
        low, high = card["ci95"]
        published = card["published"]
        theirs = "none" if published["value"] is None else f"{published['value']:.4g} ({published['source']})"
        return (
            f"[{card['project']}](ROOT/examples/{card['project']}/README.md)",
            idea.title,
            f"{card['metric']}: **{card['value']:.4g}** [{low:.4g}, {high:.4g}], {len(card['seeds'])} seeds",
            f"{card['baseline']['value']:.4g} ({card['baseline']['name']})",
            theirs,
            f"{card['minutes']:g}",
        )

    head = ("sample", "what it is", "result, 95 % interval over seeds", "baseline", "published", "minutes a seed")
    cards = [json.loads(path.read_text()) for path in sorted((ROOT / "examples").glob("*/card.json"))]
    return [head, *(row(card) for card in cards if not card["quick"])]


def scaling() -> list[Sequence[str]]:
    from scripts.bench.scaling_model import table

    return list(table())


TABLES: dict[str, Callable[[], list[Sequence[str]]]] = {
    "agents": agents,
    "networks": networks,
    "board games": board_games,
    "players": players,
    "data sets": data_sets,
    "commands": commands,
    "ideas": ideas,
    "samples": samples,
    "notebooks": notebooks,
    "scaling": scaling,
}
_MARKED = re.compile(r"(<!-- table: ([\w ]+) -->\n).*?(<!-- end -->)", re.S)


def filled(text: str, where: Path) -> str:
    """`text`, of the document `where`, with its tables made anew."""

    def table(found: re.Match[str]) -> str:
        name = found[2]
        if name.startswith("papers on "):
            head, *rows = papers(name.removeprefix("papers on "))
        elif name.startswith("steps of "):
            head, *rows = steps(name.removeprefix("steps of "))
        elif name in TABLES:
            head, *rows = TABLES[name]()
        else:
            raise SystemExit(f"{where}: no table named '{name}'; there are {', '.join(TABLES)}")
        lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
        made = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
        to_pages = os.path.relpath(ROOT / "docs" / "algorithms", where.parent)
        made = made.replace("](ROOT/", f"]({os.path.relpath(ROOT, where.parent)}/")
        return found[1] + made.replace("](ALGORITHMS/", f"]({to_pages}/".replace("](./", "](")) + found[3]

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
