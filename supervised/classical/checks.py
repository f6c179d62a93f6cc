"""What `fit` and `predict` accept: the checks, and the words, that scikit-learn's `check_estimator` asks for."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def matrix(X: Any, *, sparse: bool = False, at_least: int = 1, dtype: type | None = np.float64) -> Any:
    """`X` as an array [N, D] of finite numbers, rows together; with `sparse`, what has `tocsr` as a CSR matrix.

    `dtype` None: float32 stays what it is, all else becomes float64.

    ValueError or TypeError says what is wrong with it.
    """
    if dtype is None:
        dtype = np.float32 if getattr(X, "dtype", None) == np.float32 else np.float64
    if hasattr(X, "tocsr"):
        if not sparse:
            raise TypeError("sparse data was passed, but dense data is required: use X.toarray()")
        if X.dtype.kind == "c":
            raise ValueError("Complex data not supported")
        rows = X.tocsr().astype(dtype)
        rows.sum_duplicates()
        _sizes(rows.shape, at_least)
        _finite(rows.data)
        return rows
    X = np.asarray(X)
    if np.iscomplexobj(X):
        raise ValueError("Complex data not supported")
    if X.dtype.kind == "O" and any(not hasattr(v, "__float__") and not isinstance(v, str) for v in X.ravel()[:1000]):
        raise TypeError("argument must be a string or a real number")
    if X.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {X.ndim}D array instead. Reshape your data: X.reshape(-1, 1) for one feature,"
            " X.reshape(1, -1) for one sample."
        )
    _sizes(X.shape, at_least)
    X = np.ascontiguousarray(X, dtype)
    X = X if X.flags.writeable else X.copy()  # kernels would be compiled anew for what cannot be written
    _finite(X)
    return X


def _sizes(shape: tuple[int, ...], at_least: int) -> None:
    if shape[0] < at_least:
        many = f"n_samples = {shape[0]}, " if shape[0] else ""
        raise ValueError(f"Found array with {shape[0]} sample(s) ({many}shape={shape}) while {at_least} are required.")
    if shape[1] == 0:
        raise ValueError(f"Found array with 0 feature(s) (shape={shape}) while a minimum of 1 is required.")


def _finite(values: np.ndarray) -> None:
    if not np.isfinite(values.sum()) and not np.isfinite(values).all():
        raise ValueError("Input X contains NaN or infinity.")


def column(y: Any, count: int) -> np.ndarray:
    """`y` as an array [count]."""
    if y is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None.")
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        from sklearn.exceptions import DataConversionWarning

        message = "A column-vector y was passed when a 1d array was expected; it is flattened."
        warnings.warn(message, DataConversionWarning, stacklevel=4)
        y = y.ravel()
    if y.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {y.shape} instead.")
    if len(y) != count:
        raise ValueError(f"Found input variables with inconsistent numbers of samples: {[count, len(y)]}")
    if np.iscomplexobj(y):
        raise ValueError("Complex data not supported")
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise ValueError("Input y contains NaN or infinity.")
    return y


def labels(y: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(classes [K], the index of each example's class [count])."""
    y = column(y, count)
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        raise ValueError("Unknown label type: continuous. A classifier's targets are classes, not real numbers.")
    classes, index = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"This classifier needs at least 2 classes; the data contains 1 class: {classes[0]!r}")
    return classes, index.astype(np.int64)


_KINDS: dict[str, tuple[str, ...]] = {kind: (kind,) for kind in ("bool", "int32", "int64", "float32", "float64")}
_KINDS["float"] = ("float32", "float64")


def restored(learner: Any, shapes: dict[str, str], rows: int | None = None) -> None:
    """Check what a checkpoint gave `learner` against `shapes`, before it is used. ValueError if it does not fit.

    {"W_": "float64 SD"}: a kind of `_KINDS`, and a letter a dimension: D features, K classes, S sets of weights (one
    for two classes), N examples (`rows`), T topics; another one is the same wherever it stands, a digit is that
    number. Numbers are finite, single whole numbers count something.
    """
    if np.shape(getattr(learner, "n_features_in_", 1)) or np.ndim(getattr(learner, "classes_", [0])) != 1:
        raise ValueError("features or classes that cannot be")
    sizes = {"N": rows, "D": getattr(learner, "n_features_in_", None), "T": getattr(learner, "topics", None)}
    if hasattr(learner, "classes_"):
        sizes["K"] = len(learner.classes_)
        sizes["S"] = sizes["K"] if sizes["K"] != 2 else 1
    for name, line in shapes.items():
        value = getattr(learner, name, None)
        if value is None:  # not learned yet
            continue
        kind, _, shape = line.partition(" ")
        array = np.asarray(value)
        found = array.shape
        if array.dtype.name not in _KINDS[kind]:
            raise ValueError(f"{name} holds {array.dtype.name}")
        if not np.isfinite(array).all() or (kind == "int64" and not shape and value < 0):
            raise ValueError(f"{name} holds what cannot be")
        wanted = [int(c) if c.isdigit() else sizes.setdefault(c, None) for c in shape]
        known = zip(wanted, found, strict=False)
        if len(found) != len(shape) or any(w is not None and int(w) != n for w, n in known):
            raise ValueError(f"{name} has the shape {found}")
        sizes |= {c: n for c, n in zip(shape, found, strict=True) if not c.isdigit()}


def trees(nodes: np.ndarray, roots: np.ndarray, features: int, child: int, last: int) -> None:
    """ValueError if a walk down from `roots` would leave `nodes` [M, 3], or never reach a leaf.

    Column `child` says where the right child is, or the left one, counted from the tree's root; `last`: 1 where both
    children are there, side by side, 0 where the left one follows its parent.
    """
    begins = np.unique(roots)
    if not len(nodes):
        if len(begins):
            raise ValueError("trees without nodes")
        return
    if nodes.dtype != np.int32 or not len(begins) or begins[0] != 0 or begins[-1] >= len(nodes):
        raise ValueError("roots beyond the nodes")
    number = np.arange(len(nodes))
    of = np.searchsorted(begins, number, side="right") - 1  # the tree of each node
    end = np.append(begins[1:], len(nodes))[of]
    inner = nodes[:, 0] >= 0
    to = begins[of] + nodes[:, child].astype(np.int64)
    good = (nodes[:, 0] < features) & (to > number) & (to + last < end) & (number + 1 < end)
    if not good[inner].all():
        raise ValueError("a tree whose branches lead nowhere")
