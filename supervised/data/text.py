"""Any text as bytes, with a token for each byte value that occurs. In most English text a byte is a character.

The file is memory-mapped and never read whole: a gigabyte costs no more memory than a page. Characters outside ASCII
are two to four bytes in UTF-8, and a file that is not UTF-8 is still bytes; so every text can be read, and reproduced
exactly. The first nine tenths are for training, the last tenth is held out.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from supervised.data.download import fetch
from supervised.data.sums import sums
from tengen.errors import UserError
from tengen.files import cache_folder
from tengen.plural import counted

_PIECE = 1 << 20  # bytes read at once
SHORTEST = 100  # minimum number of bytes


class Alphabet:
    """The byte values that occur, in order, and conversion between text and tokens.

    Text that is not UTF-8 is converted as Latin-1, where every byte is a character.
    """

    def __init__(self, known: list[int], encoding: str = "utf-8") -> None:
        self.known, self.encoding = known, encoding
        self.of_byte = np.full(256, -1, np.int64)  # byte -> token; -1: not in the alphabet
        self.of_byte[known] = np.arange(len(known))
        self._byte = np.array(known, np.uint8)

    def __len__(self) -> int:
        return len(self.known)

    def encode(self, text: str) -> tuple[np.ndarray, str]:
        """(tokens [T], the unknown characters that were dropped, each once)."""
        tokens: list[int] = []
        unknown: dict[str, None] = {}
        for character in text:
            try:
                of_it = self.of_byte[list(character.encode(self.encoding))]
            except UnicodeEncodeError:  # not in Latin-1, or a lone surrogate
                of_it = np.array([-1])
            if (of_it < 0).any():
                unknown[character] = None
            else:
                tokens += of_it.tolist()
        return np.array(tokens, np.int64), "".join(unknown)

    def decode(self, tokens: np.ndarray) -> str:
        """The text of `tokens` [T], with U+FFFD for bytes that are not UTF-8."""
        return bytes(self._byte[tokens]).decode(self.encoding, errors="replace")


@dataclass(frozen=True)
class Corpus:
    """A text as tokens, converted on access."""

    name: str
    data: np.ndarray  # [N] uint8, mapped from the file
    alphabet: Alphabet
    unit: str  # "character", or "byte" if the file is not UTF-8
    about: str

    @property
    def learned(self) -> int:
        """The number of training bytes, from the start of the text."""
        return len(self.data) * 9 // 10

    def windows(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Tokens [B, length] int64 starting at each of `starts` [B]."""
        return self.alphabet.of_byte[np.stack([self.data[i : i + length] for i in starts])]

    def held_out(self, most: int) -> np.ndarray:
        """The tokens [T] of the last tenth, at most `most` of them."""
        return self.alphabet.of_byte[self.data[self.learned : self.learned + most]]

    def begins(self, tokens: np.ndarray) -> np.ndarray:
        """1.0 for each of `tokens` that starts a character: every byte except UTF-8's continuation bytes (10xxxxxx)."""
        if self.unit == "byte":
            return np.ones(len(tokens))
        bytes_ = np.array(self.alphabet.known, np.uint8)[tokens]
        return ((bytes_ & 0xC0) != 0x80).astype(np.float64)


def read(data: str, say: object, download: bool = True) -> Corpus:
    """The text in the file `data`; by default Tiny Shakespeare, or sums in words if that is not available."""
    if data:
        return of_file(Path(data))
    try:
        folder = cache_folder("data") / "tinyshakespeare"
        return of_file(fetch("tinyshakespeare", folder, say, download))  # type: ignore[arg-type]
    except UserError as error:
        say(f"{str(error).split(';')[0]}; learning from sums in words instead")  # type: ignore[operator]
        text = np.frombuffer(sums(20_000).encode(), np.uint8)
        return corpus("sums in words", text)


def of_file(path: Path) -> Corpus:
    """The text in one file, memory-mapped. UserError if it is missing or too short."""
    if path.is_dir():
        path = path / "input.txt"  # as Tiny Shakespeare's file is called
        if not path.exists():
            raise UserError(f"{path.parent} is a folder; --data FILE takes one text")
    try:
        size = path.stat().st_size
        if size < SHORTEST:
            raise UserError(f"{path} has {counted(size, 'bytes')}; a training text needs at least {SHORTEST}")
        return corpus(path.name, np.memmap(path, np.uint8, mode="r"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path} ({getattr(error, 'strerror', None) or error}); --data FILE") from error


def corpus(name: str, data: np.ndarray) -> Corpus:
    """`data` [N] uint8 with its alphabet, which is collected in pieces."""
    counts, characters, decoder = np.zeros(256, np.int64), 0, codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    for piece in _pieces(data):
        counts += np.bincount(piece, minlength=256)
        if is_utf8:
            try:
                characters += len(decoder.decode(piece.tobytes()))
            except UnicodeDecodeError:
                is_utf8 = False
    alphabet = Alphabet(np.flatnonzero(counts).tolist(), "utf-8" if is_utf8 else "latin-1")
    size = counted(characters, "characters") if is_utf8 else f"{counted(len(data), 'bytes')}, not UTF-8"
    about = f"{name}: {size}, an alphabet of {len(alphabet)}; the last tenth is held out"
    return Corpus(name, data, alphabet, "character" if is_utf8 else "byte", about)


def _pieces(data: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(data), _PIECE):
        yield np.asarray(data[start : start + _PIECE])
