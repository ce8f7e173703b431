# SPDX-License-Identifier: Apache-2.0
"""資格の登録の入力 — a person, a card with its certificates, a ticket of 医療扶助, a certificate of PMH."""

from __future__ import annotations

from typing import Any

from django import forms

from tasuki.eligibility.codes import CODES, LIMIT_CLASSES
from tasuki.eligibility.numbers import read_payer_number
from tasuki_server.eligibility.certificates import Certificates, DiseaseRow, ElderRow, LimitRow
from tasuki_server.eligibility.models import HeldQualification, InsuredPerson
from tasuki_server.patients.forms import DayField, JapaneseForm

_NONE = ("", "―")


def _choices(table: str, *, is_optional: bool = False) -> list[tuple[str, str]]:
    found = [(code, f"{code} {text}") for code, text in CODES[table].items()]
    return [_NONE, *found] if is_optional else found


class PersonForm(JapaneseForm):
    """加入者の入力 — made-up people only."""

    name = forms.CharField(label="氏名", max_length=80, help_text="架空の氏名にしてください")
    kana = forms.CharField(label="カナ", max_length=80)
    sex = forms.ChoiceField(label="性別", choices=_choices("sex"))
    born = DayField(label="生年月日")
    postal_code = forms.RegexField(r"[0-9]{3}-[0-9]{4}", label="郵便番号", required=False)
    address = forms.CharField(label="住所", max_length=200, required=False)
    card = forms.RegexField(
        r"[A-Za-z0-9-]{1,40}", label="カード", required=False, help_text="リーダーの代わりに入れる英数字"
    )
    card_until_on = DayField(label="電子証明書の有効期限", required=False)

    def clean_card(self) -> str:
        """カードの確認 — one for one person."""
        card: str = self.cleaned_data["card"]
        if card and InsuredPerson.objects.filter(card=card).exists():
            raise forms.ValidationError("このカードは、ほかの方に登録されています。")
        return card


