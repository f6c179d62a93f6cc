"""Texts of any kind, what is measured on them, and writing."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from scripts.cli import main
from supervised.data.sums import in_words, sums
from supervised.data.text import Alphabet, Corpus, corpus, of_file, read
from supervised.sequence.text import generate, networks
from supervised.sequence.text.config import Config
from supervised.sequence.text.held_out import losses, nats_a_character
from supervised.sequence.text.steps import alone_if_small, steps_of
from supervised.sequence.text.study import TextStudy, study
from supervised.systems.settings import SystemSettings
from supervised.systems.study import SampleOptions, Setup
from tengen.checkpoint import checkpoints, differences
from tengen.device import Compute
from tengen.errors import UserError
from tengen.run import Run
from tengen.seeding import Seeds

PLAIN = Compute(channels_last=False)
TINY = Config(net="lstm", hidden=8, embedding=4, batch=4, length=16)
TINY_GPT = Config(net="gpt", hidden=8, heads=2, layers=1, batch=4, length=16)


def written(path: Path, data: bytes) -> Corpus:
    path.write_bytes(data)
    return of_file(path)


@pytest.mark.parametrize(
    ("data", "unit"),
    [
        (b"to be or not to be, that is the question.\n" * 5, "character"),
        ("Käse, Öl und Brötchen: 3 €\n".encode() * 9, "character"),
        ("Käse und Öl\n".encode("latin-1") * 20, "byte"),
        (bytes(range(256)) * 2, "byte"),
        (b"\x00\x1b[2J\x07" * 40, "character"),
        (b"one line without an end " * 8, "character"),
        (b"a" * 200, "character"),
        ("\ufeffwindows\r\n".encode() * 20, "character"),
    ],
)
def test_any_text_is_read_and_written_again(tmp_path: Path, data: bytes, unit: str) -> None:
    text = written(tmp_path / "text.txt", data)
    assert text.unit == unit
    tokens = text.windows(np.array([0]), len(data))[0]
    assert bytes(np.array(text.alphabet.known, np.uint8)[tokens]) == data
    assert len(text.held_out(10**9)) == len(data) - text.learned == -(-len(data) // 10)
    if unit == "character":
        decoded = data.decode()
        assert text.alphabet.decode(tokens) == decoded and text.begins(tokens).sum() == len(decoded)
        assert f"{len(decoded):,} characters" in text.about


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b""), "has 0 bytes"),
        (lambda path: path.write_bytes(b"short"), "has 5 bytes"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: None, "No such file"),
    ],
)
def test_what_is_no_text_is_one_line(tmp_path: Path, make: object, said: str) -> None:
    path = tmp_path / "text"
    make(path)  # type: ignore[operator]
    with pytest.raises(UserError, match=said):
        of_file(path)


def test_a_large_text_is_not_held_in_memory(tmp_path: Path) -> None:
    """300 MB, most of it a hole in the file: the process's own memory grows by a few pieces."""
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    before = _own_memory()
    text = of_file(path)
    assert len(text.data) == 300 << 20 and text.windows(np.array([299 << 20]), 8).tolist() == [[0] * 8]
    assert _own_memory() - before < 40 << 20


