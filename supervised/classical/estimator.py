"""The base class of the classical learners: scikit-learn's conventions, and training in steps.

A learner is a dataclass whose fields are its parameters. Learned attributes end in an underscore and are arrays or
numbers, so that a checkpoint can hold them. `fit` simply runs the generator `grow` to its end; a training run takes
the same steps one by one, and can stop between two and resume.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from supervised.classical import checks

Grown = dict[str, float]  # the metrics of a step


@dataclass(eq=False)
class Learner:
    """Subclasses implement `grow` and `total` and set `kind`."""

    kind: ClassVar[str] = "classifier"  # or regressor, clusterer, transformer
    sparse: ClassVar[bool] = False  # accepts CSR matrices
    positive: ClassVar[bool] = False  # rejects negative numbers
    at_least: ClassVar[int] = 1  # minimum number of examples
    dtype: ClassVar[type | None] = np.float64  # of the features; None keeps float32 and float64
    unit: ClassVar[str] = "iterations"  # name of the steps
    stride: ClassVar[int] = 1  # steps between two yields of `grow`; the last ones may be fewer
    shapes: ClassVar[dict[str, str]] = {}  # kind and shape of each learned attribute (checks.restored)

    @property
    def total(self) -> int:
        """The maximum number of steps; fewer if the learner converges earlier."""
        return 1

    def grow(self, X: Any, y: np.ndarray | None) -> Iterator[Grown]:
        """Continue training; yields after every `stride` steps. `X` [N, D] and `y` [N] are already checked."""
        raise NotImplementedError

    # scikit-learn's conventions

    def fit(self, X: Any, y: Any = None) -> Self:
        X, y = self.begin(X, y)
        for _ in self.grow(X, y):
            pass
        return self

    def begin(self, X: Any, y: Any = None) -> tuple[Any, np.ndarray | None]:
        """Discard what was learned and return the checked data. A classifier's `y` becomes indices of `classes_`."""
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)
        X = self._checked(X, self.at_least, self.dtype)
        if self.kind == "classifier":
            self.classes_, y = checks.labels(y, X.shape[0])
        elif self.kind == "regressor":
            y = checks.column(y, X.shape[0]).astype(np.float64)
        else:
            y = None
        self.n_features_in_ = X.shape[1]
        return X, y

    def rows(self, X: Any) -> Any:
        """`X` [N, D], checked against the data that the learner was fitted on."""
        if not hasattr(self, "n_features_in_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"This {type(self).__name__} instance is not fitted yet: call fit first.")
        X = self._checked(X, 1, self.dtype)
        if X.shape[1] != self.n_features_in_:
            name, count = type(self).__name__, int(self.n_features_in_)
            raise ValueError(f"X has {X.shape[1]} features, but {name} is expecting {count} features as input")
        return X

    def _checked(self, X: Any, at_least: int, dtype: type | None) -> Any:
        X = checks.matrix(X, sparse=self.sparse, at_least=at_least, dtype=dtype)
        if self.positive and (X.data if hasattr(X, "tocsr") else X).min(initial=0) < 0:
            raise ValueError(f"Negative values in data passed to {type(self).__name__}")
        return X

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def set_params(self, **params: Any) -> Self:
        for name, value in params.items():
            if name not in self.get_params():
                known = ", ".join(self.get_params())
                raise ValueError(f"Invalid parameter {name!r} for estimator {type(self).__name__}; known: {known}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=self.kind,
            target_tags=TargetTags(required=self.kind in ("classifier", "regressor")),
            classifier_tags=ClassifierTags() if self.kind == "classifier" else None,
            regressor_tags=RegressorTags() if self.kind == "regressor" else None,
            transformer_tags=TransformerTags() if hasattr(self, "transform") else None,
            input_tags=InputTags(sparse=self.sparse, positive_only=self.positive),
        )

    # checkpoints

    def learned(self) -> dict[str, np.ndarray]:
        """The learned attributes, by name."""
        return {name: np.asarray(value) for name, value in vars(self).items() if name.endswith("_")}

    def restore(self, learned: dict[str, np.ndarray], rows: int | None = None) -> Self:
        """Restore the attributes `learned` from `rows` examples. ValueError if they do not fit this learner."""
        grown = learned.keys() - {"n_features_in_", "classes_"}
        if others := grown - self.shapes.keys():
            raise ValueError(f"{min(others)} is not a learned attribute")
        if grown and (missing := self.shapes.keys() - grown):
            raise ValueError(f"{min(missing)} is missing")
        for name in ("n_features_in_", "classes_"):
            if hasattr(self, name) and not np.array_equal(learned.get(name, getattr(self, name)), getattr(self, name)):
                raise ValueError(f"{name} belongs to other data")
        for name, value in learned.items():
            setattr(self, name, value.item() if value.ndim == 0 else np.array(value))
        checks.restored(self, self.shapes, rows)
        if grown:
            self.check(rows)
        return self

    def check(self, rows: int | None) -> None:
        """ValueError if attributes learned from `rows` examples are inconsistent, beyond `shapes`."""
