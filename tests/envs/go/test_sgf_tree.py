"""SGF with variations: reading inverts writing, and garbage gives one clear error."""

from __future__ import annotations

import contextlib

import pytest

from envs.boards.game import BLACK, WHITE
from envs.go.coords import from_vertex
from envs.go.sgf import BadRecord, read_sgf
from envs.go.sgf_tree import SgfNode, read_tree, write_tree

GAME = (
    b"(;GM[1]FF[4]SZ[9]KM[6.5]PB[First]PW[Second]BR[1k]RE[W+2.5]RU[Chinese]C[a quiet game];B[ee]C[tengen];W[cc]"
    b"(;B[gg];W[cg])(;B[gc]C[other way];AB[aa][bb]AW[ii]AE[ee]PL[W];W[]))"
)


def line(node: SgfNode) -> list[int | None]:
    actions = []
    while node.children:
        node = node.children[0]
        actions.append(node.action)
    return actions


def test_variations_comments_and_set_up_stones() -> None:
    tree = read_tree(GAME)
    assert (tree.about.size, tree.about.komi, tree.about.black, tree.about.black_rank) == (9, 6.5, "First", "1k")
    assert (tree.about.winner, tree.about.margin, tree.about.by) == (WHITE, 2.5, "points")
    assert tree.root.comment == "a quiet game"
    assert line(tree.root) == [from_vertex(v, 9) for v in ("E5", "C7", "G3", "C3")]
    fork = tree.root.children[0].children[0]
    assert [(c.colour, c.action, c.comment) for c in fork.children] == [
        (BLACK, from_vertex("G3", 9), ""),
        (BLACK, from_vertex("G7", 9), "other way"),
    ]
    setup = fork.children[1].children[0]
    assert setup.sets_up and setup.to_play == WHITE
    assert (setup.black, setup.white, setup.empty) == ((0, 10), (80,), (40,))
    assert setup.children[0].action == 81  # a pass


def test_written_and_read_again_is_the_same() -> None:
    tree = read_tree(GAME)
    again = read_tree(write_tree(tree))
    assert again.root == tree.root and again.about == tree.about


def test_a_point_off_the_board_takes_what_follows_with_it() -> None:
    tree = read_tree(b"(;SZ[9];B[ee](;W[zz];B[aa])(;W[cc]))")
    assert tree.left_out == 1 and line(tree.root) == [40, 20]


def test_a_comment_in_another_encoding() -> None:
    text = "黑好"
    data = b"(;SZ[9]CA[GB2312]C[" + text.encode("gb2312") + b"];B[ee])"
    assert read_tree(data).root.comment == text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"(;",
        b"(;SZ[99])",
        b"(;SZ[0])",
        b"(;GM[2]SZ[9])",
        b"\x00\xff" * 50,
        b"(" * 5000,
        b"(;CA[hex]C[zz])",
    ],
)
def test_rubbish_is_a_bad_record_or_an_empty_game(data: bytes) -> None:
    with contextlib.suppress(BadRecord):
        assert read_tree(data).root.children == []


def test_nesting_and_numbers_of_nodes_are_bounded() -> None:
    deep = b"(;SZ[9]" + b"(;B[aa]" * 3000 + b")" * 3001
    assert len(line(read_tree(deep).root)) == 3000
    with pytest.raises(BadRecord, match="nodes"):
        read_tree(b"(;SZ[9]" + b";B[aa]" * 30 + b")", most=20)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"(;SZ[9]AE[aa:zz])", "a move or stone of the first node is not on the board"),
        (b"(;SZ[9]B[zz])", "a move or stone of the first node is not on the board"),
        (b"(;SZ[9]HA[100000000000000000000])", "handicap 100000000000000000000 on 9x9"),
        (b"(;SZ[9]HA[1e20])", "handicap 1e20 on 9x9"),
        (b"(;SZ[9:13])", "board size 9:13 (only square boards are supported)"),
        (b"(;SZ[40])", "not SGF: size out of range: 40"),
        (b"hello", "not SGF: no SGF data found"),
    ],
)
def test_what_is_wrong_is_said_in_words(data: bytes, said: str) -> None:
    with pytest.raises(BadRecord) as told:
        read_tree(data)
    assert str(told.value) == said
    if "first node" not in said:  # read_sgf numbers the nodes
        with pytest.raises(BadRecord) as told:
            read_sgf(data)
        assert str(told.value) == said
