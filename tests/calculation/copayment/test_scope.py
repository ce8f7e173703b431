# SPDX-License-Identifier: Apache-2.0
"""窓口負担の範囲 — what is said not to be computed names a refusal or a reason that there is; the guide's file works."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tasuki.calculation.copayment import CopaymentSettings, CopayVisit, MonthLedger, visit_copayment
from tasuki.calculation.copayment.local_file import known_rules, listed_rules, read_local_rules
from tasuki.calculation.copayment.scope import NOT_COMPUTED, OutOfScope
from tasuki.calculation.copayment.sentences import FINDINGS, REASONS
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind, PublicProgramme
from tasuki.chart.visit import Person, Sex

OKAYAMA = Path(__file__).parents[3] / "docs" / "guide" / "copay" / "okayama.tsv"


@pytest.mark.parametrize("each", NOT_COMPUTED, ids=[each.matter for each in NOT_COMPUTED])
def test_what_happens_instead_is_a_refusal_or_reason_of_this_room(each: OutOfScope) -> None:
    assert each.instead
    assert not each.code or each.code in FINDINGS or each.code in REASONS


def test_a_prefecture_without_a_list_is_served_by_the_user_s_own_file() -> None:
    """医療費の1割: 5,000点で5,000円、2,000点で2,000円。3割との差は制度が払う。"""
    assert not [rule for rule in listed_rules() if rule.prefecture == "33"]
    (rule,) = read_local_rules(OKAYAMA.read_bytes(), OKAYAMA.name)
    ledger = MonthLedger((2026, 6), CopaymentSettings(local_rules={**known_rules(), rule.id: rule}))
    card = PublicProgramme("80330010", id="県", local_rule=rule.id)
    coverage = Coverage(Insurance(InsuranceKind.NATIONAL, "990011", number="1"), (card,))
    paid = []
    for day, points in ((1, 5000), (8, 2000)):
        visit = CopayVisit(
            date(2026, 6, day), Person(date(1970, 5, 5), Sex.MALE), coverage, {("県",): points}
        )
        charge, ledger = visit_copayment(ledger, visit)
        assert "copay/local/unconfirmed" in [each.rule_id for each in charge.because]
        paid.append(charge.collect_yen)
    assert paid == [5000, 2000]
