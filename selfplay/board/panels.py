"""Everything beside the board, as HTML: players, status, graph, controls, review.

Buttons have `data-ask` (and `data-value`), settings have `data-set`: static/board.js sends them, asking.py answers.
Texts from records are escaped.
"""

from __future__ import annotations

from html import escape

from envs.boards.catalogue import go_size
from envs.boards.game import BLACK, WHITE
from selfplay.board.drawing.graph import Point, graph
from selfplay.board.drawing.looks import look_of
from selfplay.board.house import House
from selfplay.board.review import Turn, black_wins, turns
from selfplay.board.sitting import CLOSED, HINTS, YOU, Sitting
from selfplay.board.tree import Node

_ARROWS = {
    "first": ("First position", "M5 4v12M16 4v12l-8-6z"),
    "back": ("One move back", "M14 4v12l-9-6z"),
    "next": ("Next move", "M6 4v12l9-6z"),
    "last": ("Last position", "M15 4v12M4 4v12l8-6z"),
}
_SIDES = {"black": "{0}", "white": "{1}", "both": "both sides", "watch": "neither, watch"}


def names(s: Sitting) -> tuple[str, str]:
    """The names of the two colours in this game."""
    return look_of(s.tree.game).names


def colour_word(s: Sitting, colour: int) -> str:
    return names(s)[colour == WHITE]


def move_word(s: Sitting, node: Node) -> str:
    """The move or setup at `node`, in words."""
    if node.action is None or node.colour is None:
        return "stones set up" if node.setup else ""
    if node.action == s.tree.game.can.passing:
        return f"{colour_word(s, node.colour)} passed"
    return f"{colour_word(s, node.colour)} {s.tree.game.action_name(node.action)}"


def players(s: Sitting) -> str:
    """A card for each side: stone, name, captured stones, and whose turn it is."""
    counts = s.tree.game.can.count is not None
    lost = s.tree.captured(s.node) if counts else (0, 0)
    chance = black_wins(s.tree, s.node)
    cards = []
    for colour in (BLACK, WHITE):
        index = int(colour == WHITE)
        turn = " turn" if not s.over and s.to_move == colour else ""
        taken = f"<small>{lost[1 - index]} captured</small>" if counts else ""
        komi = f'<i title="komi"> {s.tree.points_for_white:+g}</i>' if counts and colour == WHITE else ""
        rate = "" if chance is None else f" · {100 * (chance if colour == BLACK else 1 - chance):.0f} %"
        cards.append(
            f'<div class="player side{index}{turn}"><span class="pip {names(s)[index].lower()}"></span>'
            f'<div><b title="{escape(s.name(colour))}">{escape(s.name(colour))}</b>'
            f"<small>{colour_word(s, colour)}{komi}{rate}</small>"
            f"{taken}</div></div>"
        )
    return "".join(cards)


def status(s: Sitting) -> str:
    """One or two sentences: the last move, and whose turn it is."""
    done = move_word(s, s.node)
    at = "" if s.node.action is None else f"Move {s.node.moves}: "
    done = f"<span class='done'>{at}{escape(done if at else done.capitalize())}.</span> " if done else ""
    return f'<p class="say">{done}<b>{escape(_now(s))}</b></p>'


def _now(s: Sitting) -> str:
    if s.closed:
        return f"{CLOSED.capitalize()}."
    if s.over:
        return ending(s)
    mover = colour_word(s, s.to_move)
    if s.trouble:
        return f"{s.opponent} cannot continue: {s.trouble}"
    if s.their_turn():
        return f"{s.opponent} is thinking …"
    if s.to_move in YOU[s.you] and len(YOU[s.you]) == 1 and not s.node.children:
        return f"Your move ({mover})."
    return f"{mover} to move."


def ending(s: Sitting) -> str:
    """The result of the game, in words."""
    result, score = s.tree.result(s.node)
    if result != result:
        return "The game was cut short: no result."
    if result == 0:
        return "A draw."
    winner = colour_word(s, 1 if result > 0 else -1)
    if s.node.resigned is not None:
        return f"{winner} wins by resignation."
    if score is None:
        return f"{winner} wins."
    return f"{winner} wins by {abs(score):g} points."


