"""A sitting without a thread: turns, take-backs, navigation, marking, and which jobs follow."""

from __future__ import annotations

import pytest

from envs.boards.catalogue import make_game
from envs.boards.game import BLACK, WHITE, IllegalMove
from selfplay.board.sitting import LOOK_SIMULATIONS, Job, Sitting
from selfplay.board.tree import GameTree
from selfplay.thinking import Analysis, MoveAnalysis
from tengen.errors import UserError


def sitting(task: str = "go5", you: str = "black") -> Sitting:
    s = Sitting("1", GameTree(make_game(task)), "someone", "25")
    s.seat(s.tree, you)
    return s


def thought(action: int, to_play: int, value: float = 0.0, visits: int = 25) -> Analysis:
    move = MoveAnalysis(action, visits, value, 0.5, -1.0, (action,))
    return Analysis(to_play, visits, value, value, (move,), action, 0.1)


def answer(s: Sitting, action: int, value: float = 0.0) -> None:
    """Do what the thread would do: take the job and move."""
    job = s.next_job(0)
    assert job is not None and job.kind == "move"
    s.done(job, thought(action, s.to_move, value))


def job(s: Sitting) -> Job | None:
    return s.next_job(0)


def test_you_move_then_the_other_side_does() -> None:
    s = sitting()
    assert job(s) is None
    s.play(12)
    assert s.their_turn() and s.to_move == WHITE
    with pytest.raises(UserError, match="turn"):
        s.play(7)
    answer(s, 7)
    assert [n.action for n in s.node.path()] == [None, 12, 7] and not s.their_turn()
    with pytest.raises(IllegalMove, match="occupied"):
        s.play(7)
    assert s.node.moves == 2


def test_taking_back_undoes_both_moves_and_stops_the_thinking() -> None:
    s = sitting()
    s.play(12)
    answer(s, 7)
    s.take_back()
    assert s.node is s.tree.root and len(s.tree.nodes) == 1
    s.play(12)
    thinking = job(s)
    assert thinking is not None
    s.take_back()  # while the opponent is thinking: one move
    assert thinking.stop.is_set() and thinking.cancelled and s.node is s.tree.root
    s.done(thinking, thought(7, WHITE))  # its result is no longer played
    assert s.node is s.tree.root and s.tree.root.children == []
    with pytest.raises(UserError, match="nothing"):
        s.take_back()


def test_taking_back_in_the_middle_of_a_game_loses_nothing() -> None:
    s = sitting(you="both")
    for action in (12, 7, 17):
        s.play(action)
    s.step("back")
    s.take_back()
    assert s.node.action == 12 and s.node.line()[-1].action == 17
    s.play(8)
    s.take_back()  # the new variation is removed, the others stay
    assert s.node.action == 12 and [c.action for c in s.node.children] == [7]


def test_a_move_that_is_hurried_is_played() -> None:
    s = sitting()
    s.play(12)
    thinking = job(s)
    assert thinking is not None
    thinking.stop.set()  # as "Move now" does
    s.done(thinking, thought(7, WHITE))
    assert s.node.action == 7


def test_walking_and_variations() -> None:
    s = sitting(you="both")
    for action in (12, 7, 17):
        s.play(action)
    s.step("back")
    s.step("back")
    assert s.node.action == 12 and s.node.line()[-1].action == 17
    s.play(8)  # another reply
    assert [c.action for c in s.node.parent.children] == [7, 8]  # type: ignore[union-attr]
    s.step("up")
    assert s.node.action == 7
    s.step("last")
    assert s.node.action == 17
    s.step("first")
    s.step("back")
    assert s.node is s.tree.root
    s.play(12)  # an existing move makes no new position
    assert len(s.tree.root.children) == 1
    s.step("next")
    s.step("down")
    s.forget()
    assert [c.action for c in s.node.children] == [7]
    with pytest.raises(UserError, match="no longer exists"):
        s.go(999)


def test_in_the_middle_of_a_game_the_other_side_waits() -> None:
    s = sitting()
    s.play(12)
    answer(s, 7)
    s.step("back")
    assert not s.their_turn() and job(s) is None


def test_hints_ask_for_a_look_and_a_move_cancels_it() -> None:
    s = sitting()
    s.hints = "visits"
    s.changed()
    look = job(s)
    assert look is not None and look.kind == "look" and look.limit.simulations == LOOK_SIMULATIONS
    s.found(look, thought(12, BLACK, 0.2, 10))
    s.found(look, thought(11, BLACK, 0.2, 5))  # fewer visits than the known result: ignored
    assert s.node.found is not None and s.node.found.best == 12
    s.play(12)
    assert look.cancelled
    s.done(look, thought(12, BLACK, 0.2, 30))
    assert s.node.action == 12 and s.tree.root.found is not None and s.tree.root.found.visits == 30


def test_a_review_looks_at_every_position_once() -> None:
    s = sitting(you="both")
    for action in (12, 7, 17):
        s.play(action)
    s.reviewing = True
    s.changed()
    seen = []
    while (one := s.next_job(0)) is not None:
        seen.append(one.node.moves)
        s.done(one, thought(1, s.tree.to_move(one.state), 0.0, 100 if one.node.moves else 60))
    assert seen == [3, 0, 1, 2] and s.review_progress() == (4, 4)


def test_the_end_the_count_and_dead_stones() -> None:
    s = sitting(you="both")
    for action in (12, 0, 25, 25):  # a black stone in the middle, a white one in the corner, two passes
        s.play(action)
    assert s.over and s.tree.result(s.node) == (-1.0, -7.5)
    s.mark(0)
    assert s.node.dead == {0} and s.tree.result(s.node) == (1.0, 17.5)
    s.mark(0)
    assert s.tree.result(s.node)[1] == -7.5
    with pytest.raises(UserError, match="no stone"):
        s.mark(1)
    with pytest.raises(UserError, match="over"):
        s.play(1)
    s.take_back()
    assert not s.over


def test_resigning_and_giving_up() -> None:
    s = sitting()
    s.play(12)
    s.resign()
    assert s.over and s.tree.result(s.node) == (-1.0, None) and job(s) is None
    s = sitting()
    for mine, theirs in ((12, 7), (11, 6), (10, 5), (13, 8)):
        s.play(mine)
        answer(s, theirs, -0.99)
        if s.over:
            break
    assert s.over and s.tree.result(s.node) == (1.0, None)


def test_captured_stones_are_counted() -> None:
    s = sitting(you="both")
    for action in (1, 0, 5):  # Black takes the corner
        s.play(action)
    assert s.tree.captured(s.node) == (0, 1)


def test_a_player_that_fails_is_reported_and_the_board_lives_on() -> None:
    s = sitting()
    s.play(12)
    thinking = job(s)
    assert thinking is not None
    s.failed(thinking, "it broke")
    assert s.trouble == "it broke" and job(s) is None
    s.take_back()
    assert s.trouble == "" and s.node is s.tree.root


def test_connect_four_is_won() -> None:
    s = sitting("connect4", "both")
    for column in (0, 1, 0, 1, 0, 1, 0):
        s.play(column)
    assert s.over and s.tree.result(s.node) == (1.0, None)
