# SPDX-License-Identifier: Apache-2.0
"""一覧の期間と患者の絞込み — what the lists of a clinic's desk are asked for by their address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from tasuki.kernel.kana import search_key
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import today

USUAL = timedelta(days=30)


def asked_period(wanted: Mapping[str, str]) -> tuple[date, date]:
    """期間 — ``since`` and ``until``, in whichever order they were given; without them the last thirty days."""
    until = _day(wanted.get("until", "")) or today()
    since = _day(wanted.get("since", "")) or until - USUAL
    return min(since, until), max(since, until)


def is_of_patient(patient: Patient, text: str) -> bool:
    """患者に当たるか — by the whole number, or by part of the name in any writing; a name that is hidden finds nobody."""
    if text.isascii() and text.isdecimal() and text == str(patient.number):
        return True
    key = "" if patient.is_hidden else search_key(text)
    return bool(key) and any(key in search_key(each) for each in (patient.name, patient.kana))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
