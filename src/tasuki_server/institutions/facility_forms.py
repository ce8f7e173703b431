# SPDX-License-Identifier: Apache-2.0
"""施設の設定の入力 — who the institution is, when it is open, and which standards it has notified."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms

from tasuki.claims.codes import DEPARTMENTS
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.opening_hours import WEEKDAYS, read_hours, write_hours
from tasuki_server.patients.birth_text import read_day
from tasuki_server.patients.forms import DayField, JapaneseForm


class FacilityForm(JapaneseForm):
    """施設の設定の入力 — the code and the prefecture are those of the designation and do not change here."""

    name = forms.CharField(label="名称", max_length=100)
    telephone = forms.CharField(label="電話番号", max_length=20, required=False)
    address = forms.CharField(label="所在地", max_length=200, required=False)
    director = forms.CharField(label="開設者・管理者", max_length=60, required=False)
    beds = forms.IntegerField(label="許可病床数", min_value=0, max_value=9999, help_text="無床は0")
    general_beds = forms.IntegerField(
        label="うち一般病床", min_value=0, max_value=9999, required=False, help_text="空なら許可病床のすべて"
    )
    departments = forms.MultipleChoiceField(
        label="標榜する診療科", choices=list(DEPARTMENTS.items()), required=False
    )
    is_open_on_holidays = forms.BooleanField(label="祝日も曜日どおり診療する", required=False)
    closed_days = forms.CharField(
        label="臨時の休診日",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="1行に1日。例: 2026-08-13",
    )
    read_stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for weekday, label in enumerate(WEEKDAYS):
            self.fields[f"hours_{weekday}"] = forms.CharField(
                label=f"{label}曜", max_length=80, required=False
            )
            self.fields[f"hours_{weekday}"].widget.attrs["placeholder"] = "休診"

    @property
    def hours_fields(self) -> list[forms.BoundField]:
        """診療時間の欄 — Monday to Sunday."""
        return [self[f"hours_{weekday}"] for weekday in range(len(WEEKDAYS))]

    @staticmethod
    def initial_of(institution: Institution) -> dict[str, Any]:
        """施設の設定の初期値."""
        names = ("name", "telephone", "address", "director", "beds", "general_beds", "departments")
        hours = {
            f"hours_{weekday}": write_hours(institution.hours, weekday) for weekday in range(len(WEEKDAYS))
        }
        return {
            **{name: getattr(institution, name) for name in names},
            **hours,
            "is_open_on_holidays": institution.is_open_on_holidays,
            "closed_days": "\n".join(sorted(institution.closed_days)),
        }

    def clean_closed_days(self) -> list[str]:
        """休診日の読取り — days, one a line."""
        found: set[date] = set()
        for line in re.split(r"[\n,、]+", self.cleaned_data["closed_days"]):
            if not line.strip():
                continue
            day = read_day(line.strip())
            if day is None:
                raise forms.ValidationError(f"「{line.strip()}」を日付として読めません。")
            found.add(day)
        return [day.isoformat() for day in sorted(found)]

    def clean(self) -> dict[str, Any]:
        """施設の設定の確認 — hours are read, and the general beds are some of all beds."""
        cleaned: dict[str, Any] = super().clean() or {}
        hours: list[dict[str, object]] = []
        for weekday in range(len(WEEKDAYS)):
            name = f"hours_{weekday}"
            try:
                hours += read_hours(weekday, cleaned.get(name) or "")
            except ValueError as error:
                self.add_error(name, str(error))
        general, beds = cleaned.get("general_beds"), cleaned.get("beds")
        if general is not None and beds is not None and general > beds:
            self.add_error("general_beds", "一般病床が許可病床数より多くなっています。")
        return {**cleaned, "hours": hours}

    def values(self) -> dict[str, Any]:
        """施設の設定の列 — after :meth:`is_valid`."""
        names = (
            "name", "telephone", "address", "director", "beds", "general_beds", "departments",
            "is_open_on_holidays", "closed_days", "hours",
        )  # fmt: skip
        return {name: self.cleaned_data[name] for name in names}


class StandardForm(JapaneseForm):
    """施設基準の届出の入力 — the standard, and the days it may be billed by."""

    code = forms.CharField(label="施設基準", max_length=60, widget=forms.HiddenInput)
    since = DayField(label="算定開始日")
    until = DayField(label="算定終了日", required=False)
    read_stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """届出の確認 — the end is not before the start."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", "算定終了日が開始日より前です。")
        return cleaned
