"""`tengen match`: games are saved as they end, a stopped match resumes, a different one is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envs.boards.catalogue import make_game
from scripts.cli import main
from selfplay import match_session
from selfplay.match_card import Match
from selfplay.match_session import played_match
from selfplay.players.catalogue import make_player
from tengen.errors import UserError

GO = Match("random", "random", "go5", games=6, seed=3)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "games.jsonl").read_text().splitlines()]


def test_a_match_that_was_killed_goes_on_and_keeps_its_games(tmp_path: Path) -> None:
    whole = played_match(GO, boards=2, out=tmp_path)
    assert whole.games == 6 and len(list(tmp_path.glob("*.sgf"))) == 6
    kept = lines(tmp_path)
    text = (tmp_path / "games.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "games.jsonl").write_text("".join(text[:4]) + text[4][:30])  # killed while writing a line
    again = played_match(GO, boards=4, out=tmp_path)
    after = lines(tmp_path)
    assert after[:4] == kept[:4] and sorted(row["number"] for row in after[1:]) == list(range(6))
    assert again.games == 6 and again.seconds >= kept[3]["seconds"]
    # a pair's opening depends on its number, not on when it is played
    openings = {row["number"]: row["actions"][:2] for row in kept[1:]}
    assert openings == {row["number"]: row["actions"][:2] for row in after[1:]}


def test_a_whole_match_is_not_played_again_and_can_be_made_longer(tmp_path: Path) -> None:
    first = played_match(GO, out=tmp_path)
    assert replace(played_match(GO, out=tmp_path), seconds=0) == replace(first, seconds=0)
    longer = played_match(replace(GO, games=8), out=tmp_path)
    assert longer.games == 8 and len(lines(tmp_path)) == 1 + 8


def test_a_folder_with_another_match_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    played_match(GO, out=tmp_path)
    before = (tmp_path / "games.jsonl").read_bytes()
    arguments = ["match", "random", "random", "--board", "go5", "--games", "6", "--seed", "4", "--out", str(tmp_path)]
    assert main(arguments) == 2
    assert "another match (seed 3)" in capsys.readouterr().err
    assert (tmp_path / "games.jsonl").read_bytes() == before
    with pytest.raises(UserError, match="another match"):
        played_match(replace(GO, rules="chinese"), out=tmp_path)


def test_a_file_of_something_else_is_said_to_be_damaged(tmp_path: Path) -> None:
    played_match(GO, out=tmp_path)
    text = (tmp_path / "games.jsonl").read_text()
    for rubbish in ('{"number": 9}', '{"number": 9, "actions": 3}', '{"number": "x", "result": {}}'):
        (tmp_path / "games.jsonl").write_text(text + rubbish + "\n")
        with pytest.raises(UserError, match="is damaged"):
            played_match(GO, out=tmp_path)


def test_stopped_by_the_user_it_says_how_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(name: str, *others: Any, **terms: Any) -> Any:
        player = make_player(name, *others, **terms)
        if others[-2] == GO.seed:  # the first one
            choose, calls = player.choose, iter(range(120))

            def stopping(*args: Any) -> Any:
                if next(calls, None) is None:
                    raise KeyboardInterrupt
                return choose(*args)

            monkeypatch.setattr(player, "choose", stopping)
        return player

    monkeypatch.setattr(match_session, "make_player", interrupted)
    arguments = ["match", "random", "random", "--board", "go5", "--games", "200", "--seed", "3", "--boards", "2"]
    assert main([*arguments, "--out", str(tmp_path)]) == 130
    said = capsys.readouterr().out
    assert said.startswith("stopped: random against random (go5)") and "run the same command again" in said
    played = len(lines(tmp_path)) - 1
    assert 0 < played < 200 and f"of {played} games" in said


@pytest.mark.parametrize(("task", "scaling"), [("connect4", 0.0), ("go5", 0.0), ("go9", 0.85)])
def test_exploration_follows_deviations_only_where_that_was_measured_to_help(task: str, scaling: float) -> None:
    player = make_player(f"{task}-alphazero:8", make_game(task), 2, 8, 1, Path("nowhere"))
    config = player.search.config  # type: ignore[attr-defined]
    assert (config.variance_scaling, config.count_kept, config.proofs) == (scaling, False, True)