def thinking(s: Sitting) -> str:
    """The search's progress; it changes several times a second, so it is separate from the status."""
    busy = s.job is not None and s.job.kind in ("move", "look")
    pulse = '<span class="pulse" aria-hidden="true"></span>' if busy else ""
    words = []
    if s.over and s.node.resigned is None and s.tree.game.can.count:
        words.append("Dead stones? Click on them.")
    if (found := s.node.found) is not None:
        words.append(f"{found.visits:,} simulations")
        if s.hints != "off" and found.moves:
            line = " ".join(s.tree.game.action_name(a) for a in found.moves[0].line[:6])
            words.append(f"expects {escape(line)}")
        if s.hints != "off" and found.score is not None:
            words.append(_lead(found.score))
        if s.ownership and found.ownership is None:
            words.append("this player predicts no ownership")
    now = '<button id="now" data-ask="now" class="small">Move now</button>' if s.job and s.job.kind == "move" else ""
    return f"{pulse}<span>{' · '.join(words)}</span>{now}"


def _lead(score: float) -> str:
    """Who leads by how much; `score`: Black's."""
    if abs(score) < 0.05:
        return "the score is even"
    return f"{'Black' if score > 0 else 'White'} leads by {abs(score):.1f}"


def chart(s: Sitting, judge: str) -> str:
    """The win-rate graph of the current line; `judge`: the player whose search gives the numbers."""
    line = s.node.line()
    worst = {turn.node.number for turn in turns(s.tree, line, 0.1)[:5]}
    points = [Point(n.number, n.moves, black_wins(s.tree, n), n.number in worst) for n in line]
    return (
        f'<div class="caption"><span>{names(s)[0]}\'s chance to win</span><i>by {escape(judge)}</i></div>'
        f'<div class="plot">{graph(points, s.node.number, names(s))}<span class="half">50 %</span></div>'
    )


def walk(s: Sitting) -> str:
    """Buttons to step through the game, and the variations that start here."""
    parts = ['<div class="steps" role="group" aria-label="Step through the game">']
    for where, (label, path) in _ARROWS.items():
        parts.append(
            f'<button id="step-{where}" data-ask="step" data-value="{where}" aria-label="{label}" title="{label}">'
            f'<svg viewBox="0 0 20 20" aria-hidden="true"><path d="{path}"/></svg></button>'
        )
        if where == "back":
            last = s.node.line()[-1].moves
            parts.append(f'<span class="count">{s.node.moves}<i>/ {last}</i></span>')
    return "".join(parts) + "</div>" + _branches(s)


def _branches(s: Sitting) -> str:
    beside = s.node.parent.children if s.node.parent else []
    parts = []
    if len(beside) > 1:
        parts.append(f"<span>Variation {beside.index(s.node) + 1} of {len(beside)}</span>")
        parts.append('<button class="small" id="step-down" data-ask="step" data-value="down">Other variation</button>')
        parts.append('<button class="small" id="forget" data-ask="forget">Delete it</button>')
    if len(s.node.children) > 1:
        parts.append("<span>Next:</span>")
        for i, child in enumerate(s.node.children[:26]):
            word = escape(move_word(s, child)) or "comment"
            parts.append(
                f'<button class="small" id="go-{child.number}" data-ask="go" data-value="{child.number}">'
                f"{chr(65 + i)} {word}</button>"
            )
    return f'<div class="branches">{"".join(parts)}</div>' if parts else ""


def actions(s: Sitting) -> str:
    """The actions available in a game."""
    passing = s.tree.game.can.passing is not None
    buttons = [
        ("pass", "Pass", passing),
        ("back", "Take back", True),
        ("resign", "Resign", s.tree.game.can.passing is not None),
    ]
    return "".join(f'<button id="{a}" data-ask="{a}">{word}</button>' for a, word, there in buttons if there)


