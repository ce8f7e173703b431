# SPDX-License-Identifier: Apache-2.0
"""保守作業の入力 — a work order, a company, a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from tasuki.security.maintenance import LENDABLE
from tasuki.security.permissions import Permission
from tasuki_server.maintenance.asking import Asked, Device
from tasuki_server.maintenance.models import MaintenanceCompany, MaintenancePerson
from tasuki_server.patients.forms import DayField, JapaneseForm
from tasuki_server.patients.models import Patient


def scope_choices() -> list[tuple[str, str]]:
    """作業の範囲の選択肢 — every permission that may be lent, with its workplace."""
    return [(str(each), f"{each.about.workplace}: {each.about.label}") for each in LENDABLE]


class MomentField(forms.DateTimeField):
    """日時欄 — the clinic's wall clock, to the minute."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(
            widget=widget,
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            error_messages={"invalid": "2026-06-15 13:00 のように入れてください。"},
            **options,
        )


class OrderForm(JapaneseForm):
    """作業指示の入力 — asked by the clinic or by the vendor; only the clinic names patients."""

    people = forms.MultipleChoiceField(label="作業する人", widget=forms.CheckboxSelectMultiple)
    what = forms.CharField(
        label="作業の内容",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何のために何をするか",
    )
    starts_at = MomentField(label="開始")
    ends_at = MomentField(label="終了")
    scope = forms.MultipleChoiceField(
        label="作業の範囲", choices=scope_choices, widget=forms.CheckboxSelectMultiple
    )
    patients = forms.CharField(
        label="対象の患者番号", required=False, max_length=200,
        help_text="空なら、患者の情報はすべて伏せます。例: 12、15",
    )  # fmt: skip
    device_name = forms.CharField(label="使う端末", max_length=80)
    patched_on = DayField(label="最後の更新プログラムの日")
    protection = forms.CharField(label="EDR・ウイルス対策", max_length=80)
    is_encrypted = forms.BooleanField(label="ディスクを暗号化している", required=False)

    def __init__(self, *args: Any, people: Sequence[MaintenancePerson], with_patients: bool, **options: Any):
        super().__init__(*args, **options)
        self._people = {str(each.id): each for each in people}
        self.fields["people"].choices = [  # type: ignore[attr-defined]
            (str(each.id), f"{each.company.name} {each.staff.name}") for each in people
        ]
        if not with_patients:
            del self.fields["patients"]

    def clean_patients(self) -> list[Patient]:
        """患者番号の読取り — each must be a patient of this institution."""
        words = self.cleaned_data["patients"].replace("、", " ").replace(",", " ").split()
        wrong = [each for each in words if not each.isdecimal() or len(each) > 9]
        numbers = {int(each) for each in words if each not in wrong}
        found = list(Patient.objects.filter(number__in=numbers))
        wrong += [str(each) for each in sorted(numbers - {each.number for each in found})]
        if wrong:
            raise forms.ValidationError(f"この患者番号はありません: {'、'.join(wrong)}")
        return found

    def asked(self) -> Asked:
        """依頼の値 — of a valid form; the company is that of the people."""
        given = self.cleaned_data
        people = [self._people[each] for each in given["people"]]
        return Asked(
            company=people[0].company,
            people=people,
            what=given["what"],
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            scope=[Permission(each) for each in given["scope"]],
            device=Device(
                given["device_name"],
                given["patched_on"].isoformat(),
                given["protection"],
                is_encrypted=given["is_encrypted"],
            ),
            patients=given.get("patients", ()),
        )


class CompanyForm(JapaneseForm):
    """保守業者の入力 — a company."""

    name = forms.CharField(label="会社名", max_length=80)
    telephone = forms.CharField(label="電話番号", max_length=20, required=False)
    contract = forms.CharField(label="契約・委託の範囲", max_length=200, required=False)

    def save(self) -> MaintenanceCompany:
        """保守業者の保存 — of a valid form."""
        given = self.cleaned_data
        return MaintenanceCompany.objects.create(
            name=given["name"], telephone=given["telephone"], contract=given["contract"]
        )


class PersonForm(JapaneseForm):
    """保守業者の人の入力 — one account for one person."""

    name = forms.CharField(label="氏名", max_length=60)
    user = forms.RegexField(
        label="利用者名", max_length=60, regex=r"^[A-Za-z0-9_.@+-]+$",
        error_messages={"invalid": "半角の英数字で入れてください。"},
    )  # fmt: skip
