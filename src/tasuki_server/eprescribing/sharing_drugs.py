# SPDX-License-Identifier: Apache-2.0
"""同じ薬の処方箋 — two prescriptions of one visit that would both give one drug, where only one was meant.

Drugs move between prescriptions when refills or a split are ordered or given up. What held them before must be gone at
the service first: where a pharmacy was faster, its cancellation is refused, and a second one would be dispensed twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from tasuki.prescriptions.contents import PrescriptionContents, PrescriptionKey
from tasuki_server.eprescribing.contents import is_same_prescription, read_contents, signed_prescriptions
from tasuki_server.eprescribing.models import Registration, Stage


def drugs_of(contents: PrescriptionContents) -> frozenset[str]:
    """処方箋の薬 — by code, by name where it has none."""
    return frozenset(drug.code or drug.name for rp in contents.rps for drug in rp.drugs)


def are_parts_of_one(one: PrescriptionKey, other: PrescriptionKey) -> bool:
    """同じ分割の回か — parts of one split prescription give one drug each in its turn."""
    return one.split_count == other.split_count > 0 and one.split_nth != other.split_nth


def left_behind(row: Registration, before: Registration | None) -> Registration | None:
    """取り消せずに残った処方箋 — registered still, no longer what is signed, with a drug of ``row``. Raises ``BadInput``.

    ``before`` is what ``row`` is a change of: it goes as ``row`` comes.
    """
    standing = Registration.objects.filter(visit_id=row.visit_id, stage=Stage.REGISTERED).order_by("number")
    with_drugs = _with_drugs(row, [each for each in standing if each.pk != row.pk and each != before])
    if not with_drugs:
        return None
    signed = signed_prescriptions(row.visit).contents
    for each in with_drugs:
        if each.key not in signed or not is_same_prescription(each.contents, signed[each.key]):
            return each
    return None


def first_with_drugs(row: Registration, others: Iterable[Registration]) -> Registration | None:
    """同じ薬のある処方箋 — the first of others that gives a drug of ``row`` as well."""
    return next(iter(_with_drugs(row, others)), None)


def gives_drug_of(row: Registration, key: PrescriptionKey, contents: PrescriptionContents) -> bool:
    """別の処方箋の薬があるか — whether ``row`` gives a drug of these contents, which are of another prescription."""
    if row.key == key or are_parts_of_one(row.key, key):
        return False
    return bool(drugs_of(read_contents(row.contents)) & drugs_of(contents))


def _with_drugs(row: Registration, others: Iterable[Registration]) -> list[Registration]:
    mine = drugs_of(read_contents(row.contents))
    return [
        each
        for each in others
        if not are_parts_of_one(row.key, each.key) and mine & drugs_of(read_contents(each.contents))
    ]
