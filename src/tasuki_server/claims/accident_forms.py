# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の明細書の入力 — what the bills do not say. Nothing is chosen beforehand, what is empty stays blank on paper."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from tasuki.forms.traffic_statement import AccidentOutcome
from tasuki.forms.work_accident import CareBegun, CareEnded
from tasuki_server.claims.accidents import WORK, AccidentClaim, diseases_of
from tasuki_server.patients.coverage_forms import DigitsField
from tasuki_server.patients.forms import DayField, JapaneseForm

_BLANK = ("", "記入しない")
_OUTCOMES = (
    _BLANK,
    (AccidentOutcome.CURED.value, "治ゆ"),
    (AccidentOutcome.CONTINUED.value, "継続"),
    (AccidentOutcome.MOVED.value, "転医"),
    (AccidentOutcome.STOPPED.value, "中止"),
    (AccidentOutcome.DIED.value, "死亡"),
)
_BEGUN = (
    _BLANK,
    (CareBegun.FIRST.value, "1 初診"),
    (CareBegun.MOVED_HERE.value, "3 転医始診"),
    (CareBegun.CONTINUED.value, "5 継続"),
    (CareBegun.RELAPSED.value, "7 再発"),
)
_ENDED = (
    _BLANK,
    (CareEnded.CURED.value, "1 治ゆ"),
    (CareEnded.CONTINUED.value, "3 継続"),
    (CareEnded.MOVED.value, "5 転医"),
    (CareEnded.STOPPED.value, "7 中止"),
    (CareEnded.DIED.value, "9 死亡"),
)


class AccidentForm(JapaneseForm):
    """明細書の入力 — what both statements ask."""

    diseases = forms.MultipleChoiceField(
        label="この事故・災害による傷病名", required=False, widget=forms.CheckboxSelectMultiple
    )
    injured_on = DayField(label="受傷日（傷病年月日）", required=False)

    def __init__(self, claim: AccidentClaim, month: date, data: Any = None) -> None:
        super().__init__(data)
        rows = diseases_of(claim, month)
        self.fields["diseases"].choices = [(str(row.record_id), row.name) for row in rows]


class TrafficForm(AccidentForm):
    """自賠責明細書の入力."""

    first_visit_on = DayField(label="初診日", required=False)
    outcome = forms.ChoiceField(label="転帰", choices=_OUTCOMES, required=False)
    certificate_count = forms.IntegerField(label="診断書（通）", min_value=1, max_value=99, required=False)
    certificate_yen = forms.IntegerField(
        label="診断書料（円）", min_value=0, max_value=999_999, required=False
    )
    statement_count = forms.IntegerField(label="明細書（通）", min_value=1, max_value=99, required=False)
    statement_yen = forms.IntegerField(label="明細書料（円）", min_value=0, max_value=999_999, required=False)
    insurer_name = forms.CharField(label="宛先（保険会社）", max_length=60, required=False)
    doctor_name = forms.CharField(label="医師名", max_length=40, required=False)
    claimed_on = DayField(label="請求日", required=False)


class WorkForm(AccidentForm):
    """労災内訳書の入力."""

    labour_number = DigitsField(
        label="労働保険番号（14桁）・年金証書番号（9桁）", max_length=20, required=False
    )
    designated_number = DigitsField(label="指定病院等の番号（7桁）", max_length=10, required=False)
    nth = forms.IntegerField(label="同一傷病について（回）", min_value=1, max_value=999, required=False)
    begun = forms.ChoiceField(label="新継再別", choices=_BEGUN, required=False)
    ended = forms.ChoiceField(label="転帰事由", choices=_ENDED, required=False)
    workplace_name = forms.CharField(label="事業の名称", max_length=60, required=False)
    workplace_address = forms.CharField(label="事業場の所在地", max_length=100, required=False)
    course = forms.CharField(
        label="傷病の経過", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def accident_form(claim: AccidentClaim, month: date, data: Any = None) -> AccidentForm:
    """明細書の入力 — of the kind of accident."""
    return (WorkForm if claim.kind == WORK else TrafficForm)(claim, month, data)
