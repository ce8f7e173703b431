# SPDX-License-Identifier: Apache-2.0
"""作成後の変更 — which patients' receipts would be made or checked otherwise now than when a month was made.

Two questions. ``hints_of`` is cheap and asked by every page: what was written since. ``changed_patients`` makes the
digest of every patient again and is asked before a month is closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Q

from tasuki_server.billing.changes import changed_bills
from tasuki_server.billing.models import Bill
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.claims.gather import gather_patients
from tasuki_server.claims.looking_back import look_back
from tasuki_server.claims.making import frame_of
from tasuki_server.claims.models import ClaimBuild, ReceiptNote, ResultFile, ResultKind
from tasuki_server.claims.months import shift
from tasuki_server.patients.models import Demographics, Patient

MOST_SHOWN = 30


class Hint(NamedTuple):
    """変更の知らせ — what kind of record was written since, and whose."""

    what: str
    patients: tuple[Patient, ...]
    count: int


def hints_of(build: ClaimBuild) -> list[Hint]:
    """作成後に書かれたもの — bills, diseases and notes of the month, patients, past months, pharmacies' files."""
    since = {"made_at__gt": build.made_at}
    month = build.month
    own = {"day__year": month.year, "day__month": month.month}
    mine = build.claims.values("patient_id")
    bills = Bill.objects.filter(**own, **since).values_list("patient_id", flat=True)
    # A disease of another time changes no receipt of this month.
    of_month = Q(since__lt=shift(month, 1)) & (Q(ended_on__isnull=True) | Q(ended_on__gte=month))
    changed_diseases = DiagnosisRecord.objects.filter(of_month, patient__in=mine, **since)
    people = Demographics.objects.filter(patient__in=mine, **since)
    notes = ReceiptNote.objects.filter(month=month, patient__in=mine, **since)
    past = ClaimBuild.objects.filter(month__lt=month, month__gte=shift(month, -build.months_back), **since)
    earlier = build.months_back and past.filter(reused_count__lt=F("receipt_count")).exists()
    files = ResultFile.objects.filter(
        kind=ResultKind.DISPENSING,
        claim_month__in=[shift(month, 1), shift(month, 2)],
        received_at__gt=build.made_at,
    )
    found = [
        _hint("会計", bills),
        _hint("病名", changed_diseases.values_list("patient_id", flat=True)),
        _hint("レセプトの摘要", notes.values_list("patient_id", flat=True)),
        _hint("患者の基本情報", people.values_list("patient_id", flat=True)),
    ]
    if earlier:
        found.append(Hint("縦覧する過去の月", (), 1))
    if files.exists():
        found.append(Hint("調剤レセプト", (), 1))
    return [each for each in found if each.count]


def changed_patients(build: ClaimBuild) -> list[Patient]:
    """変わった患者 — whose digest is another one than the making's, new and vanished ones among them."""
    frame, mark, _ = frame_of(build.month)
    back = look_back(build.month, build.months_back, frame.institution.code)
    before: dict[UUID, set[str]] = {}
    for patient_id, digest in build.claims.values_list("patient_id", "digest"):
        before.setdefault(patient_id, set()).add(digest)
    told = {each["patient"] for each in build.findings}
    found = []
    for gathered in gather_patients(build.month, mark):
        kept = before.pop(gathered.patient.id, None)
        if kept is None:
            # Who is billed and has no receipt was told of when the month was made.
            if str(gathered.patient.id) not in told:
                found.append(gathered.patient)
        elif kept != {back.digest(gathered)}:
            found.append(gathered.patient)
    return [*found, *Patient.objects.filter(pk__in=list(before))]


def bills_to_recalculate(build: ClaimBuild) -> int:
    """保険・公費が変わった会計 — of the month, whose receipts still bear the cards of before."""
    rows = Bill.objects.current().filter(
        day__year=build.month.year, day__month=build.month.month, charge__isnull=False
    )
    return len(changed_bills(list(rows.values_list("visit_id", flat=True))))


def _hint(what: str, patient_ids: Iterable[UUID]) -> Hint:
    ids = set(patient_ids)
    patients = tuple(Patient.objects.filter(pk__in=list(ids)[:MOST_SHOWN]).order_by("number")) if ids else ()
    return Hint(what, patients, len(ids))