def settings(house: House, s: Sitting) -> str:
    """Who plays, at what strength, and what is shown on the board."""
    sides = {key: word.format(*names(s)) for key, word in _SIDES.items()}
    parts = [_select("you", "You play", sides, s.you)]
    if strengths := {key: word for key, (word, _) in s.strengths.items()}:
        parts.append(_select("strength", "Strength", strengths, s.strength))
    parts.append(_select("hints", "On the board", {word: word for word in HINTS}, s.hints))
    if s.tree.game.can.count is not None:
        on = "checked" if s.ownership else ""
        parts.append(
            f'<label class="check"><input type="checkbox" id="ownership" data-set="ownership" {on}> Ownership</label>'
        )
    return "".join(parts)


def _select(name: str, label: str, among: dict[str, str], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(key)}"{" selected" if key == chosen else ""}>{escape(word)}</option>'
        for key, word in among.items()
    )
    return f'<label>{label}<select id="{name}" data-set="{name}">{options}</select></label>'


def review(s: Sitting) -> str:
    """Analysis of all moves: its progress, and the turning points."""
    done, all_of_them = s.review_progress()
    word = "Stop" if s.reviewing and done < all_of_them else "Analyse the game"
    wish = "false" if s.reviewing and done < all_of_them else "true"
    parts = [
        f'<div class="head"><h2>Review</h2><button class="small" id="review" data-ask="review" data-value="{wish}" '
        f'data-kind="bool">{word}</button></div>'
    ]
    if s.reviewing:
        parts.append(
            f'<progress max="{all_of_them}" value="{done}" aria-label="Positions analysed"></progress>'
            f"<small>{done} of {all_of_them} positions</small>"
        )
    parts.append(f'<p class="result">In the record, {said}.</p>' if (said := _recorded(s)) else "")
    rows = "".join(_turn(s, turn) for turn in turns(s.tree, s.node.line())[:6])
    parts.append(f'<ol class="turns">{rows}</ol>' if rows else "")
    comment = s.node.comment[:4000]
    parts.append(f'<blockquote class="comment">{escape(comment)}</blockquote>' if comment else "")
    return "".join(parts)


def _recorded(s: Sitting) -> str:
    """The result according to the record, in words; empty if there is none."""
    if s.about is None or s.about.winner is None:
        return ""
    if s.about.winner == 0:
        return "the game is a draw"
    how = {"resignation": " by resignation", "time": " on time", "forfeit": " by forfeit"}.get(s.about.by, "")
    if s.about.margin is not None:
        how = f" by {s.about.margin:g} points"
    return f"{colour_word(s, s.about.winner)} wins{how}"


def _turn(s: Sitting, turn: Turn) -> str:
    name = s.tree.game.action_name
    better = "" if turn.better is None else f", better {name(turn.better)}"
    here = ' aria-current="true"' if turn.node is s.node else ""
    return (
        f'<li><button id="turn-{turn.node.number}" data-ask="go" data-value="{turn.node.number}"{here}>'
        f"<span>{turn.node.moves}. {escape(move_word(s, turn.node))}</span>"
        f"<em>−{100 * turn.loss:.0f} %</em><small>{better.lstrip(', ')}</small></button></li>"
    )


def new_game(house: House, s: Sitting) -> str:
    """The new-game dialog."""
    sides = {key: word.format(*names(s)) for key, word in _SIDES.items()}
    fields = [_field("new-you", "You play", sides, s.you)]
    if house.sizes:
        size = str(go_size(s.tree.game.name) or house.sizes[-1])
        fields.append(_field("new-size", "Board", {str(n): f"{n} × {n}" for n in house.sizes}, size))
        komi = house.game(house.options.task).can.komi
        usual = komi.usual if komi else 0.0
        fields.append(
            f'<label>Komi<input id="new-komi" inputmode="decimal" value="{usual:g}" data-usual="{usual:g}"></label>'
        )
        stones = {"0": "none"} | {str(n): f"{n} stones" for n in range(2, 10)}
        fields.append(_field("new-handicap", "Handicap", stones, "0"))
    return (
        f"<h2>New game</h2>{''.join(fields)}"
        '<div class="row"><button id="new-cancel" data-close="new">Cancel</button>'
        '<button id="new-begin" class="primary" data-begin="1">Start</button></div>'
    )


def _field(name: str, label: str, among: dict[str, str], chosen: str) -> str:
    return _select(name, label, among, chosen).replace(f'data-set="{name}"', "")
