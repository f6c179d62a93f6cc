"""Every generative system as a training: exact resume, the same again from the same seed, card, pictures, sample."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.cli import main
from supervised.data import pictures as data
from supervised.generative import catalogue
from supervised.generative.judged import class_number
from supervised.systems.study import SampleOptions
from supervised.trained import load_net
from tengen.checkpoint import differences, read_checkpoint, write_checkpoint
from tengen.errors import UserError
from tengen.lookup import find
from tests.supervised.generative.small import CHANGES, quick, study, write_bits, write_mnist


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_training_goes_on_exactly_and_shows_what_it_learned(name: str, tmp_path: Path) -> None:
    whole = study(name, tmp_path)
    rows = [tick.metrics for tick in whole.ticks()]
    half, resumed = study(name, tmp_path), study(name, tmp_path)
    for tick in half.ticks():
        if tick.step >= 3:
            break
    resumed.load(read_checkpoint(write_checkpoint(tmp_path, half.step, half.state())))
    assert [tick.metrics for tick in resumed.ticks()] == rows[-1:]
    assert differences(whole.state(), resumed.state()) == []
    assert whole.step == 6 and all(np.isfinite(value) for row in rows for value in row.values())
    assert "test/score" in rows[-1] and whole.remarks()

    card = whole.measure()
    assert np.isfinite(card.value) and card.ci95 and card.ci95[0] <= card.value <= card.ci95[1] and card.protocol
    files = whole.pictures(tmp_path)
    assert files and all(file.stat().st_size > 200 for file in files)

    system = next(one for one in catalogue.SYSTEMS if one.name == name)
    network = json.loads(json.dumps(whole.network))
    model = find(system.model)(network, whole.state()["weights"])
    with torch.no_grad():
        one, *other = (
            find(system.sample)(model, SampleOptions(count=4), print).picture for _ in range(1 if name == "made" else 2)
        )
    assert one.dtype == np.uint8 and one.shape[2] == 3 and all(np.array_equal(one, two) for two in other)


@pytest.mark.parametrize("name", ["vae", "autoencoder"])
def test_an_encoder_learned_here_goes_under_new_heads(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mnist, bits = write_mnist(tmp_path / "mnist"), write_bits(tmp_path / "bits.npz")
    common = ["--runs", str(tmp_path / "runs"), "--wandb", "off", "--threads", "1"]
    tiny = ["--net", "mlp8x1", "--hidden", "8", "--latent", "2", "--steps", "2"]
    assert main(["train", "binary-mnist", "--model", name, "--data", str(bits), *tiny, *common]) == 0
    run = str(next((tmp_path / "runs").glob(f"binary-mnist-{name}-*")))
    assert "nats" in capsys.readouterr().out
    assert main(["sample", run, *common[:2], "--count", "4"]) == 0
    assert load_net(run, tmp_path / "runs").spec["heads"] == {}
    assert main(["train", "mnist", "--data", str(mnist), "--trunk", run, "--epochs", "1", *common]) == 0
    assert "trunk of" in capsys.readouterr().out


def test_the_contracting_path_of_a_u_net_goes_under_new_heads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It learned from scenes of 64x64, and reads digits of 28x28."""
    mnist, runs = write_mnist(tmp_path / "mnist"), tmp_path / "runs"
    common = ["--runs", str(runs), "--wandb", "off", "--threads", "1", "--data", str(mnist)]
    assert main(["train", "scenes", "--width", "2", "--levels", "2", "--batch", "2", "--steps", "1", *common]) == 0
    run = next(runs.glob("scenes-*"))
    assert main(["train", "mnist", "--trunk", str(run), "--freeze-trunk", "--epochs", "1", *common]) == 0
    assert "unet" in capsys.readouterr().out
    learned = load_net(str(next(runs.glob("mnist-*"))), runs)
    before = load_net(str(run), runs).trunk.state_dict()
    assert learned.spec["trunk"]["input_shape"] == [1, 28, 28]
    assert all(before[key].equal(value) for key, value in learned.trunk.state_dict().items() if "weight" in key)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["binary-mnist", "--model", "vea"], "no model named 'vea'; did you mean vae?"),
        (["binary-mnist", "--data", "nowhere"], "no file or folder nowhere"),
        (["mnist", "--model", "gan", "--data", "nowhere"], "no file or folder nowhere"),
        (["binary-mnist", "--data", "{}"], "lacks binarized_mnist_train.amat"),
        (["binary-mnist", "--data", "README.md"], "README.md is neither a .npz of train, valid and test nor one of"),
    ],
)
def test_mistakes_are_one_line(
    command: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [part.format(tmp_path) for part in command]
    assert main(["train", *command, "--runs", str(tmp_path), "--wandb", "off"]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_samples_that_cannot_be(tmp_path: Path) -> None:
    assert class_number("boot", ["bag", "boot"]) == 1 and class_number("0", ["bag", "boot"]) == 0
    assert class_number("", ["bag"]) is None
    with pytest.raises(UserError, match="did you mean boot"):
        class_number("boots", ["bag", "boot"])
    vae = find("supervised.generative.binary:sample")
    with pytest.raises(UserError, match="knows no classes"):
        vae(None, SampleOptions(of_class="3"), print)


def test_small_digits_stand_in_where_nothing_can_be_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*arguments: object) -> Path:
        raise UserError("no network")

    monkeypatch.setattr(data, "fetch", no_network)
    monkeypatch.setattr("supervised.data.sets.fetch", no_network)
    said: list[str] = []
    bits = data.binary_pictures("", said.append)
    grey = data.grey_pictures("mnist", "", said.append)
    assert len(said) == 2 and all("instead" in line for line in said)
    assert bits.train.shape[1:] == (1, 28, 28) and set(np.unique(bits.train)) == {0, 255}
    assert len(bits.train) + len(bits.valid) == len(grey.pictures.train[1]) and "scikit-learn" in grey.about


def test_lines_of_bits_are_read(tmp_path: Path) -> None:
    bits = np.random.default_rng(0).integers(2, size=(3, 784))
    for part in ("train", "valid", "test"):
        np.savetxt(tmp_path / f"binarized_mnist_{part}.amat", bits, fmt="%d")
    found = data.binary_pictures(str(tmp_path), print)
    assert np.array_equal(found.test.reshape(3, 784), 255 * bits)
    (tmp_path / "binarized_mnist_test.amat").write_text("1 0 x")
    with pytest.raises(UserError, match="lines of 784 bits"):
        data.binary_pictures(str(tmp_path), print)
    np.savez(tmp_path / "other.npz", train=bits)
    with pytest.raises(UserError, match="train, valid and test"):
        data.binary_pictures(str(tmp_path / "other.npz"), print)
