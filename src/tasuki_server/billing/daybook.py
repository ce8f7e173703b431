# SPDX-License-Identifier: Apache-2.0
"""日計 — what was billed and what money moved on one day, adding up to the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Sum

from tasuki_server.billing.models import AccountEntry, Bill, EntryKind, PaymentMethod


class DayLine(NamedTuple):
    """日計の行 — one visit: points, insured share, 自費, and the money of the day by kind."""

    visit_id: object
    patient: object
    points: int
    patient_yen: int
    own_yen: int
    paid_yen: int
    owed_yen: int
    is_first_visit: bool


@dataclass(frozen=True, slots=True)
class Daybook:
    """日計 — of one day; ``methods`` sums the money by how it was paid, refunds taken off."""

    day: date
    lines: tuple[DayLine, ...]
    methods: tuple[tuple[str, int, int], ...]
    other_entries: tuple[AccountEntry, ...]

    @property
    def points(self) -> int:
        """合計点数."""
        return sum(line.points for line in self.lines)

    @property
    def billed_yen(self) -> int:
        """請求計 — shares and 自費."""
        return sum(line.patient_yen + line.own_yen for line in self.lines)

    @property
    def received_yen(self) -> int:
        """入金計 — money taken on the day, refunds taken off."""
        return sum(yen for _, _, yen in self.methods)

    @property
    def owed_yen(self) -> int:
        """当日分の未収 — of the day's visits."""
        return sum(line.owed_yen for line in self.lines)


def daybook_of(day: date) -> Daybook:
    """日計の作成 — the day's bills, the money of the day, and entries of other days' visits."""
    bills = list(
        Bill.objects.current().filter(day=day).select_related("patient", "visit").order_by("visit__serial")
    )
    visit_ids = [bill.visit_id for bill in bills]
    sums = AccountEntry.objects.filter(visit_id__in=visit_ids).values("visit_id").annotate(total=Sum("yen"))
    owed = {row["visit_id"]: row["total"] for row in sums}
    money = AccountEntry.objects.filter(day=day, kind__in=[EntryKind.PAYMENT, EntryKind.REFUND])
    paid: dict[object, int] = {}
    by_method: dict[str, list[int]] = {}
    for entry in money:
        paid[entry.visit_id] = paid.get(entry.visit_id, 0) - entry.yen
        by_method.setdefault(entry.method, []).append(-entry.yen)
    lines = tuple(
        DayLine(
            bill.visit_id,
            bill.patient,
            bill.total_points,
            bill.patient_yen,
            bill.own_yen,
            paid.get(bill.visit_id, 0),
            owed.get(bill.visit_id, 0),
            bill.is_first_visit,
        )
        for bill in bills
    )
    labels = dict(PaymentMethod.choices)
    methods = tuple((labels[method], len(found), sum(found)) for method, found in sorted(by_method.items()))
    others = money.exclude(visit_id__in=visit_ids).select_related("patient")
    return Daybook(day, lines, methods, tuple(others))
