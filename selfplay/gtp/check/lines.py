"""Checks of the protocol itself: ids, comments, empty lines, errors, line ends, and the end of a session."""

from __future__ import annotations

import time

from selfplay.gtp.check.probe import Broken, Probe, Reply
from selfplay.gtp.check.report import Group

LINES = Group("protocol")
REQUIRED = (
    *("protocol_version", "name", "version", "known_command", "list_commands", "quit"),
    *("boardsize", "clear_board", "komi", "play", "genmove"),
)


def expect(reply: Reply, ok: bool, number: str, body: str | None, sent: str) -> None:
    """Broken unless the answer has this sign, this id and (if not None) this text."""
    wanted = f"{'=' if ok else '?'}{number}{'' if body is None else ' ' + body}"
    if (reply.ok, reply.id) != (ok, number) or body not in (None, reply.body):
        raise Broken(f"{sent!r} was answered {reply}, expected {wanted!r}")


@LINES.must("protocol_version is 2")
def version_two(engine: Probe) -> None:
    expect(engine.ask("protocol_version"), True, "", "2", "protocol_version")


@LINES.must("name and version are one line each")
def name_and_version(engine: Probe) -> None:
    for command in ("name", "version"):
        if "\n" in engine.tell(command):
            raise Broken(f"{command} is answered by several lines")


@LINES.must("the required commands are listed and known")
def required_commands(engine: Probe) -> None:
    listed = engine.tell("list_commands").split()
    for command in REQUIRED:
        if command not in listed:
            raise Broken(f"{command} is missing in list_commands")
        expect(engine.ask(f"known_command {command}"), True, "", "true", f"known_command {command}")


@LINES.must("every command that is listed is known, and nonsense is not")
def listed_is_known(engine: Probe) -> None:
    listed = engine.tell("list_commands").split()
    if len(set(listed)) < len(listed):
        raise Broken("list_commands has a command twice")
    for command in listed:
        expect(engine.ask(f"known_command {command}"), True, "", "true", f"known_command {command}")
    expect(engine.ask("known_command no_such_command"), True, "", "false", "known_command no_such_command")


@LINES.must("an unknown command is refused")
def unknown_command(engine: Probe) -> None:
    engine.refuses("no_such_command", "no_such_command with arguments")


@LINES.should("an unknown command is refused with the words 'unknown command'")
def unknown_words(engine: Probe) -> None:
    expect(engine.ask("no_such_command"), False, "", "unknown command", "no_such_command")


@LINES.must("an id comes back with the answer, and with a refusal")
def ids(engine: Probe) -> None:
    for number in ("0", "7", "123456", "2147483647"):
        expect(engine.ask(f"{number} protocol_version"), True, number, "2", f"{number} protocol_version")
        expect(engine.ask(f"{number} no_such_command"), False, number, None, f"{number} no_such_command")
    expect(engine.ask("protocol_version"), True, "", "2", "protocol_version")


@LINES.must("comments are no commands")
def comments(engine: Probe) -> None:
    engine.send(b"# a comment\n")
    expect(engine.ask("1 protocol_version # and another"), True, "1", "2", "1 protocol_version # and another")


@LINES.must("empty lines and lines of blanks have no answer")
def empty_lines(engine: Probe) -> None:
    engine.send(b"\n\n   \n\t\n")
    expect(engine.ask("2 protocol_version"), True, "2", "2", "empty lines, then 2 protocol_version")
    engine.silent()


@LINES.must("lines may end with CR and LF")
def carriage_returns(engine: Probe) -> None:
    engine.send(b"3 protocol_version\r\n\r\n4 known_command play\r\n")
    expect(engine.reply("3 protocol_version\r"), True, "3", "2", "3 protocol_version\\r\\n")
    expect(engine.reply("4 known_command play\r"), True, "4", "true", "4 known_command play\\r\\n")


@LINES.should("tabs and several blanks separate words")
def blanks(engine: Probe) -> None:
    expect(engine.ask("  5 \t known_command\t  play  "), True, "5", "true", "  5 \\t known_command\\t  play  ")


@LINES.should("control characters are discarded")
def control_characters(engine: Probe) -> None:
    expect(engine.ask("6 protocol\x01_ver\x7fsion"), True, "6", "2", "6 protocol\\x01_ver\\x7fsion")


@LINES.must("commands sent at once are answered in order")
def in_order(engine: Probe) -> None:
    engine.send(b"".join(b"%d known_command play\n" % i for i in range(100, 150)))
    for i in range(100, 150):
        expect(engine.reply(f"{i} known_command play"), True, str(i), "true", f"{i} known_command play")


@LINES.must("a line may come in pieces")
def in_pieces(engine: Probe) -> None:
    engine.send(b"8 protocol_ver")
    time.sleep(0.05)
    engine.send(b"sion\n")
    expect(engine.reply("8 protocol_version"), True, "8", "2", "8 protocol_ver, sion")


@LINES.must("missing and wrong arguments are refused")
def wrong_arguments(engine: Probe) -> None:
    engine.tell("boardsize 9", "clear_board")
    engine.refuses("play", "play black", "play purple D4", "play black 44", "komi", "komi many", "boardsize many")
    engine.refuses("genmove purple", "boardsize")


@LINES.should("a line of 20,000 characters is answered")
def long_line(engine: Probe) -> None:
    engine.ask("known_command " + "x" * 20_000)
    expect(engine.ask("9 protocol_version"), True, "9", "2", "9 protocol_version")


@LINES.should("bytes that are no text do no harm")
def rubbish(engine: Probe) -> None:
    engine.send(bytes(range(128, 256)) + b" \xff\xfe\n")
    engine.reply("rubbish")
    expect(engine.ask("10 protocol_version"), True, "10", "2", "10 protocol_version")


@LINES.should("absurd numbers are refused")
def absurd_numbers(engine: Probe) -> None:
    engine.refuses("boardsize 1000000000000", "boardsize -19", "komi nan", f"boardsize {'9' * 500}")


@LINES.must("there is no unsolicited output")
def silence(engine: Probe) -> None:
    engine.tell("boardsize 9", "clear_board", "play black D4", "genmove white", "clear_board")
    engine.silent()


@LINES.should("the end of the input ends the engine")
def end_of_input(engine: Probe) -> None:
    engine.tell("protocol_version")
    engine.hang_up()
    if not engine.ends(engine.timeout):
        raise Broken(f"it still runs {engine.timeout:g} s after the end of its input")


@LINES.must("quit is answered and ends the engine")
def quits(engine: Probe) -> None:
    expect(engine.ask("11 quit"), True, "11", None, "11 quit")
    if not engine.ends(engine.timeout):
        raise Broken(f"it still runs {engine.timeout:g} s after quit")
