# SPDX-License-Identifier: Apache-2.0
"""自院の項目 — what our chart says of a patient, in the form in which other institutions' items stand beside it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from uuid import UUID

from tasuki.kernel.days import months_before
from tasuki.masters.book import DayBook, OutOfBook
from tasuki.sharing.build import CodeKind as LibraryKind
from tasuki.sharing.build.allergy import allergen_code
from tasuki.sharing.build.codes import CodeMap, StandardCode
from tasuki.sharing.build.facts import AllergyFacts, ConditionFacts, LabFacts, PrescribedDrug
from tasuki.sharing.build.from_orders import drugs_of
from tasuki_server.orders.catalogue import day_book
from tasuki_server.orders.models import PlacedOrder
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.gathering import Gathered, gather_all
from tasuki_server.sharing.local_codes import mappings
from tasuki_server.sharing.side_items import SideItem, own_item
from tasuki_server.sharing.standard_codes import codes_for

# 処方: drugs of the last months; what ended long ago is no drug to compare with.
DRUG_MONTHS = 6
# 検査: as far back as others' results are kept.
RESULT_MONTHS = 60


def own_items(visit: Visit) -> list[SideItem]:
    """自院の項目 — diseases, allergies, results and drugs of the patient, as of the day of a visit."""
    chosen = mappings()
    gathered = gather_all(visit, chosen, since=months_before(visit.day, RESULT_MONTHS))
    drugs = _drugs(visit)
    codes = codes_for([*(each.facts for each in gathered), *drugs], visit.day, chosen)
    found = [_item(each, codes) for each in gathered]
    return [*found, *(own_item(each, _codes_of(each, codes), None) for each in drugs)]


def _item(each: Gathered, codes: CodeMap) -> SideItem:
    flags = each.flags.labels if each.flags is not None else ()
    return own_item(each.facts, _codes_of(each.facts, codes), each.record_id, flags)


def _codes_of(
    facts: ConditionFacts | AllergyFacts | LabFacts | PrescribedDrug, codes: CodeMap
) -> tuple[StandardCode, ...]:
    match facts:
        case AllergyFacts():
            found = allergen_code(facts, codes)
            return (found,) if found is not None else ()
        case ConditionFacts():
            mapped = codes.find(LibraryKind.DISEASE, facts.diagnosis.code)
        case LabFacts():
            mapped = codes.find(LibraryKind.LAB, facts.local_code)
        case _:
            mapped = codes.find(LibraryKind.DRUG, facts.code)
    return mapped.codes if mapped is not None else ()


def _drugs(visit: Visit) -> tuple[PrescribedDrug, ...]:
    """The newest prescription of each drug: what was given again and again is one drug in use."""
    since = months_before(visit.day, DRUG_MONTHS)
    rows = (
        PlacedOrder.objects.current()  # type: ignore[attr-defined]
        .filter(patient=visit.patient_id, visit__day__range=(since, visit.day))
        .select_related("visit")
        .order_by("-visit__day", "position")
    )
    of_visit: dict[UUID, list[PlacedOrder]] = defaultdict(list)
    for row in rows:
        of_visit[row.visit_id].append(row)
    book, newest = day_book(visit.day), {}
    for orders in of_visit.values():
        at = orders[0].visit
        given = drugs_of(
            tuple(each.order() for each in orders), _book_of(at.day, book), at.arrived_at, at.day
        )
        for drug in given:
            newest.setdefault(drug.code, replace(drug, id=f"{at.id}-{drug.id}"))
    return tuple(newest.values())


def _book_of(day: date, otherwise: DayBook) -> DayBook:
    """An old visit may lie before every loaded revision; its names are then read from today's."""
    try:
        return otherwise.book.at(day)
    except OutOfBook:
        return otherwise
