"""Evaluation over whole games and its score card, with players that need no network."""

from typing import Any

import numpy as np
import pytest

from envs.atari_scores import human_normalised
from envs.evaluate import evaluate, play_games, score_card
from envs.worlds import find_world
from tengen.errors import UserError
from tengen.statistics import bootstrap, interquartile_mean


def test_statistics_by_hand() -> None:
    assert interquartile_mean(np.array([9.0, 1, 2, 3, 4, 5, 6, -100])) == 3.5  # 2, 3, 4, 5
    assert interquartile_mean(np.array([1.0, 2.0, 6.0])) == 3.0
    low, high = bootstrap([0.0, 1.0] * 50, lambda x: x.mean(-1))
    assert low == pytest.approx(0.4, abs=0.03) and high == pytest.approx(0.6, abs=0.03)
    assert bootstrap([3.0, 3.0], lambda x: x.mean(-1)) == (3.0, 3.0)


def test_human_normalised() -> None:
    assert human_normalised("pong", -20.7) == 0 and human_normalised("pong", 14.6) == 1
    assert human_normalised("nothing", 1.0) is None


def towards_the_fall(obs: np.ndarray) -> np.ndarray:
    """CartPole: push to the side the pole leans to, [B]; the pole falls after 20 to 70 steps."""
    return (obs[:, 2] > 0).astype(np.int64)


def test_each_game_counts_whatever_its_length() -> None:
    """In CartPole the score is the game's length. Forty games are played as 32 and then 8 in parallel, and each score
    must be that of the game with its own seed. The first forty games to end would be different ones: shorter, some
    of them a slot's second game."""
    world = find_world("CartPole-v1")
    scores = play_games(towards_the_fall, world, "plain", 40, seed=5)
    alone = [play_games(towards_the_fall, world, "plain", 1, seed=5 + i)[0] for i in range(40)]
    assert scores == alone
    assert max(scores) > 1.5 * min(scores)  # otherwise the test could not tell the games apart


def test_whole_pong_games_and_their_card() -> None:
    world = find_world("pong")
    scores = play_games(lambda obs: np.zeros(len(obs), np.int64), world, "classic", 2, seed=5)
    assert all(-21 <= s <= -15 for s in scores)
    card = score_card(world, "nobody", "classic", scores, 5, 1000, "none", "tengen eval x")
    assert card.seeds == (5, 6) and card.mean == np.mean(scores)
    assert card.hns is not None and card.hns < 0.2
    assert card.ci95[0] <= card.mean <= card.ci95[1] and card.protocol == "classic"


def test_protocols() -> None:
    with pytest.raises(UserError, match="did you mean sticky"):
        play_games(towards_the_fall, find_world("pong"), "stiky", 1)
    card = score_card(find_world("catch"), "x", "sticky", [1.0, -1.0], 1, 0, "", "")
    assert card.protocol == "plain" and card.hns is None


def test_any_function_gets_a_card_of_the_games_with_its_seeds() -> None:
    told: list[int] = []
    card = evaluate(towards_the_fall, "cartpole", 40, seed=5, agent="falls", steps=7, progress=told.append)
    scores = play_games(towards_the_fall, find_world("CartPole-v1"), "plain", 40, seed=5)
    assert card.mean == pytest.approx(np.mean(scores), abs=1e-4) and card.seeds == (5, 44) and told[-1] == 40
    assert (card.task, card.agent, card.protocol, card.steps) == ("CartPole-v1", "falls", "plain", 7)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda obs: 1, "2 integers from 0 to 1, one per game; it returned shape []"),
        (lambda obs: np.zeros((len(obs), 2)), "it returned shape [2, 2]"),
        (lambda obs: np.zeros(len(obs)), "it returned float64: return the index of the best action"),
        (lambda obs: [True, False], "it returned bool"),
        (lambda obs: [0, 2], "it returned values from 0 to 2"),
        (lambda obs: [0, [1, 2]], "cannot be converted to an array"),
        (lambda obs: [None, 1], "it returned object"),
    ],
)
def test_what_is_no_batch_of_actions_is_one_line(answer: Any, says: str) -> None:
    with pytest.raises(UserError) as error:
        evaluate(answer, "CartPole-v1", 2)
    assert says in str(error.value) and "\n" not in str(error.value)


def test_tensors_and_small_integers_are_actions() -> None:
    import torch

    as_arrays = evaluate(towards_the_fall, "CartPole-v1", 3, seed=1)
    assert evaluate(lambda obs: torch.from_numpy(towards_the_fall(obs)), "CartPole-v1", 3, seed=1) == as_arrays
    assert evaluate(lambda obs: towards_the_fall(obs).astype(np.uint8), "CartPole-v1", 3, seed=1) == as_arrays
    with pytest.raises(UserError, match="requires grad"):
        evaluate(lambda obs: torch.zeros(len(obs), requires_grad=True), "CartPole-v1", 3)
    with pytest.raises(UserError, match="episodes must be 1 or more"):
        evaluate(towards_the_fall, "CartPole-v1", 0)
    with pytest.raises(UserError, match="no task named"):
        evaluate(towards_the_fall, "CartPool-v77")
