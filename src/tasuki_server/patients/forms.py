# SPDX-License-Identifier: Apache-2.0
"""患者の入力 — who they are, and what they must not be given."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

import jaconv
from django import forms

from tasuki.claims.characters import is_wide
from tasuki_server.patients.birth_text import read_day
from tasuki_server.patients.models import SEX_LABELS, AllergyKind, AllergySeverity
from tasuki_server.patients.register import WhoTheyAre
from tasuki_server.reception.clock import today

_KANA = re.compile(r"[ァ-ヶー・ 　]+")


class DayField(forms.CharField):
    """日付欄 — takes western and era dates; gives a ``date``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 20)
        super().__init__(**options)
        self.widget.attrs.update(
            {"inputmode": "text", "autocomplete": "off", "placeholder": "1960-04-01 / S35.4.1"}
        )

    def clean(self, value: Any) -> date | None:
        """日付の読取り — empty stays None."""
        text = super().clean(value)
        if not text:
            return None
        day = read_day(text)
        if day is None:
            raise forms.ValidationError(
                "日付として読めません。1960-04-01、S35.4.1、昭和35年4月1日 のように入れてください。"
            )
        return day

    def prepare_value(self, value: Any) -> Any:
        """日付の表示 — as digits."""
        return value.isoformat() if isinstance(value, date) else value


class JapaneseForm(forms.Form):
    """日本語の入力 — required fields and errors say so in Japanese; warnings ask once more before saving."""

    required_css_class = "required"
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.cautions: list[str] = []
        for name, field in self.fields.items():
            field.error_messages["required"] = f"{field.label or name}を入れてください。"
            if field.required and not isinstance(field.widget, forms.RadioSelect):
                field.widget.attrs["aria-required"] = "true"

    @property
    def is_confirmed(self) -> bool:
        """確認済みか — whether the cautions were shown and accepted."""
        return bool(self.data.get("confirmed"))

    def caution(self, *sentences: str) -> bool:
        """注意の提示 — True when saving must wait for the user to accept them."""
        self.cautions = list(sentences)
        return bool(sentences) and not self.is_confirmed


class PatientForm(JapaneseForm):
    """患者基本情報の入力 — for registration."""

    name = forms.CharField(label="氏名", max_length=80)
    kana = forms.CharField(label="カナ氏名", max_length=80)
    born = DayField(label="生年月日")
    sex = forms.ChoiceField(
        label="性別",
        choices=[(sex.value, label) for sex, label in SEX_LABELS.items()],
        widget=forms.RadioSelect,
    )
    phone = forms.CharField(label="電話番号", max_length=20, required=False)
    postal_code = forms.CharField(label="郵便番号", max_length=8, required=False)
    address = forms.CharField(label="住所", max_length=200, required=False)
    memo = forms.CharField(label="メモ", max_length=400, required=False)
    claim_name = forms.CharField(
        label="請求用の氏名",
        max_length=40,
        required=False,
        help_text="氏名にレセプトで使えない文字（髙・﨑など）があるときの表記。空なら通用の字体か、カナで書きます。",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, hint in {"name": "off", "kana": "off", "phone": "off", "address": "off"}.items():
            self.fields[name].widget.attrs["autocomplete"] = hint
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        self.fields["name"].widget.attrs["autofocus"] = True

    def clean_kana(self) -> str:
        """カナ氏名の読取り — hiragana and half width become full-width katakana, as claims and cards write it."""
        text = jaconv.hira2kata(unicodedata.normalize("NFKC", self.cleaned_data["kana"]))
        text = text.replace("-", "ー").strip()
        if not _KANA.fullmatch(text):
            raise forms.ValidationError("カナで入れてください。")
        return re.sub(r"\s+", " ", text)

    def clean_born(self) -> date:
        """生年月日の確認 — not in the future, nobody older than 130."""
        born: date = self.cleaned_data["born"]
        if born > today():
            raise forms.ValidationError("生年月日が未来の日付です。")
        if today().year - born.year > 130:
            raise forms.ValidationError("生年月日が古すぎます。元号を確かめてください。")
        return born

    def clean_phone(self) -> str:
        """電話番号の読取り — half width digits and hyphens."""
        text = unicodedata.normalize("NFKC", self.cleaned_data["phone"])
        if text and not re.fullmatch(r"[0-9+()\- ]{4,20}", text):
            raise forms.ValidationError("電話番号は数字とハイフンで入れてください。")
        return text

    def clean_claim_name(self) -> str:
        """請求用の氏名の確認 — only characters a claim file can hold (JIS X 0208)."""
        text = re.sub(r"\s+", "　", self.cleaned_data["claim_name"].strip())
        strange = "".join(dict.fromkeys(c for c in text if not is_wide(c)))
        if strange:
            raise forms.ValidationError(f"レセプトで使えない文字があります: {strange}")
        return text

    def clean_postal_code(self) -> str:
        """郵便番号の読取り — seven digits."""
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", self.cleaned_data["postal_code"]))
        if digits and len(digits) != 7:
            raise forms.ValidationError("郵便番号は7桁で入れてください。")
        return f"{digits[:3]}-{digits[3:]}" if digits else ""

    def who(self) -> WhoTheyAre:
        """患者基本情報の内容 — after :meth:`is_valid`."""
        names = WhoTheyAre.__dataclass_fields__
        return WhoTheyAre(**{name: self.cleaned_data[name] for name in names})


class PatientRevisionForm(PatientForm):
    """患者基本情報の変更 — says why, and from which version."""

    reason = forms.CharField(label="変更の理由", max_length=200, help_text="例: 転居、改姓、聞き違いの訂正")
    read_version = forms.IntegerField(widget=forms.HiddenInput)


class AllergyForm(JapaneseForm):
    """アレルギーの入力 — a substance, or a drug of the master."""

    kind = forms.ChoiceField(label="種類", choices=AllergyKind.choices, initial=AllergyKind.DRUG)
    substance = forms.CharField(label="原因（薬剤名・物質名）", max_length=80)
    drug_code = forms.CharField(max_length=9, required=False, widget=forms.HiddenInput)
    severity = forms.ChoiceField(
        label="重さ", choices=AllergySeverity.choices, initial=AllergySeverity.SEVERE
    )
    reaction = forms.CharField(label="症状", max_length=200, required=False)


class WithdrawForm(JapaneseForm):
    """取消の入力 — a reason, and the version that was read."""

    reason = forms.CharField(label="理由", max_length=200)
    read_version = forms.IntegerField(widget=forms.HiddenInput)
