"""Names of rules as clients and people write them, and KataGo's JSON."""

from __future__ import annotations

import pytest

from selfplay.gtp.session import agreement_of
from tengen.errors import UserError
from tests.selfplay.gtp.talking import talk


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


def test_rules_with_a_tax_are_refused_with_the_nearest_ones() -> None:
    """KataGo's own Japanese rules, as Sabaki and others send them."""
    japanese = (
        '{"friendlyPassOk":true,"hasButton":false,"ko":"SIMPLE","scoring":"TERRITORY","suicide":false,"tax":"SEKI",'
        '"whiteHandicapBonus":"0"}'
    )
    other = '{"ko":"SIMPLE","scoring":"TERRITORY","suicide":true,"tax":"ALL"}'
    answers = talk(f"kata-set-rules {japanese}", f"kata-set-rules {other}", "kata-set-rule tax SEKI", "kata-get-rules")
    assert answers[0] == "? tax cannot be SEKI here: points in seki count; the nearest rules are japanese"
    assert answers[1] == '? tax cannot be ALL here: all points count; the nearest rules are these with "tax":"NONE"'
    assert answers[2] == "? tax cannot be SEKI here: points in seki count; the nearest rules are tromp-taylor"
    assert '"scoring":"AREA"' in answers[3], "a refusal changes nothing"
    agreed = talk(f"kata-set-rules {japanese.replace('SEKI', 'NONE')}", "kata-get-rule scoring")
    assert agreed == ["=", "= TERRITORY"]
