"""A browser, and a board shared by several test files, as starting a server takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.selfplay.board.browser import Tab, board_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    tab = Tab()
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def tictactoe_board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a tic-tac-toe board where one person plays both sides."""
    with board_server(tmp_path_factory.mktemp("board"), "random", "--board", "tictactoe", "--you", "both") as address:
        yield address
