# SPDX-License-Identifier: Apache-2.0
"""予約の入力 — day, time, doctor, and a word for the desk."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django import forms

from tasuki.claims.codes import DEPARTMENTS
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.forms import DayField, JapaneseForm
from tasuki_server.reception.booking import Wish
from tasuki_server.reception.booking_models import Booking
from tasuki_server.reception.clock import today


def read_time(text: str) -> time | None:
    """時刻の読取り — 「9:30」「930」「９時３０分」「9」; None for anything else.

    >>> read_time("９：３０"), read_time("930"), read_time("14時"), read_time("2530"), read_time("")
    (datetime.time(9, 30), datetime.time(9, 30), datetime.time(14, 0), None, None)
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    folded = folded.replace("時", ":").replace("分", "").removesuffix(":")
    hour, colon, minute = folded.partition(":")
    if not colon and len(folded) in (3, 4):
        hour, minute = folded[:-2], folded[-2:]
    minute = minute or "00"
    if not (hour.isascii() and hour.isdecimal() and minute.isascii() and minute.isdecimal()):
        return None
    if len(hour) > 2 or len(minute) != 2 or int(hour) > 23 or int(minute) > 59:
        return None
    return time(int(hour), int(minute))


class TimeField(forms.CharField):
    """時刻欄 — takes 9:30 and 930; gives a ``time``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 10)
        super().__init__(**options)
        self.widget.attrs.update({"autocomplete": "off", "placeholder": "9:30 / 930", "size": 7})

    def clean(self, value: Any) -> time | None:
        """時刻の読取り — empty stays None."""
        text = super().clean(value)
        if not text:
            return None
        found = read_time(text)
        if found is None:
            raise forms.ValidationError("時刻として読めません。9:30、930 のように入れてください。")
        return found

    def prepare_value(self, value: Any) -> Any:
        """時刻の表示 — 9:30."""
        return f"{value:%-H:%M}" if isinstance(value, time) else value


class BookingForm(JapaneseForm):
    """予約の入力 — for a new one ``patient`` says who; a day that is over is refused."""

    patient = forms.CharField(
        label="患者", max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    number = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=10**9)
    day = DayField(label="予約日")
    time = TimeField(label="時刻")
    doctor = forms.ChoiceField(label="担当医", required=False)
    department = forms.ChoiceField(label="診療科", choices=list(DEPARTMENTS.items()))
    memo = forms.CharField(label="メモ", max_length=200, required=False)
    read_stamp = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, doctors: Sequence[Staff], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["doctor"].choices = [("", "決めない"), *((str(each.id), each.name) for each in doctors)]  # type: ignore[attr-defined]
        self.fields["patient"].widget.attrs.update({"placeholder": "カナ・漢字・番号・生年月日"})

    def clean_day(self) -> Any:
        """予約日の確認 — today or later."""
        day = self.cleaned_data["day"]
        if day is not None and day < today():
            raise forms.ValidationError("過ぎた日には予約できません。")
        return day

    def wish(self) -> Wish:
        """予約の内容 — after :meth:`is_valid`."""
        given = self.cleaned_data
        doctor = UUID(given["doctor"]) if given["doctor"] else None
        return Wish(given["day"], given["time"], given["department"], doctor, given["memo"])

    @staticmethod
    def initial_of(booking: Booking) -> dict[str, Any]:
        """予約の初期値 — of one that is being changed."""
        return {
            "day": booking.day,
            "time": booking.time,
            "doctor": str(booking.doctor_id) if booking.doctor_id else "",
            "department": booking.department,
            "memo": booking.memo,
            "read_stamp": booking.stamp,
        }
