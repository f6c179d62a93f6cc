"""`tengen gtp-check`: runs all checks of an engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from selfplay.gtp.check.boards import BOARD
from selfplay.gtp.check.games import CLOCKS, GAMES
from selfplay.gtp.check.lines import LINES
from selfplay.gtp.check.probe import Broken, Lost, NotOffered, Probe
from selfplay.gtp.check.report import Check, Result
from tengen.errors import UserError, unknown
from tengen.plural import counted

GROUPS = {group.name: group for group in (LINES, BOARD, GAMES, CLOCKS)}
_ENDS = ("the end of the input ends the engine", "quit is answered and ends the engine")


def examine(
    command: str,
    timeout: float = 30.0,
    groups: Sequence[str] = (),
    report: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Run all checks (or those of `groups`) on the engine started by `command`; `report` gets each result at once.

    An engine that hangs or exits is restarted for the next check. UserError if it cannot be started at all.
    """
    for name in groups:
        if name not in GROUPS:
            raise unknown("group of checks", name, GROUPS)
    results = []
    engine: Probe | None = None
    try:
        for check in (
            check for name, group in GROUPS.items() if not groups or name in groups for check in group.checks
        ):
            engine = engine or Probe(command, timeout)
            result, alive = _result(check, engine)
            results.append(result)
            report(result)
            if not alive and not engine.answered and len(results) == 1:
                _must_start(command, timeout)
            if not alive or check.says in _ENDS:
                engine.close()
                engine = None
    finally:
        if engine is not None:
            engine.close()
    return results


def _must_start(command: str, timeout: float) -> None:
    """UserError if the engine ends before it answers anything at all."""
    engine = Probe(command, timeout)
    try:
        engine.ask("name")
    except Lost as error:
        raise UserError(f"{command} does not start: {error}") from error
    except Broken:
        pass
    finally:
        engine.close()


def _result(check: Check, engine: Probe) -> tuple[Result, bool]:
    """The result, and whether the engine can be used again."""
    begun, alive, outcome, why = time.perf_counter(), True, "ok", ""
    try:
        check.run(engine)
    except NotOffered as reason:
        outcome, why = "skip", str(reason)
    except Broken as fault:
        outcome, why = "FAIL" if check.level == "must" else "warn", str(fault)
        alive = False  # leftover output belongs to this check
    return Result(check.group, check.says, outcome, why, time.perf_counter() - begun), alive  # type: ignore[arg-type]


def summary(results: Sequence[Result]) -> str:
    """One line with the number of each outcome."""
    count = {outcome: sum(r.outcome == outcome for r in results) for outcome in ("ok", "FAIL", "warn", "skip")}
    parts = [f"{count['ok']} of {len(results)} checks passed"]
    parts += [f"{count['FAIL']} failed"] if count["FAIL"] else []
    parts += [counted(count["warn"], "warnings")] if count["warn"] else []
    parts += [f"{count['skip']} not offered"] if count["skip"] else []
    return ", ".join(parts)
