# SPDX-License-Identifier: Apache-2.0
"""保険・公費の入力 — every item of a card or certificate, with its check digits."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms

from tasuki.calculation.copayment.local_file import steps_text
from tasuki.calculation.copayment.programmes import BY_LAW_CODE
from tasuki.calculation.payers.sentences import PAYER_NAMES
from tasuki.chart.coverage import (
    IncomeClass,
    Insurance,
    InsuranceKind,
    PublicProgramme,
    ReductionKind,
    ShareReduction,
)
from tasuki.kernel.check_digit import has_valid_check_digit
from tasuki.kernel.validity import Validity
from tasuki_server.billing.local_rules import copayment_settings
from tasuki_server.patients.forms import DayField, JapaneseForm

_SHARES = [("", "年齢・所得による"), ("0", "0割"), ("10", "1割"), ("20", "2割"), ("30", "3割")]
_INCOMES = [("", "不明（確認していない）"), *((each.value, each.value) for each in IncomeClass)]
_LONG_TERM = [("", "なし"), ("10000", "10,000円"), ("20000", "20,000円")]
_REDUCTIONS = [
    ("", "なし"),
    (ReductionKind.REDUCED.value, "減額"),
    (ReductionKind.EXEMPT.value, "免除"),
    (ReductionKind.POSTPONED.value, "支払猶予"),
]
# 保険者番号の桁: 国保 has six digits, 後期 eight that begin with 39, 社保 eight (協会けんぽ 01 …).
_DIGITS = {InsuranceKind.NATIONAL: (6, 8), InsuranceKind.LATE_ELDERLY: (8,), InsuranceKind.EMPLOYEES: (8,)}


class DigitsField(forms.CharField):
    """番号欄 — full width and hyphens are taken, digits are given."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: Any) -> str:
        """番号の読取り — raises for anything but digits."""
        text = unicodedata.normalize("NFKC", super().clean(value)).replace("-", "").replace(" ", "")
        if text and not (text.isdecimal() and text.isascii()):
            raise forms.ValidationError(f"{self.label}は数字で入れてください。")
        return text


