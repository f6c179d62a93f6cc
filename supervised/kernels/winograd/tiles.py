"""The inner loops of Winograd's convolution, vectorised over channels, which the compiler does not manage by itself.

LLVM's vectoriser gives up on the transforms, because it cannot prove that the 25 rows read and the 25 written do not
overlap; so they are emitted as vectors here, which is ten times faster than the scalar loops. Offsets and strides are
in elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba.core import cgutils, types
from numba.extending import intrinsic

WIDE = bool(get_host_cpu_features().get("avx512f"))  # 32 registers of 16 numbers instead of 16 of 8
LANES = 16 if WIDE else 8  # float32 in a vector
COLUMNS = 16  # the number of outputs is a multiple of this
# (vectors, rows) of a product's tiles, widest first. The sums, a line of weights and a value stay in registers.
_TILES = ((4, 6), (3, 8), (2, 8), (1, 12)) if WIDE else ((2, 6),)
BEYOND = max(rows for _, rows in _TILES) - 1  # rows that the last tile may read and write beyond the end

_FLOAT, _INT = ir.FloatType(), ir.IntType(64)
_VECTOR = ir.VectorType(_FLOAT, LANES)


class _Memory:
    """Vectors of one array argument."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        self.builder = builder
        self.data = cgutils.create_struct_proxy(kind)(context, builder, value=value).data

    def _pointer(self, offset: Any, kind: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(self.data, [offset]), kind.as_pointer())

    def load(self, offset: Any) -> Any:
        return self.builder.load(self._pointer(offset, _VECTOR), align=4)

    def store(self, value: Any, offset: Any) -> None:
        self.builder.store(value, self._pointer(offset, _VECTOR), align=4)

    def splat(self, offset: Any) -> Any:
        """One number in all lanes."""
        one = self.builder.load(self._pointer(offset, _FLOAT))
        first = self.builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), one, ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return self.builder.shuffle_vector(first, ir.Constant(_VECTOR, ir.Undefined), zeros)


def _input(b: Any, d: list[Any]) -> list[Any]:
    """B' d: (2 d0 - d1 - 2 d2 + d3, -2 d1 - d2 + d3, 2 d1 - 3 d2 + d3, d3 - d1, 2 d1 - d2 - 2 d3 + d4)."""
    t, u = b.fsub(d[3], d[1]), b.fsub(d[0], d[2])
    v = b.fsub(d[1], d[2])
    return [
        b.fadd(b.fadd(u, u), t),
        b.fsub(b.fsub(t, d[2]), d[1]),
        b.fadd(t, b.fadd(b.fadd(v, v), v)),
        t,
        b.fsub(b.fsub(d[4], d[2]), b.fadd(t, t)),
    ]


def _output(b: Any, m: list[Any]) -> list[Any]:
    """A' m: (m0 + m1 + m2 + m3, m1 - m2 + 2 m3, m1 + m2 + 4 m3 + m4)."""
    p, q = b.fadd(m[1], m[2]), b.fadd(m[3], m[3])
    return [
        b.fadd(b.fadd(m[0], p), m[3]),
        b.fadd(b.fsub(m[1], m[2]), q),
        b.fadd(b.fadd(p, b.fadd(q, q)), m[4]),
    ]


def _gradient(b: Any, y: list[Any]) -> list[Any]:
    """A y: (y0, y0 + y1 + y2, y0 - y1 + y2, y0 + 2 y1 + 4 y2, y2)."""
    even, twice = b.fadd(y[0], y[2]), b.fadd(y[2], y[2])
    return [
        y[0],
        b.fadd(even, y[1]),
        b.fsub(even, y[1]),
        b.fadd(y[0], b.fadd(b.fadd(y[1], y[1]), b.fadd(twice, twice))),
        y[2],
    ]


def _transposed(columns: list[list[Any]]) -> list[list[Any]]:
    return [list(row) for row in zip(*columns, strict=True)]


