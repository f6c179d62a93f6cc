"""The base class of the learners that predict a class from scores or probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from supervised.classical.estimator import Learner


class Classifier(Learner):
    """A learner with `decision_function` or `predict_proba`."""

    def predict(self, X: Any) -> np.ndarray:
        """[N]: the class with the highest score or probability."""
        ask: Any = self.decision_function if hasattr(self, "decision_function") else self.predict_proba  # type: ignore[attr-defined]
        scores = ask(X)
        best = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(1)
        predicted: np.ndarray = self.classes_[best]
        return predicted

    def score(self, X: Any, y: Any) -> float:
        """Accuracy."""
        return float((self.predict(X) == np.asarray(y)).mean())


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities [N, K] from scores [N, K]; or [N, 2] from scores [N] of the second of two classes."""
    if scores.ndim == 1:
        scores = np.stack([np.zeros_like(scores), scores], 1)
    p: np.ndarray = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return p
