"""Fifteen commands of the hunt, each in a fork of this process, which has no threads that a fork would lose.

python -m tests.hunt.few_commands FOLDER        prints {command: what went wrong} as JSON
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from scripts.cli import main
from tests.hunt import commands
from tests.hunt.forks import run


def few(folder: Path) -> dict[str, str]:
    """Run in `folder` those of the first hundred that start no training: failing command -> why, and its output."""
    typed = commands.commands(random.Random("0 commands"))
    quick = [words for words in (next(typed) for _ in range(100)) if words[0] in ("match", "rate", "zoo")]
    guilty = {}
    for words in quick[:15]:
        ended = run(lambda words=words: main(words), folder, 0.3)  # type: ignore[misc]
        if why := ended.guilt():
            guilty[" ".join(words)[:200]] = f"{why}: {ended.said[-500:]}"
    return guilty


if __name__ == "__main__":
    print(json.dumps(few(Path(sys.argv[1]))))
