"""Data sets: official files read, damaged ones rejected, augmentation as specified, every example once per epoch."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from supervised.data import cifar, folders, idx, sets
from supervised.data.images import Images, cut, shifted
from supervised.data.source import Order
from supervised.tasks import of_pictures
from tengen.errors import UserError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def load(name: str, data: str, say: Callable[[str], None]) -> tuple[Images, Images]:
    """(training set, test set) of the image data set `name`."""
    examples = of_pictures(getattr(sets, name.replace("-", "_"))(data, say), "none")
    assert isinstance(examples.train, Images) and isinstance(examples.test, Images)
    return examples.train, examples.test


def idx_bytes(array: np.ndarray) -> bytes:
    return struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_mnist(folder: Path, count: int = 6, labels: list[int] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pictures = np.arange(count * 28 * 28, dtype=np.uint8).reshape(count, 28, 28)
    digits = np.array(labels if labels is not None else [i % 10 for i in range(count)], np.uint8)
    for name, array in (
        ("train-images-idx3-ubyte", pictures),
        ("train-labels-idx1-ubyte", digits),
        ("t10k-images-idx3-ubyte.gz", pictures),
        ("t10k-labels-idx1-ubyte.gz", digits),
    ):
        data = idx_bytes(array)
        (folder / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    return folder


def test_idx_files_plain_and_gzipped(tmp_path: Path) -> None:
    train, test = load("mnist", str(write_mnist(tmp_path)), print)
    x, y = train.batch(np.array([2, 0]))
    assert x.shape == (2, 1, 28, 28) and x.dtype == np.uint8 and x[1, 0, 0, 5] == 5
    assert y["classes"].tolist() == [2, 0] and len(test) == 6


def test_broken_idx_files_are_one_clear_line(tmp_path: Path) -> None:
    good = idx_bytes(np.zeros((3, 28, 28), np.uint8))
    for data, message in (
        (good[:-5], "truncated or too long: 2,352 bytes expected, 2,347 found"),
        (good + b"x", "truncated or too long"),
        (b"GIF89a", "not an IDX file"),
        (b"", "not an IDX file"),
        (good[:9], "expected an IDX file"),
        (b"\0\0\x0d\x03" + good[4:], "type 13"),
        (gzip.compress(good)[:-20], "damaged"),
    ):
        (tmp_path / "f").write_bytes(data)
        with pytest.raises(UserError, match=message):
            idx.read_file(tmp_path / "f")
    folder = write_mnist(tmp_path / "m")
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.zeros(5, np.uint8)))
    with pytest.raises(UserError, match="6 pictures but 5 labels"):
        load("mnist", str(folder), print)
    with pytest.raises(UserError, match="labels from 0 to 11, expected 0 to 9"):
        load("mnist", str(write_mnist(tmp_path / "n", labels=[0, 1, 2, 3, 4, 11])), print)
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(UserError, match="no t10k-images"):
        load("mnist", str(folder), print)


def test_without_a_network_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from supervised.data import download

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    # a local port on which nothing listens: a real failed connection
    gone = download.Remote("http://127.0.0.1:9/", download.SETS["mnist"].files)
    monkeypatch.setitem(download.SETS, "mnist", gone)
    with pytest.raises(
        UserError,
        match=r"mnist cannot be downloaded \(no connection to 127\.0\.0\.1\); put train-images.* into .*or name their"
        r" folder with.*`tengen train digits`",
    ):
        load("mnist", "", lambda text: None)


def test_a_download_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real local server: a file with the right checksum is accepted; any other is rejected and not kept."""
    import hashlib
    import threading
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    from supervised.data import download

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    site = write_mnist(tmp_path / "site")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in site.iterdir()}
        remote = download.Remote(f"http://127.0.0.1:{server.server_port}/", sums)
        monkeypatch.setitem(download.SETS, "mnist", remote)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        train, _ = load("mnist", "", print)
        assert len(train) == 6
        kept = tmp_path / "cache" / "tengen" / "data" / "mnist"
        bad = next(iter(sums))
        (kept / bad).unlink()
        (site / bad).write_bytes(b"another file")
        with pytest.raises(
            UserError, match=r"\(127\.0\.0\.1 sent another file: its SHA-256 is not the expected one\);"
        ):
            load("mnist", "", lambda text: None)
        assert not (kept / bad).exists()
        (site / bad).unlink()
        with pytest.raises(UserError, match=r"\(127\.0\.0\.1 answers 404 File not found\);"):
            load("mnist", "", lambda text: None)
    finally:
        server.shutdown()


