"""Translation: BPE by hand, beam search against brute force, attention against PyTorch's, masking."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from supervised.sequence.translation import batches, data
from supervised.sequence.translation.attention import Attention
from supervised.sequence.translation.beam import search
from supervised.sequence.translation.heads import Heads, attention, positions
from supervised.sequence.translation.pieces import END, PAD, START, UNKNOWN, Pieces, learn_merges, words
from supervised.sequence.translation.seq2seq import Seq2Seq
from supervised.sequence.translation.transformer import Transformer
from tengen.errors import UserError
from tengen.seeding import Seeds

NETS = {
    "seq2seq": lambda: Seq2Seq(9, 8, width=12, layers=2, embedding=10),
    "attention": lambda: Attention(9, 8, width=12, embedding=10),
    "transformer": lambda: Transformer(9, 8, width=12, layers=2, heads=3, feed_forward=20),
}


def net(name: str, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return NETS[name]().eval()


def test_merges_by_hand() -> None:
    """The example of Sennrich 2016, figure 1, with a space before each word: "low" and "er" are found first."""
    text = "low " * 5 + "lower " * 2 + "newest " * 6 + "widest " * 3
    characters, merges = learn_merges([text], 4)
    assert characters == " deilnorstw"
    assert merges == [("e", "s"), ("es", "t"), (" ", "l"), (" l", "o")]  # 9 times, 9, then 7 and 7
    pieces = Pieces(characters, merges)
    assert [pieces.names[i] for i in pieces.encode("Lowest")] == [" lo", "w", "est"]


def test_text_comes_back() -> None:
    pieces = Pieces.learn(["ein hund, der läuft.", "zwei hunde (braun) laufen!"] * 3, 60)
    for text in ("ein hund (braun), der läuft!", "hunde!", ""):
        assert pieces.decode([*pieces.encode(text), END, 7]) == text
    assert len(pieces) <= 60
    assert words("  Zwei\tHunde-\x00 ") == [" zwei", " hunde", "-", "\x00"]
    assert pieces.encode("hund\N{SNOWMAN}")[-1] == UNKNOWN and pieces.unknown("hund \N{SNOWMAN}") == "\N{SNOWMAN}"
    again = Pieces(**pieces.to_json())
    assert again.encode("zwei hunde laufen") == pieces.encode("zwei hunde laufen")


def test_batches_have_no_padding_on_the_source_and_every_pair_once_an_epoch() -> None:
    rng = np.random.default_rng(0)
    pairs = [([5] * int(n), [6] * int(m)) for n, m in rng.integers(1, 9, (100, 2))]
    made = batches.Batches(pairs, 40, Seeds(1))
    epochs = [np.concatenate([made.indices(e * len(made) + i) for i in range(len(made))]) for e in (0, 1)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(100)) and not np.array_equal(*epochs)
    for number in range(len(made)):
        batch = made[number]
        assert (batch.source != PAD).all() and batch.source.numel() <= 40
        assert ((batch.after == END).sum(1) == 1).all() and (batch.before[:, 0] == START).all()
        assert torch.equal(
            batch.before[:, 1:][batch.after[:, :-1] > END], batch.after[:, :-1][batch.after[:, :-1] > END]
        )
    again = batches.Batches(pairs, 40, Seeds(1))
    assert np.array_equal(again.indices(len(made) + 3), made.indices(len(made) + 3))


@pytest.mark.parametrize("name", NETS)
def test_one_piece_at_a_time_is_the_same_as_all_at_once_and_nothing_sees_the_future(name: str) -> None:
    model = net(name)
    source, target = torch.tensor([[4, 5, 6, END]] * 2), torch.tensor([[START, 4, 5, 6], [START, 7, 4, 4]])
    at_once = model.output(model.hidden(source, target))  # [B, T, V]
    state = model.start(source)
    for t in range(4):
        logits, state = model.step(target[:, t], state)
        torch.testing.assert_close(logits, at_once[:, t], atol=1e-5, rtol=1e-4)
    table = model.target(target).detach().requires_grad_()
    model.target.register_forward_hook(lambda *_: table)
    model.output(model.hidden(source, target))[:, 1].sum().backward()
    assert table.grad is not None
    assert table.grad[:, :2].abs().sum((0, 2)).all() and not table.grad[:, 2:].any()


@pytest.mark.parametrize("name", NETS)
def test_a_beam_of_full_width_finds_what_brute_force_finds(name: str) -> None:
    model, source = net(name, 3), torch.tensor([[4, 5, END], [7, 7, END]])
    longest, symbols = 3, [UNKNOWN, 4, 5, 6, 7]
    for penalty in (0.0, 1.0):
        found = search(model, source, beam=6**longest, longest=longest, penalty=penalty)
        narrow = search(model, source, beam=1, longest=longest, penalty=penalty)
        for row in (0, 1):
            best = (-np.inf, [])
            for n in range(longest + 1):
                for pieces in product(symbols, repeat=n):
                    before, after = torch.tensor([[START, *pieces]]), torch.tensor([*pieces, END])
                    log_p = model.output(model.hidden(source[row : row + 1], before))[0]
                    value = log_p.log_softmax(1).gather(1, after[:, None]).sum().item() / (n + 1) ** penalty
                    best = max(best, (value, list(pieces)))
            assert found[row].pieces == best[1] and found[row].score == pytest.approx(best[0], abs=1e-4)
            assert narrow[row].score <= found[row].score + 1e-5


def test_attention_by_hand() -> None:
    """Two positions; the scores are 2 / sqrt(4) = 1 and 0: weights e / (e + 1) and 1 / (e + 1)."""
    query, key = torch.tensor([[1.0, 1, 0, 0]]), torch.tensor([[1.0, 1, 0, 0], [0, 0, 1, 1]])
    value = torch.tensor([[1.0], [0.0]])
    seen, weights = attention(query, key, value)
    e = float(np.exp(1))
    assert weights[0].tolist() == pytest.approx([e / (e + 1), 1 / (e + 1)]) and seen.item() == pytest.approx(
        e / (e + 1)
    )
    seen, weights = attention(torch.cat([query, query]), key, value, causal=True)
    assert weights[0].tolist() == [1, 0] and weights[1].tolist() == pytest.approx([e / (e + 1), 1 / (e + 1)])


def test_heads_are_those_of_pytorch() -> None:
    """Outputs and gradients of both implementations against `nn.MultiheadAttention` with the same weights."""
    torch.manual_seed(0)
    theirs = nn.MultiheadAttention(12, 3, batch_first=True)
    x = torch.randn(2, 5, 12)
    future = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected = theirs(x, x, x, attn_mask=future, need_weights=False)[0]
    expected.square().sum().backward()
    for impl in ("library", "scratch"):
        ours = Heads(12, 3, impl)
        with torch.no_grad():
            ours.query.weight.copy_(theirs.in_proj_weight[:12])
            ours.key_value.weight.copy_(theirs.in_proj_weight[12:])
            ours.query.bias.copy_(theirs.in_proj_bias[:12])
            ours.key_value.bias.copy_(theirs.in_proj_bias[12:])
            ours.out.load_state_dict(theirs.out_proj.state_dict())
        got = ours(x, *ours.keys_values(x), causal=True)
        torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-4)
        got.square().sum().backward()
        grad = theirs.in_proj_weight.grad
        torch.testing.assert_close(torch.cat([ours.query.weight.grad, ours.key_value.weight.grad]), grad)


@pytest.mark.parametrize("name", ["seq2seq", "attention"])
def test_recurrent_layers_by_hand_are_those_of_pytorch(name: str) -> None:
    """Outputs and gradients with the same weights, all at once and one token at a time."""
    sizes: dict[str, Any] = {"width": 12, "embedding": 10} | ({"layers": 2} if name == "seq2seq" else {})
    kind = {"seq2seq": Seq2Seq, "attention": Attention}[name]
    torch.manual_seed(0)
    library, by_hand = (kind(9, 8, **sizes, impl=impl) for impl in ("library", "scratch"))
    names = {ours: _library_name(ours) for ours in by_hand.state_dict()}
    by_hand.load_state_dict({ours: library.state_dict()[theirs] for ours, theirs in names.items()})
    source, target = torch.randint(4, 8, (3, 5)), torch.randint(4, 8, (3, 6))
    expected, got = (one.output(one.hidden(source, target)) for one in (library, by_hand))
    torch.testing.assert_close(got, expected)
    expected.square().sum().backward()
    got.square().sum().backward()
    gradients = {theirs: weight.grad for theirs, weight in library.named_parameters()}
    for ours, weight in by_hand.named_parameters():
        torch.testing.assert_close(weight.grad, gradients[names[ours]])
    (one, _), (two, _) = (net.step(target[:, 0], net.start(source)) for net in (library, by_hand))
    torch.testing.assert_close(two, one)


def _library_name(name: str) -> str:
    """The PyTorch name of a weight of the hand-written layers."""
    if ".backwards." in name:
        return name.replace(".backwards", "") + "_reverse"
    return name.replace(".forwards", "").replace("cell.gru.", "cell.").replace("_l0", "" if "cell" in name else "_l0")


def test_a_layer_is_pytorchs_with_the_norm_first() -> None:
    torch.manual_seed(0)
    model = Transformer(9, 8, width=12, layers=1, heads=3, feed_forward=20, dropout=0.0)
    theirs = nn.TransformerEncoderLayer(12, 3, 20, 0.0, batch_first=True, norm_first=True)
    layer: Any = model.encoder[0]
    own = {
        "self_attn.in_proj_weight": torch.cat([layer.own.query.weight, layer.own.key_value.weight]),
        "self_attn.in_proj_bias": torch.cat([layer.own.query.bias, layer.own.key_value.bias]),
        "self_attn.out_proj.weight": layer.own.out.weight,
        "self_attn.out_proj.bias": layer.own.out.bias,
        "linear1.weight": layer.feed_forward[0].weight,
        "linear1.bias": layer.feed_forward[0].bias,
        "linear2.weight": layer.feed_forward[2].weight,
        "linear2.bias": layer.feed_forward[2].bias,
        **{f"norm{i + 1}.{part}": getattr(layer.norms[i], part) for i in (0, 1) for part in ("weight", "bias")},
    }
    theirs.load_state_dict({name: value.detach() for name, value in own.items()})
    x = torch.randn(2, 5, 12)
    torch.testing.assert_close(layer(x)[0], theirs(x), atol=1e-5, rtol=1e-4)


def test_positions_by_hand() -> None:
    pe = positions(0, 3, 4)
    assert pe[0].tolist() == [0, 1, 0, 1]
    assert pe[2].tolist() == pytest.approx([np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)], abs=1e-6)
    assert torch.equal(positions(2, 1, 4)[0], pe[2])


def test_additive_attention_by_hand() -> None:
    """With W = 0, v = 1, U h = 0 and ln(3) / 2 (tanh 1/2): weights 1 / (1 + sqrt(e)) and sqrt(e) / (1 + sqrt(e))."""
    model = net("attention")
    nn.init.zeros_(model.query.weight), nn.init.zeros_(model.query.bias)
    model.energy.weight.data.zero_()[0, 0] = 1
    keys = torch.zeros(1, 2, 12)
    keys[0, 1, 0] = np.log(3) / 2
    h = torch.stack([torch.zeros(24), torch.ones(24)])[None]
    context, weights = model.look(torch.randn(1, 12), h, keys)
    root = float(np.exp(0.5))
    assert weights[0].tolist() == pytest.approx([1 / (1 + root), root / (1 + root)])
    assert context[0].tolist() == pytest.approx([root / (1 + root)] * 24)


def test_on_the_copy_task_attention_is_diagonal() -> None:
    torch.manual_seed(1)
    model = Attention(10, 10, width=24, embedding=24)
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(150):
        letters = torch.stack([torch.randperm(6)[:5] + 4 for _ in range(16)])  # each letter once: its place is clear
        source = torch.cat([letters, torch.full((16, 1), END)], 1)
        before = torch.cat([torch.full((16, 1), START), letters], 1)
        loss = functional.cross_entropy(model.output(model.hidden(source, before)).flatten(0, 1), source.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    looks = model.attend(source, before).argmax(2)  # [B, T]
    assert loss.item() < 0.2 and (looks[:, :5] == torch.arange(5)).float().mean() > 0.9


def test_files_of_two_languages(tmp_path: Path) -> None:
    (tmp_path / "train.de").write_text("".join(f"satz {i}\n" for i in range(20)))
    with pytest.raises(UserError, match=r"no train.de and train.en"):
        data.read_folder(tmp_path, "de", "en")
    (tmp_path / "train.en").write_bytes(b"".join(b"sentence %d \xff\n" % i for i in range(20)))
    found = data.read_folder(tmp_path, "de", "en")
    assert len(found.train) == 18 and found.test[-1] == ("satz 19", "sentence 19 \N{REPLACEMENT CHARACTER}")
    (tmp_path / "train.en").write_text("one line")
    with pytest.raises(UserError, match=r"has 20 lines and train.en 1"):
        data.read_folder(tmp_path, "de", "en")