def _own_memory() -> int:
    """Bytes of anonymous memory of this process; pages of a mapped file can be dropped at any time."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) << 10


def test_without_data_and_network_it_learns_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> Path:
        raise UserError("tinyshakespeare cannot be downloaded (no route); put input.txt into …")

    monkeypatch.setattr("supervised.data.text.fetch", nothing)
    said: list[str] = []
    monkeypatch.setattr("supervised.data.text.sums", lambda lines: sums(500))
    text = read("", said.append)
    assert said == ["tinyshakespeare cannot be downloaded (no route); learning from sums in words instead"]
    assert text.name == "sums in words" and len(text.alphabet) == 24
    assert sums(3) == sums(3) and [in_words(n) for n in (0, 19, 40, 42, 100, 118)] == [
        *("zero", "nineteen", "forty", "forty-two", "one hundred", "one hundred and eighteen")
    ]


def net_of(config: Config, alphabet: Alphabet) -> networks.Net:
    torch.manual_seed(0)
    return networks.build(networks.describe(config, alphabet)).eval()


@pytest.mark.parametrize("length", [5, 17, 18, 100])
def test_a_gpts_losses_are_those_of_the_longest_window_that_counts(length: int) -> None:
    """Each character once; predicted from at least half a context, but for the first ones."""
    net = net_of(TINY_GPT, Alphabet(list(range(9))))
    tokens = np.random.default_rng(0).integers(9, size=length)
    found = losses(net, tokens, PLAIN)
    assert len(found) == length - 1
    starts = [*range(0, length - 1 - 16, 8), max(0, length - 1 - 16)]
    for target in range(1, length):
        first = next(s for s in starts if s + 16 >= target)  # the first window that has it
        logits, _ = net(torch.from_numpy(tokens[None, first:target]), net.start(1))
        expected = functional.cross_entropy(logits[0, -1:], torch.from_numpy(tokens[target : target + 1]))
        assert found[target - 1] == pytest.approx(expected.item(), abs=1e-5)


def test_a_recurrent_networks_losses_are_those_of_reading_in_order() -> None:
    net = net_of(TINY, Alphabet(list(range(9))))
    tokens = np.random.default_rng(0).integers(9, size=300)
    text = torch.from_numpy(tokens)
    logits, _ = net(text[None, :-1], net.start(1))
    expected = functional.cross_entropy(logits[0], text[1:], reduction="none").detach().numpy()
    np.testing.assert_allclose(losses(net, tokens, PLAIN), expected, rtol=1e-4)
    long = np.random.default_rng(1).integers(9, size=4001)  # four pieces of a thousand, each from nothing
    np.testing.assert_allclose(losses(net, long, PLAIN)[2000:3000], losses(net, long[2000:3001], PLAIN), rtol=1e-4)


def test_nats_are_counted_by_character() -> None:
    """Two bytes of one character cost what both cost: 12,000 bytes at 1 nat, two thirds of them beginning one."""
    begins = np.tile([1.0, 0.0, 1.0], 4000)
    value, interval = nats_a_character(np.ones(12_000), begins)
    assert value == pytest.approx(1.5) and interval == pytest.approx((1.5, 1.5), abs=1e-3)
    assert nats_a_character(np.ones(500), np.ones(500)) == (1.0, None)
    noisy = np.random.default_rng(0).exponential(1.7, 100_000)
    value, interval = nats_a_character(noisy, np.ones(100_000))
    assert interval[0] < 1.7 < interval[1] and interval[1] - interval[0] == pytest.approx(
        2 * 1.96 * 1.7 / 100_000**0.5, rel=0.2
    )


def test_drawing() -> None:
    logits = torch.tensor([[0.0, 3.0, 1.0, 2.0]]).repeat(2000, 1)
    generator = torch.Generator().manual_seed(0)
    assert generate.draw(logits, 0, 0, generator).unique().tolist() == [1]
    assert generate.draw(logits, 1, 2, generator).unique().tolist() == [1, 3]
    state = generator.get_state()
    drawn, p = generate.draw(logits, 1, 0, generator), logits.softmax(1)
    assert torch.equal(drawn, torch.multinomial(p, 1, generator=generator.set_state(state))[:, 0])
    share = (generate.draw(logits, 0.5, 0, generator) == 1).float().mean().item()
    assert share == pytest.approx(torch.softmax(2 * logits[0], 0)[1].item(), abs=0.03)


@pytest.mark.parametrize("net", ["rnn", "lstm", "gru", "gpt"])
@pytest.mark.parametrize("impl", ["library", "scratch"])
def test_steps_give_the_logits_of_reading_at_once(net: str, impl: str) -> None:
    """Two layers, three texts, weights of norms that are not 1, and a second text after the first."""
    config = replace(TINY_GPT if net == "gpt" else TINY, net=net, layers=2, impl=impl)  # type: ignore[arg-type]
    torch.manual_seed(0)
    made = networks.build(networks.describe(config, Alphabet(list(range(9)))), impl=impl).eval()
    for weight in made.parameters():
        weight.data += 0.3 * torch.randn_like(weight)
    with torch.inference_mode():
        steps = steps_of(made)
        for _ in range(2):
            tokens = torch.randint(9, (3, 16))
            found = [steps.read(tokens[:, :3])]
            for t in range(3, 16):
                assert steps.room()
                found.append(steps.step(tokens[:, t]))
            expected, _ = made(tokens, made.start(3))
            torch.testing.assert_close(torch.stack(found, 1), expected[:, 2:], atol=1e-5, rtol=1e-5)
    assert steps.room() is (net != "gpt")


def test_only_small_steps_have_one_thread() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        net = net_of(TINY, Alphabet(list(range(9))))
        with alone_if_small(net, 1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        with alone_if_small(net, 1 << 20):
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("config", [TINY, TINY_GPT])
def test_writing_with_a_cache_is_writing_without(config: Config) -> None:
    net, prompt = net_of(config, Alphabet(list(range(9)))), np.array([1, 2, 3])

    def text(cache: bool, length: int = 12) -> torch.Tensor:
        return generate.write(net, prompt, length, torch.Generator().manual_seed(0), count=2, cache=cache)

    assert torch.equal(text(True), text(False))
    assert text(True, 60).shape == (2, 60)  # beyond a GPT's context
    assert generate.write(net, np.arange(40) % 9, 5, torch.Generator(), temperature=0).shape == (1, 5)


def test_a_prompt_of_unknown_characters(tmp_path: Path) -> None:
    alphabet = corpus("", np.frombuffer(sums(50).encode(), np.uint8)).alphabet
    trained, said = networks.Trained(net_of(TINY, alphabet), alphabet), []
    made = generate.sample(trained, SampleOptions(prompt="öne €", length=5), said.append)
    assert made.text.startswith("ne ") and len(made.text) >= 8 and "€" not in made.text
    assert said == ["the training text has no 'ö', '€': left out of the prompt"]
    with pytest.raises(UserError, match="no character of the prompt"):
        generate.sample(trained, SampleOptions(prompt="ÖÄÜ"), said.append)
    assert generate.sample(trained, SampleOptions(length=4, count=2), said.append).text.count("-" * 40) == 1


def test_a_prompt_for_a_text_in_latin_1() -> None:
    """Every byte is a character: what the text has is known, and is written as it stands there."""
    text = corpus("", np.frombuffer("Käse und Öl\n".encode("latin-1") * 20, np.uint8))
    net = net_of(TINY, text.alphabet)
    made = networks.model(networks.describe(TINY, text.alphabet), net.state_dict())
    said: list[str] = []
    sampled = generate.sample(made, SampleOptions(prompt="Öl über Käse €\ud800", length=40), said.append)
    assert said == ["the training text has no 'ü', 'b', 'r', '€', '\\ud800': left out of the prompt"]
    assert sampled.text.startswith("Öl") and set(sampled.text) <= set("Käse und Öl\n") and "\ufffd" not in sampled.text


def study_of(tmp_path: Path, data: str, **config: object) -> TextStudy:
    path = tmp_path / "text.txt"
    path.write_text(data)
    settings = SystemSettings(data=str(path), steps=4, test_every=2, threads=1)
    small = Config(hidden=8, embedding=4, batch=4, heads=2)
    torch.manual_seed(0)
    return study(Setup("text", settings, replace(small, **config), Seeds(1), PLAIN))  # type: ignore[arg-type]


@pytest.mark.parametrize("net", ["lstm", "gpt"])
def test_a_text_that_is_shorter_than_a_step(tmp_path: Path, net: str) -> None:
    text = "A text of some hundred characters is the least that there must be; nobody learns much from it, though."
    short = study_of(tmp_path, text, net=net)
    assert [tick.step for tick in short.ticks()] == [2, 4]
    assert short.measure().measured_on == "10 characters" and short.network.get("context", 45) == 45


@pytest.mark.parametrize("net", ["rnn", "gru", "gpt"])
@pytest.mark.parametrize("impl", ["library", "scratch"])
def test_resumed_equals_uninterrupted(tmp_path: Path, net: str, impl: str) -> None:
    whole, half, rest = (study_of(tmp_path, sums(50), net=net, impl=impl, dropout=0.1, layers=2) for _ in range(3))
    rows = [tick.metrics for tick in whole.ticks()]
    first = next(half.ticks()).metrics
    rest.load(half.state())
    assert [first, *(tick.metrics for tick in rest.ticks())] == rows
    assert differences(rest.state(), whole.state()) == []


def test_a_run_resumes_bit_for_bit_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sums.txt"
    path.write_text(sums(50))
    options = f"--hidden 8 --batch 4 --length 16 --data {path} --steps 12 --test-every 4 --precision float32"
    options += f" --checkpoint-seconds 0 --wandb off --threads 1 --runs {tmp_path}"
    assert main(["train", "text", *options.split()]) == 0
    run = Run.open(next(tmp_path.glob("text-lstm-*")))
    assert len(checkpoints(run.checkpoint_folder)) == 2 and main(["resume", "--verify", str(run.path)]) == 0
    assert "bit for bit" in capsys.readouterr().out
    assert {p.name for p in (run.path / "pictures").iterdir()} == {"surprise.png", "alphabet.png", "cells.png"}
    assert main(["sample", str(run.path), "--prompt", "two", "--length", "7"]) == 0
    assert capsys.readouterr().out.startswith("two")


def test_a_gpts_pictures(tmp_path: Path) -> None:
    found = study_of(tmp_path, sums(50), net="gpt", length=16).pictures(tmp_path)
    assert [path.name for path in found] == ["surprise.png", "alphabet.png", "attention.png"]
