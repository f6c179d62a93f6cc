"""The tasks of self-play: every board game, with its default settings. No torch in here."""

from __future__ import annotations

from agents.alphazero import config as alphazero
from envs.boards.catalogue import board_games, check_size, is_board_game
from selfplay.settings import SelfPlaySettings
from tengen.kinds import Kind, Training, later

_STEPS = {"tictactoe": 60_000, "connect4": 1_500_000, "go5": 400_000}  # moves of self-play


def recipe(task: str) -> Training:
    """The default settings of AlphaZero on `task`."""
    check_size(task)
    settings = SelfPlaySettings(steps=_STEPS.get(task, 10_000_000))
    config = alphazero.PRESETS.get(task, alphazero.PRESETS["go"])
    title = f"alphazero (preset for {task}); with --records PATH: a policy from game records"
    return Training("selfplay", task, "alphazero", settings, config, title)


def _programs(training: Training) -> list[str]:
    from selfplay.players.catalogue import starts_program

    names = [name.strip() for name in training.settings.outside.split(",")]
    return [name for name in names if starts_program(name)]


KIND = Kind(
    name="selfplay",
    tasks="by self-play: tictactoe, connect4, go5, go9, go19",
    names=board_games,
    preset=lambda task, given: recipe(task) if is_board_game(task) else None,
    headline=lambda t: f"{t.task}: {t.agent}, {t.settings.steps:,} moves of self-play",
    metric="rating",
    session=later("selfplay.session:SelfPlaySession"),
    session_of_run=later("selfplay.session:session_of_run"),
    evaluate=later("selfplay.evaluate:evaluate"),
    film=later("selfplay.evaluate:no_film"),
    show=lambda session, run: [],
    draw=later("selfplay.curves:draw"),
    pictures=lambda run: [],
    ship=later("selfplay.evaluate:ship"),
    diagnose=later("selfplay.diagnose:diagnose"),
    programs=_programs,
    shares=True,
)
