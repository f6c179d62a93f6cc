"""Small boards with a known value: search reaches it, a uniform player does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfplay.yardsticks.known_boards import examine, sizes_of
from tengen.card import headline
from tengen.listing import print_zoo
from tengen.zoo import zoo_cards


@pytest.mark.slow
def test_search_reaches_the_value_and_a_uniform_player_does_not(tmp_path: Path) -> None:
    card = examine("uct:600", tmp_path, "go3", [2, 3], 1, "uct:600", 1)
    for size, value in (("2", 1.0), ("3", 9.0)):
        found = card.boards[size]
        assert found.value == value and found.against_itself
        assert (found.reached_as_black, found.reached_as_white) == (1, 1)
    assert set(card.boards["3"].first_moves) == {"B2"}
    assert card.rate == 1 and card.games == 4 and card.ci95[1] == 1
    saved = card.to_dict()
    assert headline(saved).result == "100.00%" and saved["boards"]["3"]["value"] == 9
    assert "2x2, value +1: reached against itself" in card.describe()
    card = examine("random", tmp_path, "go3", [3], 1, "uct:600", 1)
    assert not card.boards["3"].against_itself and card.boards["3"].reached_as_black == 0
    assert "NOT reached against itself" in card.describe()


def test_sizes_come_from_a_run_or_a_card() -> None:
    assert sizes_of("go5", "2,3") == [2, 3, 5]
    assert sizes_of("go4", "") == [4]


def test_every_network_of_the_zoo_is_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_zoo()
    shown = capsys.readouterr().out
    assert {"go5-alphazero", "connect4-alphazero", "pong-ppo-small"} <= zoo_cards().keys()
    assert all(name in shown for name in zoo_cards())
