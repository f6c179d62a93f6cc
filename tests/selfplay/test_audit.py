"""The audit of a run's games detects missing and duplicate games."""

from __future__ import annotations

from pathlib import Path

from selfplay.actors import share_out, unbegun
from selfplay.audit import audit
from selfplay.record import iterations, read_iteration, write_iteration
from tests.selfplay.test_actors import learner
from tests.selfplay.test_selfplay import SMALL


def test_audit(tmp_path: Path) -> None:
    made = learner(1, 128 * 3)
    made.folder = tmp_path
    for _ in made.ticks():
        pass
    tree = made.state()
    found = audit(tmp_path, tree, SMALL)
    assert found.wrong == () and found.games == made.actors.ended > 3 and found.in_progress == 8
    assert 384 <= found.moves < 384 + 3 * 8
    path = next(path for _, path in iterations(tmp_path) if read_iteration(path))
    number, records = int(path.stem[-6:]), read_iteration(path)
    write_iteration(tmp_path, number, records[1:])
    lost = records[0].number
    ended = f"{found.games - 1} games ended, but the actors counted {found.games}"
    assert audit(tmp_path, tree, SMALL).wrong[:2] == (f"game {lost} is missing", ended)
    write_iteration(tmp_path, number, [*records, records[0]])
    assert audit(tmp_path, tree, SMALL).wrong[0] == f"game {lost} appears 2 times"
    path.unlink()
    assert audit(tmp_path, tree, SMALL).wrong[0] == f"iteration {number} is missing"
    write_iteration(tmp_path, number, records)
    tree["step"] += 128
    assert audit(tmp_path, tree, SMALL).wrong == (f"{found.moves} moves were made; 512 steps mean 507 to 552",)


def test_numbers_that_an_actor_has_not_come_to_are_given_away(tmp_path: Path) -> None:
    """One of two actors is far ahead; the numbers that the other would have used are given out first."""
    made = learner(2, 128)
    ahead, behind = (play.state() for play in made.actors.plays)  # type: ignore[attr-defined]
    made.actors.plays[0].play(400)  # type: ignore[attr-defined]
    ahead = made.actors.plays[0].state()  # type: ignore[attr-defined]
    assert behind["next"] == 9 < ahead["next"] - 4
    assert unbegun([ahead, behind]) == list(range(9, ahead["next"], 2))
    for actors in (3, 1):
        shared = share_out([ahead, behind], actors)
        numbers = [n for one in shared for n in one.get("spare", [])]
        assert sorted(numbers) == list(range(9, ahead["next"], 2))
    alone = learner(1, 128).actors.plays[0]  # type: ignore[attr-defined]
    trajectories = [*ahead["trajectories"], *behind["trajectories"]]
    alone.load(shared[0])  # as many boards as games in progress
    assert [t.number for t in alone.trajectories] == [t["number"] for t in trajectories]
    assert [alone._next_number() for _ in numbers] == sorted(numbers) and alone._next_number() == ahead["next"]
    few = learner(2, 128).actors.plays[0]  # type: ignore[attr-defined]
    few.load(shared[0])  # half as many boards: the other games restart
    assert sorted(few.spare) == sorted([*numbers, *(t["number"] for t in trajectories[4:])])
