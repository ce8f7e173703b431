# SPDX-License-Identifier: Apache-2.0
"""病名の登録 — adding with modifiers, main and suspected, outcomes, and taking the last act back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tasuki.chart.visit import Outcome
from tasuki.masters.book import DayBook
from tasuki_server.audit.trail import emit, record
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.patients.models import Patient

SUSPECTED = "8002"  # 接尾語「の疑い」
UNDONE = "元に戻す"


def diagnosis_name(code: str, modifiers: Sequence[str], book: DayBook) -> str:
    """病名の表記 — prefixes, disease, suffixes, as the claim prints them.

    Raises ``UnknownCode`` or ``EndedCode``.
    """
    rows = [book.modifier(each) for each in modifiers]
    before = "".join(row.name for row in rows if not row.is_suffix)
    after = "".join(row.name for row in rows if row.is_suffix)
    return f"{before}{book.disease(code).name}{after}"


def add_diagnosis(
    patient: Patient,
    code: str,
    modifiers: Sequence[str],
    since: date,
    book: DayBook,
    *,
    is_main: bool = False,
) -> DiagnosisRecord:
    """病名の追加 — 「の疑い」 among the modifiers makes it suspected."""
    saved = DiagnosisRecord.objects.create(
        patient=patient,
        code=code,
        modifiers=list(modifiers),
        name=diagnosis_name(code, modifiers, book),
        since=since,
        is_main=is_main,
        is_suspected=SUSPECTED in modifiers,
    )
    return _told(saved, "add")


def change_diagnosis(
    row: DiagnosisRecord, *, read_version: int, reason: str, **changes: Any
) -> DiagnosisRecord:
    """病名の変更 — a new version; raises ``StaleVersion``."""
    return _told(row.revise(read_version=read_version, reason=reason, **changes), "revise")


def close_diagnosis(
    row: DiagnosisRecord, outcome: Outcome, day: date, *, read_version: int
) -> DiagnosisRecord:
    """転帰の登録 — the disease ends on a day; raises ``ValueError`` for a day before it began."""
    if day < row.since:
        raise ValueError(day)
    return change_diagnosis(
        row, read_version=read_version, reason="転帰", outcome=outcome.value, ended_on=day
    )


def set_suspected(
    row: DiagnosisRecord, suspected: bool, book: DayBook, *, read_version: int
) -> DiagnosisRecord:
    """疑いの変更 — the suffix and the mark go together."""
    modifiers = [each for each in row.modifiers if each != SUSPECTED] + ([SUSPECTED] if suspected else [])
    return change_diagnosis(
        row,
        read_version=read_version,
        reason="疑いの変更",
        modifiers=modifiers,
        is_suspected=suspected,
        name=diagnosis_name(row.code, modifiers, book),
    )


def undo_diagnosis(row: DiagnosisRecord, *, read_version: int) -> DiagnosisRecord:
    """元に戻す — the state before the last act, as a new version; the first act is undone by withdrawing."""
    if row.previous is None:
        return _told(row.withdraw(read_version=read_version, reason=UNDONE), "withdraw")
    before = row.previous
    names = (
        "code",
        "name",
        "modifiers",
        "since",
        "is_main",
        "is_suspected",
        "outcome",
        "ended_on",
        "withdrawn",
    )
    return change_diagnosis(
        row, read_version=read_version, reason=UNDONE, **{name: getattr(before, name) for name in names}
    )


def _told(saved: DiagnosisRecord, verb: str) -> DiagnosisRecord:
    record(f"diagnosis.{verb}", saved, saved.patient_id, {"version": saved.version})
    emit("diagnosis.changed", {"patient": str(saved.patient_id), "record": str(saved.record_id)})
    return saved