@intrinsic
def input_tile(typingctx, x, at, row, column, v, to, apart):  # type: ignore[no-untyped-def]
    """v = B' d B of the 5x5 tile of `x` at `at`; the 25 results lie `apart`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _Memory(context, builder, signature.args[0], args[0])
        target = _Memory(context, builder, signature.args[4], args[4])
        _, at_, row_, column_, _, to_, apart_ = args
        offset = _offsets(builder, at_, row_, column_, 5)
        columns = [_input(builder, [source.load(offset[i][j]) for i in range(5)]) for j in range(5)]
        place = to_
        for line in _transposed(columns):
            for value in _input(builder, line):
                target.store(value, place)
                place = builder.add(place, apart_)
        return context.get_dummy_value()

    return types.void(x, types.int64, types.int64, types.int64, v, types.int64, types.int64), generate


def _output_of(builder: Any, source: _Memory, at: Any, apart: Any) -> list[list[Any]]:
    """A' m A of the 25 numbers that lie `apart` from `at` on."""
    places = [at]
    for _ in range(24):
        places.append(builder.add(places[-1], apart))
    columns = [_output(builder, [source.load(places[5 * i + j]) for i in range(5)]) for j in range(5)]
    return [_output(builder, line) for line in _transposed(columns)]


@intrinsic
def output_tile(typingctx, m, at, apart, bias, shift, y, to, row, column, residual):  # type: ignore[no-untyped-def]
    """y = relu(A' m A + bias [+ y]) of one tile: 25 numbers lie `apart` in `m`, the 3x3 results go to `to` in `y`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _Memory(context, builder, signature.args[0], args[0])
        biases = _Memory(context, builder, signature.args[3], args[3])
        target = _Memory(context, builder, signature.args[5], args[5])
        _, at_, apart_, _, shift_, _, to_, row_, column_, residual_ = args
        added = biases.load(shift_)
        zero = ir.Constant(_VECTOR, [0.0] * LANES)
        offset = _offsets(builder, to_, row_, column_, 3)
        results = [[builder.fadd(value, added) for value in line] for line in _output_of(builder, source, at_, apart_)]

        def write(with_residual: bool) -> None:
            for i in range(3):
                for j in range(3):
                    value = results[i][j]
                    if with_residual:
                        value = builder.fadd(value, target.load(offset[i][j]))
                    positive = builder.fcmp_ordered(">", value, zero)
                    target.store(builder.select(positive, value, zero), offset[i][j])

        with builder.if_else(residual_) as (then, otherwise):
            with then:
                write(True)
            with otherwise:
                write(False)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(m, whole, whole, bias, whole, y, whole, whole, whole, types.boolean), generate


@intrinsic
def plain_output_tile(typingctx, m, at, apart, y, to, row, column):  # type: ignore[no-untyped-def]
    """y = A' m A of one tile, as `output_tile` but nothing added."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _Memory(context, builder, signature.args[0], args[0])
        target = _Memory(context, builder, signature.args[3], args[3])
        _, at_, apart_, _, to_, row_, column_ = args
        offset = _offsets(builder, to_, row_, column_, 3)
        for i, line in enumerate(_output_of(builder, source, at_, apart_)):
            for j, value in enumerate(line):
                target.store(value, offset[i][j])
        return context.get_dummy_value()

    whole = types.int64
    return types.void(m, whole, whole, y, whole, whole, whole), generate


