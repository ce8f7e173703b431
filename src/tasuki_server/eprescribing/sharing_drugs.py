# SPDX-License-Identifier: Apache-2.0
"""同じ薬の処方箋 — two prescriptions of one visit that would both give one drug, where only one was meant.

Drugs move between prescriptions when refills or a split are ordered or given up. What held them before must be gone at
the service first: where a pharmacy was faster, its cancellation is refused, and a second one would be dispensed twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from tasuki.prescriptions.contents import PrescriptionContents
from tasuki_server.eprescribing.contents import is_same_prescription, read_contents, signed_prescriptions
from tasuki_server.eprescribing.models import Registration, Stage


def drugs_of(contents: PrescriptionContents) -> frozenset[str]:
    """処方箋の薬 — by code, by name where it has none."""
    return frozenset(drug.code or drug.name for rp in contents.rps for drug in rp.drugs)


def are_parts_of_one(one: Registration, other: Registration) -> bool:
    """同じ分割の回か — parts of one split prescription give one drug each in its turn."""
    same_split = one.split_count == other.split_count > 0
    return same_split and one.split_nth != other.split_nth


def left_behind(row: Registration) -> Registration | None:
    """取り消せずに残った処方箋 — registered still, no longer what is signed, with a drug of ``row``. Raises ``BadInput``."""
    signed = signed_prescriptions(row.visit).contents
    standing = Registration.objects.filter(visit_id=row.visit_id, stage=Stage.REGISTERED)
    unwanted = [
        each
        for each in standing.exclude(pk=row.pk).order_by("number")
        if each.key not in signed or not is_same_prescription(each.contents, signed[each.key])
    ]
    return first_with_drugs(row, unwanted)


def first_with_drugs(row: Registration, others: Iterable[Registration]) -> Registration | None:
    """同じ薬のある処方箋 — the first of others that gives a drug of ``row`` as well."""
    mine = drugs_of(read_contents(row.contents))
    for other in others:
        if not are_parts_of_one(row, other) and mine & drugs_of(read_contents(other.contents)):
            return other
    return None