class CoverForm(JapaneseForm):
    """資格の入力 — the items of a card; the newest certificate of each kind beside it."""

    insurer_number = forms.CharField(label="保険者番号", max_length=8)
    insurer_name = forms.CharField(label="保険者名称", max_length=100, required=False)
    card_class = forms.ChoiceField(label="証の区分", choices=_choices("card"))
    symbol = forms.CharField(label="記号", max_length=20, required=False)
    number = forms.CharField(label="番号", max_length=20)
    branch = forms.RegexField(r"[0-9]{2}", label="枝番", required=False)
    relation = forms.ChoiceField(label="本人・家族", choices=_choices("relation"))
    insured_name = forms.CharField(label="被保険者氏名", max_length=80, required=False)
    qualified_on = DayField(label="資格取得日")
    lost_on = DayField(label="資格喪失日", required=False, help_text="この日から資格がありません")
    loss_reason = forms.ChoiceField(
        label="喪失事由", choices=_choices("loss", is_optional=True), required=False
    )
    since_on = DayField(label="証の有効開始日", required=False)
    until_on = DayField(label="証の有効終了日", required=False)
    share_percent = forms.TypedChoiceField(
        label="負担割合",
        choices=[_NONE, (10, "1割"), (20, "2割"), (30, "3割")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    elder_share = forms.ChoiceField(
        label="高齢受給者証の割合", choices=[_NONE, ("20", "2割"), ("30", "3割")], required=False
    )
    limit_kind = forms.ChoiceField(
        label="認定証の種類", choices=_choices("limit_kind", is_optional=True), required=False
    )
    limit_class = forms.ChoiceField(
        label="適用区分", choices=[_NONE, *((key, f"{key} {text}") for key, text in LIMIT_CLASSES.items())], required=False
    )  # fmt: skip
    disease = forms.ChoiceField(
        label="特定疾病", choices=_choices("disease", is_optional=True), required=False
    )
    certified_on = DayField(
        label="証（高齢・限度額・疾病）の開始日", required=False, help_text="空なら資格取得日"
    )

    OWN = ("insurer_number", "card_class", "symbol", "number", "branch", "relation", "insured_name", "qualified_on",
           "lost_on", "loss_reason", "since_on", "until_on", "share_percent")  # fmt: skip

    def clean_insurer_number(self) -> str:
        """保険者番号の確認 — six or eight digits."""
        found = read_payer_number(self.cleaned_data["insurer_number"])
        if found is None:
            raise forms.ValidationError("保険者番号は6桁か8桁の数字です。")
        return found.text

    def clean(self) -> dict[str, Any]:
        """資格の確認 — days in their order, and a limit with both of its parts."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("lost_on") and given.get("qualified_on") and given["lost_on"] < given["qualified_on"]:
            self.add_error("lost_on", "喪失日が取得日より前です。")
        if bool(given.get("limit_kind")) != bool(given.get("limit_class")):
            self.add_error("limit_class", "認定証の種類と適用区分は、両方入れてください。")
        return given

    def own(self) -> dict[str, Any]:
        """資格の列 — of valid input."""
        return {name: self.cleaned_data[name] for name in self.OWN}

    def certificates(self, before: Certificates) -> Certificates:
        """証の一覧 — the newest of each kind as entered; earlier ones stay, and none goes by leaving a field empty."""
        given = self.cleaned_data
        since = given["certified_on"] or given["qualified_on"]
        elder, limits, diseases = before.elder, before.limits, before.diseases
        if given["elder_share"]:
            elder = (*(each for each in elder if each.since != since), ElderRow(since=since, share=int(given["elder_share"])))  # fmt: skip
        if given["limit_kind"]:
            new = LimitRow(since=since, kind=given["limit_kind"], limit_class=given["limit_class"])
            limits = (*(each for each in limits if each.since != since), new)
        if given["disease"]:
            most = 20_000 if given["disease"] == "1" and given["share_percent"] == 30 else 10_000
            kept = (each for each in diseases if each.category != given["disease"])
            diseases = (*kept, DiseaseRow(since=since, category=given["disease"], limit_yen=most))
        return Certificates(elder, limits, diseases)

    @classmethod
    def initial_of(cls, cover: HeldQualification) -> dict[str, Any]:
        """資格の初期値 — of a card that is changed."""
        return {name: getattr(cover, name) for name in cls.OWN}


class TicketForm(JapaneseForm):
    """医療券の入力 — of a month, for one institution."""

    month = forms.RegexField(r"20[0-9]{2}(0[1-9]|1[0-2])", label="診療年月", help_text="YYYYMM")
    institution_number = forms.RegexField(r"[0-9]{10}", label="指定医療機関（10桁）")
    since_on = DayField(label="有効開始日")
    until_on = DayField(label="有効終了日")
    issue_number = forms.CharField(label="交付番号", max_length=20)
    injury = forms.CharField(label="傷病名", max_length=60, required=False)
    self_pay = forms.IntegerField(label="本人支払額", min_value=0, max_value=9_999_999, required=False)

    def items(self) -> dict[str, str]:
        """医療券の項目 — by official name."""
        given = self.cleaned_data
        items = {
            "TicketType": "1",
            "IssueNumber": given["issue_number"],
            "InjuryName1": given["injury"],
            "SelfPayAmount": "" if given["self_pay"] is None else str(given["self_pay"]),
        }
        return {name: text for name, text in items.items() if text}


class SubsidyForm(JapaneseForm):
    """公費の受給者証の入力 — as a municipality registers it."""

    payer_number = forms.RegexField(r"[0-9]{8}", label="公費負担者番号", help_text="8桁")
    recipient_number = forms.CharField(label="受給者番号", max_length=30)
    certificate_name = forms.CharField(label="受給者証の名称", max_length=100)
    since_on = DayField(label="有効開始日")
    until_on = DayField(label="有効終了日", required=False)
    most_yen = forms.IntegerField(label="自己負担上限額", min_value=0, max_value=9_999_999, required=False)
    is_reimbursed = forms.BooleanField(label="常に償還払い", required=False)
