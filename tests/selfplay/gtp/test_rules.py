"""Names of rules as clients and people write them."""

from __future__ import annotations

import pytest

from selfplay.gtp.session import agreement_of
from tengen.errors import UserError


@pytest.mark.parametrize(
    ("rules", "komi"),
    [("japanese", 6.5), ("Japanese", 6.5), ("CGOS", 7.0), ("nz", 7.0), ("New Zealand", 7.0), ("Tromp_Taylor", 7.5)],
)
def test_the_usual_komi_belongs_to_the_rules_however_they_are_written(rules: str, komi: float) -> None:
    assert agreement_of(rules, None).rules.komi == komi
    assert agreement_of(rules, 0.5).rules.komi == 0.5


def test_unknown_rules_are_a_clear_error() -> None:
    with pytest.raises(UserError, match="unknown rules ing; known are"):
        agreement_of("ing", None)
    assert agreement_of('{"scoring":"TERRITORY"}', None).rules.scoring == "territory"
