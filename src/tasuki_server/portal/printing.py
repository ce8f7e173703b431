# SPDX-License-Identifier: Apache-2.0
"""PDFでの持出し — the person's record on paper, by the form 本人の記録 (decision 0601)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import chain
from typing import TypeVar

import msgspec
from django.utils import timezone

from tasuki.forms.own_record import OwnRecord, RecordPart
from tasuki.forms.render import render
from tasuki.forms.unprintable import without_unprintable
from tasuki.sharing.permission import RecordKind
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.portal.checkup_reading import checkups_kept, checkups_reported
from tasuki_server.portal.data import LABS, checkups_of, drugs_elsewhere, own_data, records_since
from tasuki_server.portal.entries import entries_of
from tasuki_server.portal.models import EntryKind, OwnEntry
from tasuki_server.portal.reading import allergy_rows, condition_rows, drug_rows, lab_rows
from tasuki_server.portal.templatetags.portal_text import moment_text
from tasuki_server.portal.trends import range_text

_T = TypeVar("_T")
_MARKS = {"H": "高い", "L": "低い", "A": "異常の印"}
_NOTES = (
    "医療機関が登録した内容のうち、本人に示すものを印刷しています。登録のない病気や薬がないことを示すものではありません。",
    "「本人の記入」は本人が書いたもので、医療機関が確かめたものではありません。",
)


def record_pdf(person: InsuredPerson, at: datetime) -> bytes:
    """PDFでの持出し — a character no font has is printed as 〓."""
    data, _ = without_unprintable(msgspec.to_builtins(own_record(person, at)))
    return render("own_record", data)


def own_record(person: InsuredPerson, at: datetime) -> OwnRecord:
    """本人の記録 — as the form takes it."""
    told = own_data(person)
    conditions = condition_rows(told.of(RecordKind.CONDITION))
    allergies = allergy_rows(told.of(RecordKind.ALLERGY))
    labs = lab_rows(told.of(*LABS))
    prescribed = drug_rows(told.of(RecordKind.PRESCRIPTION))
    elsewhere = drugs_elsewhere(person, records_since())
    checkups = [*checkups_reported(told), *checkups_kept(checkups_of(person))]
    parts = (
        _part("病名", ("病名", "始まり", "終わり", "医療機関"), conditions,
              lambda r: (r.name, _day(r.since), _day(r.until), r.institution)),
        _part("アレルギー", ("もの", "症状", "重さ", "医療機関"), allergies,
              lambda r: (r.name, r.reactions, "重い" if r.criticality == "high" else "", r.institution)),
        _part("薬", ("日", "薬", "用法", "医療機関"),
              chain(((r.on, r.name, r.amount, r.usage, r.institution) for r in prescribed),
                    ((d.day, d.name, f"{d.quantity}{d.unit}", d.usage, d.institution_name) for d in elsewhere)),
              lambda r: (_day(r[0]), f"{r[1]} {r[2]}".strip(), r[3], r[4])),
        _part("検査結果", ("日", "検査", "結果", "基準範囲", "医療機関"), labs,
              lambda r: (_day(r.on), r.name, f"{r.value} {r.unit}".strip() + _mark(r.mark), range_text(r), r.institution)),
        _part("健診", ("日", "項目", "結果", "登録した所"),
              ((each, line) for each in checkups for line in each.lines),
              lambda r: (_day(r[0].on), r[1].name, r[1].value + _mark(r[1].mark), r[0].institution or "医療保険者")),
        _part("本人の記入（医療機関は確かめていません）", ("日時", "種類", "値"), entries_of(person),
              lambda r: (moment_text("ja", r.measured_at), r.get_kind_display(), _entry(r))),
    )  # fmt: skip
    return OwnRecord(person.name, _day(person.born), timezone.localtime(at), parts, _NOTES)


def _part(
    title: str, columns: tuple[str, ...], rows: Iterable[_T], cells: Callable[[_T], tuple[str, ...]]
) -> RecordPart:
    return RecordPart(title, columns, tuple(cells(row) for row in rows))


def _day(day: date | None) -> str:
    return moment_text("ja", day)


def _mark(mark: str) -> str:
    return f"（{_MARKS[mark]}）" if mark else ""


def _entry(row: OwnEntry) -> str:
    if row.kind == EntryKind.PRESSURE:
        return f"{row.upper_mmhg}/{row.lower_mmhg} mmHg"
    return f"{row.weight_kg} kg" if row.kind == EntryKind.WEIGHT else row.text
