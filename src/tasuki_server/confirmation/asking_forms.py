# SPDX-License-Identifier: Apache-2.0
"""番号入力 — what stands on a 資格確認書, to ask by it."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from django import forms

from tasuki.eligibility.numbers import read_payer_number
from tasuki.eligibility.requests import CardNumber, CardSearch
from tasuki_server.patients.coverage_forms import DigitsField
from tasuki_server.patients.forms import DayField, JapaneseForm
from tasuki_server.patients.models import InsuranceRecord
from tasuki_server.reception.clock import today


class NumberForm(JapaneseForm):
    """番号による照会の入力 — a wrong check digit is told and asked about once, a card may be printed so."""

    insurer_number = DigitsField(label="保険者番号", max_length=12)
    symbol = forms.CharField(label="記号", max_length=20, required=False)
    number = forms.CharField(label="番号", max_length=20)
    branch = DigitsField(label="枝番（2桁）", max_length=2, required=False)
    born = DayField(label="生年月日")
    is_limit_consented = forms.BooleanField(label="限度額の情報の提供に、患者が同意した", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["insurer_number"].widget.attrs["autofocus"] = True

    def clean_insurer_number(self) -> str:
        """保険者番号の確認 — six digits (国保) or eight."""
        typed: str = self.cleaned_data["insurer_number"]
        if read_payer_number(typed) is None:
            raise forms.ValidationError("保険者番号は6桁（国保）か8桁です。")
        return typed

    def clean_born(self) -> date:
        """生年月日の確認 — not in the future."""
        born: date = self.cleaned_data["born"]
        if born > today():
            raise forms.ValidationError("生年月日が未来の日付です。")
        return born

    def number_caution(self) -> list[str]:
        """検証番号の注意 — told once before it is sent."""
        read = read_payer_number(self.cleaned_data["insurer_number"])
        if read is not None and not read.has_check:
            return ["保険者番号の検証番号が合いません。資格確認書と見比べてください。"]
        return []

    def search(self) -> CardSearch:
        """照会条件 — after :meth:`is_valid`; wide digits become narrow, as the register has them."""
        given = self.cleaned_data
        card = CardNumber(
            given["insurer_number"], given["symbol"].strip(), _narrow(given["number"]), given["branch"]
        )
        return CardSearch(card, given["born"], given["is_limit_consented"])

    @staticmethod
    def initial_of(card: InsuranceRecord | None, born: date | None) -> dict[str, Any]:
        """番号入力の初期値 — of the record that holds today."""
        if card is None:
            return {"born": born}
        return {
            "insurer_number": card.insurer_number,
            "symbol": card.value.get("symbol", ""),
            "number": card.value.get("number", ""),
            "branch": card.value.get("branch", ""),
            "born": born,
        }


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