def png(colour: int, size: int = 8) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (size, size), (colour, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


def pictures(folder: Path) -> Path:
    for split, number in (("train", 3), ("test", 2)):
        for name, base in (("cat", 10), ("dog", 100)):
            (folder / split / name).mkdir(parents=True)
            for i in range(number):
                (folder / split / name / f"{i}.png").write_bytes(png(base + i))
    return folder


def test_folders_of_pictures_and_archives_of_them(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "pets")
    (folder / "train" / "cat" / "9.png").write_bytes(png(1)[:40])
    (folder / "train" / "cat" / "8.png").write_bytes(png(1, size=9))
    (folder / "notes.txt").write_text("not a picture")
    said: list[str] = []
    train, test, classes = folders.read(folder, tmp_path / "cache", said.append)
    assert classes == ("cat", "dog") and train[0].shape == (6, 8, 8, 3) and test[1].tolist() == [0, 0, 1, 1]
    assert train[0][:, 0, 0, 0].tolist() == [10, 11, 12, 100, 101, 102]
    assert sorted(said) == [
        "left out 1 of 12 files: cannot be decoded",
        "left out 1 of 12 files: not of 8x8 pixels",
    ]
    assert folders.read(folder, tmp_path / "cache", said.append)[2] == classes and len(said) == 4  # from the cache
    clean = pictures(tmp_path / "clean")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(clean, "clean")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for file in clean.rglob("*.png"):
            packed.write(file, file.relative_to(clean))
    for name in ("a.tar.gz", "a.zip"):
        other, _, _ = folders.read(tmp_path / name, tmp_path / "cache", said.append)
        assert np.array_equal(other[0], train[0]) and np.array_equal(other[1], train[1])
    (tmp_path / "b.tar.gz").write_bytes((tmp_path / "a.tar.gz").read_bytes()[:200])
    with pytest.raises(UserError, match="damaged"):
        folders.read(tmp_path / "b.tar.gz", tmp_path / "cache", said.append)
    with pytest.raises(UserError, match="expected train/CLASS"):
        folders.read(tmp_path / "cache", tmp_path / "cache", said.append)


def test_cifar_batches_as_published(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    record = bytes([7]) + bytes([1]) * 1024 + bytes([2]) * 1024 + bytes([3]) * 1024
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        (folder / name).write_bytes(record * 2)
    with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as tar:
        tar.add(folder, folder.name)
    for place in (tmp_path / "cifar-10-binary.tar.gz", folder, tmp_path):
        train, test = cifar.read(place)
        assert train[0].shape == (10, 32, 32, 3) and test[1].tolist() == [7, 7]
        assert train[0][0, 0, 0].tolist() == [1, 2, 3]
    (folder / "test_batch.bin").write_bytes(record[:-1])
    with pytest.raises(UserError, match="truncated"):
        cifar.read(folder)
    (folder / "data_batch_3.bin").unlink()
    with pytest.raises(UserError, match=r"lacks data_batch_3\.bin"):
        cifar.read(folder)


def test_shifting_by_hand() -> None:
    one = np.array([[1, 2], [3, 4]], np.uint8)[None, :, :, None]
    two = shifted(np.repeat(one, 3, 0), np.array([[0, 0], [1, 0], [0, -1]]))[..., 0]
    assert two.tolist() == [[[1, 2], [3, 4]], [[0, 0], [1, 2]], [[2, 0], [4, 0]]]
    assert shifted(one, np.zeros((1, 2), int))[0, :, :, 0].tolist() == [[1, 2], [3, 4]]


def test_a_square_is_cut_out_even_over_the_edge() -> None:
    pictures = np.arange(1, 33, dtype=np.uint8).reshape(2, 4, 4, 1)
    before = pictures.copy()
    cut(pictures, np.array([[1, 2], [0, 3]]), 2, np.array([99], np.uint8))
    assert np.argwhere(pictures[0, ..., 0] == 99).tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
    assert np.argwhere(pictures[1, ..., 0] == 99).tolist() == [[0, 2], [0, 3]]
    assert np.array_equal(pictures[pictures != 99], before[pictures != 99])


def test_cutting_out_comes_after_moving_and_mirroring() -> None:
    stored = np.random.default_rng(3).integers(1, 200, (40, 16, 16, 3)).astype(np.uint8)
    plain, cutting = (Images(stored, np.zeros(40, int), ["a"], how) for how in ("crop-flip", "crop-flip-cut"))
    a, b = (s.batch(np.arange(40), np.random.default_rng(7))[0].transpose(0, 2, 3, 1) for s in (plain, cutting))
    changed = (a != b).any(3)
    assert (b[changed] == cutting.mean).all() and 4 <= changed.sum((1, 2)).min() <= changed.sum((1, 2)).max() == 16


def test_augmentation_follows_the_generator_and_leaves_the_set_alone() -> None:
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 256, (50, 16, 16, 3)).astype(np.uint8)
    source = Images(stored.copy(), np.zeros(50, int), ["a", "b"], "crop-flip")
    everything = np.arange(50)
    one, two = (source.batch(everything, np.random.default_rng(5))[0] for _ in range(2))
    assert np.array_equal(one, two) and not np.array_equal(one, source.batch(everything)[0])
    assert np.array_equal(source.pictures, stored)
    plain, flipped = stored.transpose(0, 3, 1, 2), stored[:, :, ::-1].transpose(0, 3, 1, 2)
    kept = sum(
        any(
            np.array_equal(a[:, 2:14, 2:14], b[:, 2 + y : 14 + y, 2 + x : 14 + x])
            for y in (-2, -1, 0, 1, 2)
            for x in (-2, -1, 0, 1, 2)
            for b in (p, f)
        )
        for a, p, f in zip(one, plain, flipped, strict=True)
    )
    assert kept == 50  # every image is the original, shifted by up to two pixels, mirrored or not


@pytest.mark.parametrize("examples", [1, 2, 3, 10, 1000, 1025])
def test_every_example_comes_once_an_epoch_in_another_order(examples: int) -> None:
    order = Order(examples, seed=4)
    epochs = [order(e * examples, (e + 1) * examples) for e in range(3)]
    for epoch in epochs:
        assert np.array_equal(np.sort(epoch), np.arange(examples))
    if examples >= 10:
        assert not np.array_equal(epochs[0], epochs[1])
        assert not np.array_equal(epochs[0], Order(examples, seed=5)(0, examples))
        assert np.array_equal(order(3, examples + 7), np.concatenate([epochs[0][3:], epochs[1][:7]])[: examples + 4])


def test_the_order_is_as_random_as_a_shuffle() -> None:
    """Neighbours in an epoch are unrelated: the mean distance of n random numbers is n / 3."""
    n = 100_000
    order = Order(n, seed=1)(0, n)
    assert np.abs(np.diff(order)).mean() == pytest.approx(n / 3, rel=0.02)
    assert abs(np.corrcoef(order[:-1], order[1:])[0, 1]) < 0.02


def test_digits_need_no_download() -> None:
    train, test = load("digits", "", print)
    assert len(train) == 1438 and len(test) == 359 and train.input_shape == (1, 8, 8)
    assert train.pictures.max() == 255


@pytest.mark.skipif(not SHARED.exists(), reason="the real data sets are not available")
def test_the_real_sets_read_as_published() -> None:
    train, test = load("mnist", str(SHARED / "mnist"), print)
    assert (len(train), len(test)) == (60_000, 10_000)
    mean, deviation = train.statistics()
    assert mean[0] == pytest.approx(0.1307, abs=2e-3) and deviation[0] == pytest.approx(0.3081, abs=2e-3)
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    train, test = load("fashion-mnist", str(SHARED / "fashion_mnist"), print)
    assert np.bincount(train.labels).tolist() == [6000] * 10 and len(test) == 10_000


def test_downloads_are_encrypted_and_have_sums() -> None:
    from supervised.data import download

    for name, remote in download.SETS.items():
        assert remote.base.startswith("https://") and remote.base.endswith("/"), name
        assert all(len(known) == 64 and int(known, 16) for known in remote.files.values()), name