class RecordForm(JapaneseForm):
    """期間のある記録の入力 — since, until, and when the original was seen."""

    since = DayField(label="有効開始日（資格取得日）")
    until = DayField(label="有効終了日", required=False)
    confirmed_on = DayField(label="確認日", required=False)
    reason = forms.CharField(label="変更の理由", max_length=200, required=False)
    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """期間の確認 — the end is not before the start; a correction says why."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "有効終了日が開始日より前です。")
        if cleaned.get("read_version") and not cleaned.get("reason"):
            self.add_error("reason", "変更の理由を入れてください。")
        return cleaned

    def days(self) -> Validity:
        """有効期間 — after :meth:`is_valid`."""
        return Validity(self.cleaned_data["since"], self.cleaned_data["until"])


class InsuranceForm(RecordForm):
    """保険の入力 — the items of 資格確認書 and of the eligibility answer."""

    kind = forms.ChoiceField(label="保険種別", choices=[(k.value, v) for k, v in PAYER_NAMES.items()])
    insurer_number = DigitsField(label="保険者番号", max_length=12, required=False)
    symbol = forms.CharField(label="記号", max_length=40, required=False)
    number = forms.CharField(label="番号（被保険者番号）", max_length=40, required=False)
    branch = DigitsField(label="枝番", max_length=4, required=False)
    is_dependant = forms.ChoiceField(
        label="本人・家族", choices=[("", "本人"), ("yes", "家族")], required=False
    )
    share_percent = forms.ChoiceField(label="負担割合", choices=_SHARES, required=False)
    income_class = forms.ChoiceField(label="限度額の区分", choices=_INCOMES, required=False)
    is_repeated_high_cost = forms.BooleanField(label="多数回該当", required=False)
    specific_disease_limit_yen = forms.ChoiceField(
        label="特定疾病療養（マル長）", choices=_LONG_TERM, required=False
    )
    is_limit_halved = forms.BooleanField(label="高半（75歳到達月の特例の家族）", required=False)
    reduction_kind = forms.ChoiceField(label="減免", choices=_REDUCTIONS, required=False)
    reduction_percent = forms.IntegerField(
        label="減額の割合（％）", min_value=1, max_value=100, required=False
    )
    reduction_yen = forms.IntegerField(label="減額の金額（円）", min_value=1, required=False)
    certificate_number = forms.CharField(label="減免証明書番号", max_length=20, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """保険の確認 — number of digits by kind, and the check digit."""
        cleaned = super().clean()
        kind = InsuranceKind(cleaned.get("kind", InsuranceKind.PRIVATE))
        number = cleaned.get("insurer_number", "")
        wanted = _DIGITS.get(kind)
        if "insurer_number" in self.errors:
            return cleaned
        if wanted and not number:
            self.add_error("insurer_number", "保険者番号を入れてください。")
        elif wanted and len(number) not in wanted:
            self.add_error("insurer_number", f"{PAYER_NAMES[kind]}の保険者番号は{wanted[0]}桁です。")
        elif wanted and not has_valid_check_digit(number):
            self.add_error(
                "insurer_number", "保険者番号の検証番号が合いません。打ち間違いを確かめてください。"
            )
        elif kind is InsuranceKind.LATE_ELDERLY and not number.startswith("39"):
            self.add_error("insurer_number", "後期高齢者医療の保険者番号は39で始まります。")
        if wanted and not cleaned.get("number"):
            self.add_error("number", "番号を入れてください。")
        if cleaned.get("reduction_kind") == ReductionKind.REDUCED and not (
            cleaned.get("reduction_percent") or cleaned.get("reduction_yen")
        ):
            self.add_error("reduction_kind", "減額の割合か金額を入れてください。")
        return cleaned

    def value(self, base: Insurance | None = None) -> Insurance:
        """保険の値 — after :meth:`is_valid`; what the form does not ask stays as in ``base``."""
        given = self.cleaned_data
        reduction = None
        if given["reduction_kind"]:
            reduction = ShareReduction(
                ReductionKind(given["reduction_kind"]),
                given["reduction_percent"],
                given["reduction_yen"],
                given["certificate_number"],
            )
        return replace(
            base or Insurance(InsuranceKind(given["kind"])),
            kind=InsuranceKind(given["kind"]),
            insurer_number=given["insurer_number"],
            symbol=given["symbol"],
            number=given["number"],
            branch=given["branch"].zfill(2) if given["branch"] else "",
            is_dependant=given["is_dependant"] == "yes",
            share_percent=int(given["share_percent"]) if given["share_percent"] else None,
            income_class=IncomeClass(given["income_class"]) if given["income_class"] else None,
            is_repeated_high_cost=given["is_repeated_high_cost"],
            specific_disease_limit_yen=_yen(given["specific_disease_limit_yen"]),
            share_reduction=reduction,
            is_limit_halved=given["is_limit_halved"],
        )

    @staticmethod
    def initial_of(
        value: Insurance, since: date, until: date | None, confirmed_on: date | None
    ) -> dict[str, Any]:
        """保険の初期値 — a record as the form shows it."""
        reduction = value.share_reduction
        return {
            "kind": value.kind.value,
            "insurer_number": value.insurer_number,
            "symbol": value.symbol,
            "number": value.number,
            "branch": value.branch,
            "is_dependant": "yes" if value.is_dependant else "",
            "share_percent": "" if value.share_percent is None else str(value.share_percent),
            "income_class": value.income_class.value if value.income_class else "",
            "is_repeated_high_cost": value.is_repeated_high_cost,
            "specific_disease_limit_yen": str(value.specific_disease_limit_yen or ""),
            "is_limit_halved": value.is_limit_halved,
            "reduction_kind": reduction.kind.value if reduction else "",
            "reduction_percent": reduction.percent if reduction else None,
            "reduction_yen": reduction.yen if reduction else None,
            "certificate_number": reduction.certificate_number if reduction else "",
            "since": since,
            "until": until,
            "confirmed_on": confirmed_on,
        }


class ProgrammeForm(RecordForm):
    """公費の入力 — the items of a 受給者証."""

    payer_number = DigitsField(label="公費負担者番号", max_length=12)
    recipient_number = DigitsField(label="受給者番号", max_length=12, required=False)
    month_cap_yen = forms.IntegerField(label="自己負担上限額（月・円）", min_value=0, required=False)
    paid_elsewhere_yen = forms.IntegerField(
        label="他院での支払額（今月・円）", min_value=0, required=False, help_text="上限額管理票の記載"
    )
    income_class = forms.ChoiceField(label="適用区分", choices=_INCOMES, required=False)
    local_rule = forms.CharField(
        label="地方単独公費の制度", max_length=40, required=False, help_text="制度の id（例 13-180）"
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["payer_number"].widget.attrs["autofocus"] = True

    def clean_payer_number(self) -> str:
        """公費負担者番号の確認 — eight digits with a check digit."""
        number: str = self.cleaned_data["payer_number"]
        if len(number) != 8:
            raise forms.ValidationError("公費負担者番号は8桁です。")
        if not has_valid_check_digit(number):
            raise forms.ValidationError(
                "公費負担者番号の検証番号が合いません。打ち間違いを確かめてください。"
            )
        return number

    def clean_recipient_number(self) -> str:
        """受給者番号の確認 — seven digits."""
        number: str = self.cleaned_data["recipient_number"]
        if number and len(number) != 7:
            raise forms.ValidationError("受給者番号は7桁です。")
        return number

    def clean_local_rule(self) -> str:
        """地方単独公費の制度の確認 — a programme the institution knows, by its id."""
        name = unicodedata.normalize("NFKC", self.cleaned_data["local_rule"]).strip()
        if name and name not in copayment_settings().local_rules:
            raise forms.ValidationError(
                f"制度「{name}」は知られていません。idを確かめるか、料金表と契約の画面で制度ファイルを取り込んでください。"
            )
        return name

    def recipient_caution(self) -> list[str]:
        """受給者番号の注意 — what is told, not refused: a check digit that fails, a local card without its rule."""
        given = self.cleaned_data
        told = []
        if given["recipient_number"] and not has_valid_check_digit(given["recipient_number"]):
            told.append("受給者番号の検証番号が合いません。証の番号を確かめてください。")
        number = given["payer_number"]
        if number[:2] not in BY_LAW_CODE and not given["local_rule"]:
            told.append(f"地方単独公費の制度が選ばれていないため、会計できません。{_candidates(number)}")
        return told

    def value(self, base: PublicProgramme | None = None) -> PublicProgramme:
        """公費の値 — after :meth:`is_valid`; what the form does not ask stays as in ``base``."""
        given = self.cleaned_data
        return replace(
            base or PublicProgramme(given["payer_number"]),
            payer_number=given["payer_number"],
            recipient_number=given["recipient_number"],
            month_cap_yen=given["month_cap_yen"],
            paid_elsewhere_yen=given["paid_elsewhere_yen"] or 0,
            income_class=IncomeClass(given["income_class"]) if given["income_class"] else None,
            local_rule=given["local_rule"],
        )

    @staticmethod
    def initial_of(
        value: PublicProgramme, since: date, until: date | None, confirmed_on: date | None
    ) -> dict[str, Any]:
        """公費の初期値 — a record as the form shows it."""
        return {
            "payer_number": value.payer_number,
            "recipient_number": value.recipient_number,
            "month_cap_yen": value.month_cap_yen,
            "paid_elsewhere_yen": value.paid_elsewhere_yen or None,
            "income_class": value.income_class.value if value.income_class else "",
            "local_rule": value.local_rule,
            "since": since,
            "until": until,
            "confirmed_on": confirmed_on,
        }


def _candidates(payer_number: str) -> str:
    """The programmes of a card's prefecture and number, for the clerk to choose from."""
    found = [
        f"{rule.id} {rule.name}（{steps_text(rule.steps) if rule.steps else '額が未登録'}）"
        for rule in copayment_settings().local_rules.values()
        if rule.law_code == payer_number[:2] and rule.prefecture == payer_number[2:4]
    ]
    return f"この番号の制度: {'、'.join(found[:12])}" if found else "この番号の制度は一覧にありません。"


def _yen(text: str) -> int | None:
    return int(text) if text else None
