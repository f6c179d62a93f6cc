"""The game, from Tengen: 6 rows, 7 columns, stones fall, four in a row win. Many games in parallel, as arrays.

GAME.new(B)                    -> states [B] at the start; a state is a record, copying one is an assignment
GAME.legal(states)             -> [B, 7] bool, all False where the game is over
GAME.play(states, actions)     in place: drops a stone in columns `actions` [B]
GAME.to_move(states)           -> [B] 1 (the first player) or -1
GAME.ended(states)             -> [B] bool
GAME.result(states)            -> [B] from the first player's point of view: 1, 0, -1; NaN while playing
GAME.encode(states)            -> planes [B, 3, 6, 7] int8 from the point of view of the player to move: own
                                  stones, the opponent's, all ones if the first player is to move
print(GAME.draw(states[0]))    the board as text
"""

import numpy as np

from envs.boards.catalogue import make_game

BOARD = "connect4"
GAME = make_game(BOARD)
ACTIONS = GAME.num_actions  # 7 columns


def position(moves: str) -> np.ndarray:
    """The state [1] after `moves`, one digit per column, counted from 1 on the left: "4453"."""
    states = GAME.new(1)
    for move in moves:
        GAME.play(states, np.array([int(move) - 1]))
    return states


def outcome(states: np.ndarray) -> np.ndarray:
    """[B] float32 the value of ended games to the player who would move next: -1 lost, 0 drawn. NaN while playing.

    Never 1: whoever made four in a row has just moved, so it is the other one's turn.
    """
    return (GAME.result(states) * GAME.to_move(states)).astype(np.float32)
