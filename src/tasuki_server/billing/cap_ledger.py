# SPDX-License-Identifier: Apache-2.0
"""上限額管理 — the month's ledger of 自立支援, 難病 and 小慢: what other institutions collected, beside our own lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from tasuki.calculation.copayment.programmes import BY_LAW_CODE
from tasuki.chart.coverage import Coverage, PublicProgramme
from tasuki_server.audit.trail import record
from tasuki_server.billing.models import Bill
from tasuki_server.billing.payer_models import CapLedgerLine
from tasuki_server.patients.models import ProgrammeRecord
from tasuki_server.reception.models import Visit


class BadLine(ValueError):
    """管理票の誤り — its text is the Japanese sentence to show."""


class LedgerRow(NamedTuple):
    """管理票の行 — a day, where, and what was collected; ``id`` None for our own."""

    day: date
    place: str
    yen: int
    id: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class CardLedger:
    """管理票 — of one card in the month of a visit; ``total_yen`` over all institutions."""

    card: PublicProgramme
    name: str
    rows: tuple[LedgerRow, ...]

    @property
    def total_yen(self) -> int:
        """月計 — every institution's."""
        return sum(row.yen for row in self.rows)


def has_ledger(card: PublicProgramme) -> bool:
    """管理票の有無 — whether the programme keeps one across institutions."""
    programme = BY_LAW_CODE.get(card.law_code)
    return programme is not None and programme.has_ledger


def with_ledgers(coverage: Coverage, visit: Visit) -> Coverage:
    """管理票を加えた資格 — each card with what others collected in the month up to the day of the visit.

    The sum typed with the card counts in the month it was typed in: 「今月」 of another month is not this one's.
    """
    if not any(has_ledger(card) for card in coverage.programmes):
        return coverage
    return replace(coverage, programmes=tuple(_with_ledger(card, visit) for card in coverage.programmes))


def _with_ledger(card: PublicProgramme, visit: Visit) -> PublicProgramme:
    if not has_ledger(card) or not card.id:
        return card
    lines = _lines(card, visit.day).filter(day__lte=visit.day)
    elsewhere = lines.aggregate(total=Sum("yen"))["total"] or 0
    typed = ProgrammeRecord.objects.current().filter(record_id=card.id).first()
    month = timezone.localtime(typed.made_at).date() if typed is not None else None
    is_typed_now = month is not None and (month.year, month.month) == (visit.day.year, visit.day.month)
    return replace(card, paid_elsewhere_yen=elsewhere + (card.paid_elsewhere_yen if is_typed_now else 0))


def _lines(card: PublicProgramme, day: date):  # type: ignore[no-untyped-def]
    rows = CapLedgerLine.objects.current().filter(programme_record=card.id)
    return rows.filter(day__year=day.year, day__month=day.month)


def card_ledgers(coverage: Coverage, visit: Visit) -> tuple[CardLedger, ...]:
    """管理票の一覧 — of the cards of a visit that keep one, others' lines and our own by day."""
    return tuple(_card_ledger(card, visit) for card in coverage.programmes if has_ledger(card))


def _card_ledger(card: PublicProgramme, visit: Visit) -> CardLedger:
    rows = [
        LedgerRow(line.day, line.place, line.yen, line.record_id, line.version)
        for line in _lines(card, visit.day)
    ]
    bills = Bill.objects.current().filter(
        patient_id=visit.patient_id, day__year=visit.day.year, day__month=visit.day.month
    )
    for bill in bills:
        lines = (bill.charge or {}).get("ledger_lines", ())
        mine = sum(line["patient_yen"] for line in lines if line["programme"] == card.key)
        if any(line["programme"] == card.key for line in lines):
            rows.append(LedgerRow(bill.day, "当院", mine, None, 0))
    return CardLedger(card, BY_LAW_CODE[card.law_code].name, tuple(sorted(rows, key=lambda row: row.day)))


def add_line(visit: Visit, programme: str, *, day: date, place: str, yen: int) -> CapLedgerLine:
    """管理票の行の追加 — raises :class:`BadLine` unless the card is the patient's and the day in the visit's month."""
    card = ProgrammeRecord.objects.current().filter(patient_id=visit.patient_id, record_id=programme).first()
    if card is None:
        raise BadLine("この患者の公費ではありません。")
    if (day.year, day.month) != (visit.day.year, visit.day.month):
        raise BadLine("受診と同じ月の日付を入れてください。")
    if not place.strip():
        raise BadLine("医療機関名を入れてください。")
    row = CapLedgerLine(
        patient_id=visit.patient_id,
        programme_record=card.record_id,
        day=day,
        place=place.strip()[:60],
        yen=yen,
    )
    row.save()
    record("cap_ledger.add", row, visit.patient_id, {"yen": yen})
    return row


def has_line(visit: Visit, record_id: UUID) -> bool:
    """管理票の行の有無 — whether the patient ever had this line, withdrawn ones too."""
    return CapLedgerLine.objects.filter(record_id=record_id, patient_id=visit.patient_id).exists()


def withdraw_line(visit: Visit, record_id: UUID, *, read_version: int) -> None:
    """管理票の行の取消 — raises :class:`BadLine` for a line that is not there."""
    row = CapLedgerLine.objects.current().filter(record_id=record_id, patient_id=visit.patient_id).first()
    if row is None:
        raise BadLine("管理票の行がありません。開き直してください。")
    row.withdraw(read_version=read_version, reason="管理票の訂正")
    record("cap_ledger.withdraw", row, visit.patient_id, {"yen": row.yen})
