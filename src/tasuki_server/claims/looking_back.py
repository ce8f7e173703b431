# SPDX-License-Identifier: Apache-2.0
"""縦覧・突合の資料 — the past months of the same patients, and what pharmacies dispensed on our prescriptions.

The past is what this institution keeps: the newest making of each earlier month. It is found by patient and not by
card, so that a change of insurer hides nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from uuid import UUID

from tasuki.chart.orders import Dispensing, Order, OrderKind
from tasuki.claims.content import Content, Dispensed, PersonKey, Prescribed, dispensed_by_person, person_of
from tasuki.claims.indications import starter_indications
from tasuki.claims.reader import read
from tasuki.claims.receipt import Receipt
from tasuki_server.claims.gather import GatheredPatient
from tasuki_server.claims.models import BuiltClaim, ClaimBuild, ResultFile, ResultKind
from tasuki_server.claims.months import shift

MOST_MONTHS = 12
_COUNTED = frozenset({OrderKind.INTERNAL, OrderKind.AS_NEEDED})
_DRUG = "6"


@dataclass(frozen=True, slots=True)
class LookingBack:
    """縦覧・突合の資料 — by patient the ids and marks of earlier receipts; by person what was dispensed outside."""

    months: int
    claims: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    marks: Mapping[UUID, str] = field(default_factory=dict)
    dispensed: Mapping[PersonKey, tuple[Dispensed, ...]] = field(default_factory=dict)
    files_mark: str = ""

    def digest(self, gathered: GatheredPatient) -> str:
        """作成と点検の元 — of all that makes a patient's receipts and all they are checked with."""
        parts = (gathered.digest, str(self.months), self.marks.get(gathered.patient.id, ""), self.files_mark)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def past_of(self, patient_id: UUID) -> tuple[Receipt, ...]:
        """過去のレセプト — of one patient, read only when the month is checked anew."""
        ids = self.claims.get(patient_id, ())
        if not ids:
            return ()
        return tuple(each.receipt() for each in BuiltClaim.objects.filter(pk__in=ids).only("records"))

    def content(
        self, receipt: Receipt, past: tuple[Receipt, ...], prescribed: tuple[Prescribed, ...]
    ) -> Content:
        """内容点検の前提 — for one receipt of a patient."""
        key = person_of(receipt)
        return Content(
            indications=starter_indications(),
            past={key: past} if key is not None and past else {},
            dispensed=self.dispensed,
            prescribed={receipt.header.chart_number: prescribed},
        )


def look_back(month: date, months: int, institution_code: str) -> LookingBack:
    """縦覧・突合の資料の用意 — of so many months before one (0 to 12), and the pharmacies' files of it."""
    months = max(0, min(months, MOST_MONTHS))
    newest = (
        ClaimBuild.objects.filter(month__lt=month, month__gte=shift(month, -months))
        .order_by("month", "-number")
        .distinct("month")
    )
    rows = BuiltClaim.objects.filter(build__in=[each.id for each in newest]) if months else []
    claims: dict[UUID, list[UUID]] = defaultdict(list)
    marks: dict[UUID, list[str]] = defaultdict(list)
    found = rows.order_by("build__month", "key").values_list("patient_id", "id", "digest") if rows else []
    for patient_id, claim_id, digest in found:
        claims[patient_id].append(claim_id)
        marks[patient_id].append(digest or str(claim_id))
    dispensed, files_mark = _dispensed(month, institution_code)
    return LookingBack(
        months,
        {key: tuple(ids) for key, ids in claims.items()},
        {key: "\0".join(each) for key, each in marks.items()},
        dispensed,
        files_mark,
    )


def prescribed_outside(visits: Iterable[tuple[date, Iterable[Order]]]) -> tuple[Prescribed, ...]:
    """院外処方の薬 — of a patient's signed orders, each drug on its day; 外用 has an amount and no days."""
    return tuple(
        Prescribed(item.code, day, item.amount, order.count if order.kind in _COUNTED else None)
        for day, orders in visits
        for order in orders
        if order.dispensing is Dispensing.OUTSIDE
        for item in order.items
        if item.code.startswith(_DRUG)
    )


def _dispensed(month: date, institution_code: str) -> tuple[Mapping[PersonKey, tuple[Dispensed, ...]], str]:
    """A prescription of the month may be dispensed in the next one: the files of both claim months after it."""
    files = ResultFile.objects.filter(
        kind=ResultKind.DISPENSING, claim_month__in=[shift(month, 1), shift(month, 2)]
    ).order_by("received_at", "id")
    found: dict[PersonKey, tuple[Dispensed, ...]] = {}
    digests = []
    for file in files:
        digests.append(file.sha256)
        for key, drugs in dispensed_by_person(read(bytes(file.data), file.name), institution_code).items():
            found[key] = tuple(chain(found.get(key, ()), drugs))
    return found, "\0".join(digests)
