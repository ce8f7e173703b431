# SPDX-License-Identifier: Apache-2.0
"""請求と会計の突合 — the points of the receipts against the bills, the patients' shares against the account, to the yen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Sum

from tasuki_server.billing.models import AccountEntry, Bill, EntryKind

if TYPE_CHECKING:
    from tasuki_server.claims.models import BuiltClaim


@dataclass(frozen=True, slots=True)
class Difference:
    """差異 — one patient (by chart number) whose receipts and account do not agree; ``unit`` is 点 or 円."""

    number: int
    name: str
    what: str
    claimed: int
    recorded: int
    unit: str


def compare_with_ledger(month: date) -> list[Difference]:
    """請求と会計の突合 — of the newest making of a month; empty when everything agrees.

    Receipts left out of the files count: they are claimed later, and what they ask must agree all the same.
    """
    from tasuki_server.claims.making import newest_build

    build = newest_build(month)
    return compare_claims(month, build.claims.all() if build is not None else [])


def compare_claims(month: date, claims: Iterable[BuiltClaim]) -> list[Difference]:
    """レセプトと会計の突合 — points and patients' yen, patient by patient."""
    points: dict[object, int] = {}
    yen: dict[object, int] = {}
    for claim in claims:
        points[claim.patient_id] = points.get(claim.patient_id, 0) + claim.points
        yen[claim.patient_id] = yen.get(claim.patient_id, 0) + claim.patient_yen
    rows = Bill.objects.current().filter(day__year=month.year, day__month=month.month, charge__isnull=False)
    billed = list(rows.select_related("patient"))
    patients = {bill.patient_id: bill.patient for bill in billed}
    charged = _charged_by_patient(month)
    own: dict[object, int] = {}
    billed_points: dict[object, int] = {}
    for bill in billed:
        billed_points[bill.patient_id] = billed_points.get(bill.patient_id, 0) + bill.total_points
        own[bill.patient_id] = own.get(bill.patient_id, 0) + bill.own_yen
    found = []
    for key, patient in sorted(patients.items(), key=lambda pair: pair[1].number):
        share = charged.get(key, 0) - own.get(key, 0)
        for what, claimed, recorded, unit in (
            ("点数", points.get(key, 0), billed_points.get(key, 0), "点"),
            ("患者負担額", yen.get(key, 0), share, "円"),
        ):
            if claimed != recorded:
                found.append(Difference(patient.number, patient.name, what, claimed, recorded, unit))
    return found


def _charged_by_patient(month: date) -> dict[object, int]:
    """What the accounts were charged for the visits of the month that are under a payer."""
    under_payer = (
        Bill.objects.current()
        .filter(day__year=month.year, day__month=month.month, charge__isnull=False)
        .values("visit_id")
    )
    rows = AccountEntry.objects.filter(
        visit_id__in=under_payer, kind__in=[EntryKind.CHARGE, EntryKind.ADJUSTMENT]
    )
    return {row["patient_id"]: row["total"] for row in rows.values("patient_id").annotate(total=Sum("yen"))}
