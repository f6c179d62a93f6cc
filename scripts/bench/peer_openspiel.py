"""OpenSpiel's Python AlphaZero (JAX) on 9x9 Go, timed: one actor's self-play.

Run by the interpreter in .venv-mctx; imports nothing of Tengen. Model, evaluator and search as its own alpha_zero.py
makes them, with its noise and its cache. Prints the model's inferences a second, after a first search.

usage: peer_openspiel.py CHANNELS BLOCKS SIMULATIONS SECONDS
"""

import sys
import time
from typing import Any

import numpy as np
import pyspiel
from open_spiel.python.algorithms import mcts
from open_spiel.python.algorithms.alpha_zero import evaluator as evaluators
from open_spiel.python.algorithms.alpha_zero import utils


class Counted:
    """The model, and how often it was asked."""

    def __init__(self, model: Any) -> None:
        self.model, self.calls = model, 0

    def inference(self, *args: Any) -> Any:
        self.calls += 1
        return self.model.inference(*args)


def main() -> None:
    channels, blocks, simulations = (int(word) for word in sys.argv[1:4])
    seconds = float(sys.argv[4])
    game = pyspiel.load_game("go(board_size=9)")
    model = Counted(
        utils.api_selector("nnx").Model.build_model(
            "resnet",
            game.observation_tensor_shape(),
            game.num_distinct_actions(),
            nn_width=channels,
            nn_depth=blocks,
            weight_decay=1e-4,
            learning_rate=1e-3,
            path=None,
        )
    )
    evaluator = evaluators.AlphaZeroEvaluator(game, model)
    bot = mcts.MCTSBot(
        game,
        2.0,
        simulations,
        evaluator,
        solve=False,
        dirichlet_noise=(0.25, 1.0),
        child_selection_fn=mcts.SearchNode.puct_value,
        dont_return_chance_node=True,
    )
    state = game.new_initial_state()
    state.apply_action(bot.mcts_search(state).best_child().action)
    begun, before, random = time.perf_counter(), model.calls, np.random.RandomState(1)
    while time.perf_counter() - begun < seconds:
        root = bot.mcts_search(state)
        visits = np.array([child.explore_count for child in root.children], float)
        state.apply_action(root.children[random.choice(len(visits), p=visits / visits.sum())].action)
        if state.is_terminal():
            state = game.new_initial_state()
    print((model.calls - before) / (time.perf_counter() - begun), flush=True)


if __name__ == "__main__":
    main()
