# SPDX-License-Identifier: Apache-2.0
"""受付の入力 — department, doctor, payers, and what is asked at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from tasuki.calculation.sentences import label
from tasuki.chart.visit import VisitKind
from tasuki.claims.codes import DEPARTMENTS
from tasuki_server.chart.flag_places import AT_RECEPTION
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.forms import JapaneseForm
from tasuki_server.patients.models import InsuranceRecord, ProgrammeRecord
from tasuki_server.reception.models import KIND_LABELS, Visit
from tasuki_server.reception.receive import Arrival

NO_INSURANCE = "none"


class ArrivalForm(JapaneseForm):
    """受付の入力 — the choices are the cards in force on the day."""

    department = forms.ChoiceField(label="診療科", choices=list(DEPARTMENTS.items()))
    doctor = forms.ChoiceField(label="担当医", required=False)
    insurance = forms.ChoiceField(label="保険", widget=forms.RadioSelect)
    programmes = forms.MultipleChoiceField(label="公費", required=False, widget=forms.CheckboxSelectMultiple)
    is_eligibility_checked = forms.BooleanField(label="資格を確認した", required=False)
    flags = forms.MultipleChoiceField(
        label="受付で確かめたこと",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(flag.value, label(flag)) for flag in AT_RECEPTION],
    )
    kind = forms.ChoiceField(
        label="初再診", choices=[(k.value, v) for k, v in KIND_LABELS.items()], required=False
    )
    kind_reason = forms.CharField(label="初再診を決めた理由", max_length=200, required=False)
    memo = forms.CharField(label="受付メモ", max_length=200, required=False)
    read_stamp = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        insurances: Sequence[InsuranceRecord],
        programmes: Sequence[ProgrammeRecord],
        doctors: Sequence[Staff],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        cards = [(str(each.record_id), _insurance_label(each)) for each in insurances]
        self.fields["insurance"].choices = [*cards, (NO_INSURANCE, "保険を使わない（自費・公費のみ）")]  # type: ignore[attr-defined]
        self.fields["programmes"].choices = [(str(e.record_id), _programme_label(e)) for e in programmes]  # type: ignore[attr-defined]
        self.fields["doctor"].choices = [("", "決めない"), *((str(each.id), each.name) for each in doctors)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """受付の確認 — a decision on 初再診 says why; at most four programmes go with one visit."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind", VisitKind.AUTO) not in ("", VisitKind.AUTO) and not cleaned.get("kind_reason"):
            self.add_error("kind_reason", "初再診を「自動」以外にするときは理由を入れてください。")
        if len(cleaned.get("programmes", ())) > 4:
            self.add_error("programmes", "1回の受診に使える公費は4つまでです。")
        return cleaned

    def arrival(self) -> Arrival:
        """受付の内容 — after :meth:`is_valid`."""
        given = self.cleaned_data
        card = given["insurance"]
        return Arrival(
            department=given["department"],
            doctor_id=UUID(given["doctor"]) if given["doctor"] else None,
            insurance_record=None if card == NO_INSURANCE else UUID(card),
            programme_records=tuple(UUID(each) for each in given["programmes"]),
            is_eligibility_checked=given["is_eligibility_checked"],
            kind=VisitKind(given["kind"] or VisitKind.AUTO),
            kind_reason=given["kind_reason"],
            flags=tuple(given["flags"]),
            memo=given["memo"],
        )

    @staticmethod
    def initial_for(
        insurances: Sequence[InsuranceRecord], programmes: Sequence[ProgrammeRecord], previous: Visit | None
    ) -> dict[str, Any]:
        """受付の初期値 — the newest card, every programme in force, doctor and department as last time."""
        return {
            "insurance": str(insurances[0].record_id) if insurances else NO_INSURANCE,
            "programmes": [str(each.record_id) for each in programmes],
            "department": previous.department if previous else "01",
            "doctor": str(previous.doctor_id) if previous and previous.doctor_id else "",
            "kind": VisitKind.AUTO.value,
        }

    @staticmethod
    def initial_of(visit: Visit) -> dict[str, Any]:
        """受付の初期値 — of a visit that is being changed."""
        return {
            "insurance": str(visit.insurance_record) if visit.insurance_record else NO_INSURANCE,
            "programmes": list(visit.programme_records),
            "department": visit.department,
            "doctor": str(visit.doctor_id) if visit.doctor_id else "",
            "is_eligibility_checked": visit.eligibility_checked_at is not None,
            "flags": list(visit.flags),
            "kind": visit.kind,
            "kind_reason": visit.kind_reason,
            "memo": visit.memo,
            "read_stamp": visit.stamp,
        }


def _insurance_label(card: InsuranceRecord) -> str:
    share = card.value.get("share_percent")
    text = f"{card.get_kind_display()} {card.insurer_number}"
    return f"{text}（{share // 10}割）" if share is not None else text


def _programme_label(card: ProgrammeRecord) -> str:
    return f"公費 {card.payer_number} {card.value.get('recipient_number', '')}".strip()
