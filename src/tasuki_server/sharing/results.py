# SPDX-License-Identifier: Apache-2.0
"""検査結果の記録 — entering a report item by item, correcting and withdrawing; a correction says why."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.models import LabResult

register(
    {
        "desk.result_empty": "{place}に項目と結果を入れてください。",
        "desk.result_range": "{place}の基準値「{value}」は数字で入れてください。",
        "desk.result_day": "採取日「{value}」を読めません。2026-06-15 や R8.6.15 のように、今日までの日で入れてください。",
        "desk.result_time": "採取時刻「{value}」を読めません。9:30 のように入れてください。",
    }
)
_CODES = {
    "desk.result_empty": "SHR-0021",
    "desk.result_range": "SHR-0022",
    "desk.result_day": "SHR-0023",
    "desk.result_time": "SHR-0024",
}
TOKYO = ZoneInfo("Asia/Tokyo")
SPECIMENS = ("血清", "血漿", "全血", "尿", "その他")
ROWS = 6


class Entered(NamedTuple):
    """入力した検査 — one line of the form, read."""

    name: str
    value: str
    unit: str
    low: str
    high: str
    specimen: str
    item_code: str


def read_lines(form: Mapping[str, Sequence[str]]) -> tuple[Entered, ...]:
    """検査の行の読取 — lines left empty are none; raises ``BadInput`` naming the line."""
    columns = [form.get(each, ()) for each in Entered._fields]
    found, faults = [], []
    for place in range(max((len(column) for column in columns), default=0)):
        cells = [_plain(column[place]) if place < len(column) else "" for column in columns]
        line = Entered(*cells)
        if not any((line.name, line.value, line.unit, line.low, line.high, line.item_code)):
            continue
        where = f"{place + 1}行目"
        if not (line.name and line.value):
            faults.append(_finding("desk.result_empty", place=where))
        for each in (line.low, line.high):
            if each and number_of(each) is None:
                faults.append(_finding("desk.result_range", place=where, value=each))
        found.append(line._replace(specimen=line.specimen or SPECIMENS[0]))
    if not found and not faults:
        faults.append(_finding("desk.result_empty", place="1行目"))
    if faults:
        raise BadInput(faults)
    return tuple(found)


def read_moment(day_text: str, time_text: str, visit: Visit) -> datetime:
    """採取日時の読取 — raises ``BadInput``; without a time the morning of the day counts as not known (0:00)."""
    day = read_day(day_text) if day_text.strip() else visit.day
    if day is None or day > current_work().at.astimezone(TOKYO).date():
        raise BadInput([_finding("desk.result_day", value=day_text)])
    if not time_text.strip():
        return _moment(day, time(0, 0))
    hours, _, minutes = _plain(time_text).partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        raise BadInput([_finding("desk.result_time", value=time_text)])
    return _moment(day, time(int(hours), int(minutes)))


def keep_report(visit: Visit, lines: Sequence[Entered], collected_at: datetime) -> list[LabResult]:
    """検査報告の記録 — all items of one report in one transaction."""
    report = new_id()
    saved = []
    for line in lines:
        row = LabResult.objects.create(
            patient_id=visit.patient_id,
            visit=visit,
            report=report,
            collected_at=collected_at,
            **{**line._asdict(), "name": line.name[:80], "value": line.value[:60], "unit": line.unit[:20]},
        )
        saved.append(_told(row, "add"))
    return saved


def withdraw_result(row: LabResult, *, read_version: int, reason: str) -> LabResult:
    """結果の取消 — it was never this person's, or never measured."""
    return _told(row.withdraw(read_version=read_version, reason=reason), "withdraw")


def results_of(patient_id: UUID) -> list[LabResult]:
    """患者の検査結果 — the newest report first, its items in the order they were entered."""
    rows = LabResult.objects.current().filter(patient=patient_id)  # type: ignore[attr-defined]
    return list(rows.order_by("-collected_at", "report", "made_at", "id"))


def number_of(text: str) -> Decimal | None:
    """数値 — of a cell, None for words.

    >>> number_of("１３.２"), number_of("陰性"), number_of("<0.1")
    (Decimal('13.2'), None, None)
    """
    try:
        found = Decimal(_plain(text))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, TOKYO)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _finding(key: str, **facts: object) -> Finding:
    return Finding(_CODES[key], Severity.BLOCK, Where(record="検査結果"), key, facts)


def _told(saved: LabResult, verb: str) -> LabResult:
    record(f"result.{verb}", saved, saved.patient_id, {"version": saved.version})
    emit("result.changed", {"patient": str(saved.patient_id), "record": str(saved.record_id)})
    return saved
