"""The quality of translations: BLEU, as sacreBLEU computes it."""

from __future__ import annotations

from typing import Any


def bleu(made: list[str], wanted: list[str], rounds: int = 1) -> tuple[float, tuple[float, float] | None, str]:
    """(BLEU, its 95 % interval from `rounds` bootstrap draws, sacreBLEU's signature) (Papineni 2002; Post 2018)."""
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(lowercase=True)
    found: Any = metric.corpus_score(made, [wanted], n_bootstrap=rounds)
    interval = (found._mean - found._ci, found._mean + found._ci) if rounds > 1 else None
    return float(found.score), interval, str(metric.get_signature())