@intrinsic
def gradient_tile(typingctx, y, at, row, column, m, to, apart):  # type: ignore[no-untyped-def]
    """m = A y A' of the 3x3 tile of `y` at `at`, the reverse of `plain_output_tile`; the 25 results lie `apart`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _Memory(context, builder, signature.args[0], args[0])
        target = _Memory(context, builder, signature.args[4], args[4])
        _, at_, row_, column_, _, to_, apart_ = args
        offset = _offsets(builder, at_, row_, column_, 3)
        columns = [_gradient(builder, [source.load(offset[i][j]) for i in range(3)]) for j in range(3)]
        place = to_
        for line in _transposed(columns):
            for value in _gradient(builder, line):
                target.store(value, place)
                place = builder.add(place, apart_)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(y, whole, whole, whole, m, whole, whole), generate


@intrinsic
def product(typingctx, left, at, row, step, high, right, start, across, count, out, to, apart, wide, add):  # type: ignore[no-untyped-def]
    """out[high, wide] = (out +) left[high, count] right[count, wide], for `wide` a multiple of COLUMNS.

    Rows of `left` lie `row` apart and what is summed over `step`; lines of `right` lie `across` apart, those of
    `out` `apart`. Up to BEYOND rows more than `high` are read and written.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lefts = _Memory(context, builder, signature.args[0], args[0])
        rights = _Memory(context, builder, signature.args[5], args[5])
        target = _Memory(context, builder, signature.args[9], args[9])
        _, at_, row_, step_, high_, _, start_, across_, count_, _, to_, apart_, wide_, add_ = args
        column: Any = ir.Constant(_INT, 0)
        for vectors, rows in _TILES:
            width = ir.Constant(_INT, vectors * LANES)
            blocks = builder.udiv(builder.sub(wide_, column), width)
            with cgutils.for_range(builder, blocks) as block:
                across_to = builder.add(column, builder.mul(block.index, width))
                first = ir.Constant(_INT, 0)
                with cgutils.for_range_slice(builder, first, high_, ir.Constant(_INT, rows)) as (line, _):
                    from_ = builder.add(at_, builder.mul(line, row_))
                    into = builder.add(builder.add(to_, builder.mul(line, apart_)), across_to)
                    weights = builder.add(start_, across_to)
                    tile = _Tile(builder, vectors, rows, lefts, from_, row_, step_, rights, weights, across_)
                    tile.emit(count_, target, into, apart_, add_)
            column = builder.add(column, builder.mul(blocks, width))
        return context.get_dummy_value()

    whole = types.int64
    kinds = (left, whole, whole, whole, whole, right, whole, whole, whole, out, whole, whole, whole, types.boolean)
    return types.void(*kinds), generate


@dataclass(frozen=True)
class _Tile:
    """`rows` times `vectors` sums of a product, kept in registers."""

    builder: Any
    vectors: int
    rows: int
    left: _Memory
    at: Any
    row: Any
    step: Any
    right: _Memory
    start: Any
    across: Any

    def emit(self, count: Any, target: _Memory, to: Any, apart: Any, add: Any) -> None:
        """out = (out +) the sums over `count`; lines of `target` lie `apart` from `to` on."""
        builder, zero = self.builder, ir.Constant(_VECTOR, [0.0] * LANES)
        rows, vectors = range(self.rows), range(self.vectors)
        sums = [[cgutils.alloca_once_value(builder, zero) for _ in vectors] for _ in rows]
        lines = [builder.add(self.at, builder.mul(ir.Constant(_INT, r), self.row)) for r in rows]
        places = [
            [
                builder.add(builder.add(to, builder.mul(ir.Constant(_INT, r), apart)), ir.Constant(_INT, LANES * k))
                for k in vectors
            ]
            for r in rows
        ]
        with builder.if_else(add) as (then, otherwise):
            with then:
                for r in rows:
                    for k in vectors:
                        builder.store(target.load(places[r][k]), sums[r][k])
            with otherwise:
                for r in rows:
                    for k in vectors:
                        builder.store(zero, sums[r][k])
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        fma = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f32")
        with cgutils.for_range(builder, count) as loop:
            base = builder.add(self.start, builder.mul(loop.index, self.across))
            weights = [self.right.load(builder.add(base, ir.Constant(_INT, LANES * k))) for k in vectors]
            passed = builder.mul(loop.index, self.step)
            for r in rows:
                value = self.left.splat(builder.add(lines[r], passed))
                for k in vectors:
                    builder.store(builder.call(fma, [value, weights[k], builder.load(sums[r][k])]), sums[r][k])
        for r in rows:
            for k in vectors:
                target.store(builder.load(sums[r][k]), places[r][k])


def _offsets(builder: Any, at: Any, row: Any, column: Any, size: int) -> list[list[Any]]:
    """[i][j] = at + i row + j column."""
    lines = []
    for _ in range(size):
        place, line = at, []
        for _ in range(size):
            line.append(place)
            place = builder.add(place, column)
        lines.append(line)
        at = builder.add(at, row)
    return lines
