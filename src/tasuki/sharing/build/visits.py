# SPDX-License-Identifier: Apache-2.0
"""受診 — JP_Encounter_eCS, alone and inside a resource, and the department beside it; built and read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.sharing.build import names
from tasuki.sharing.build.around import PLACE_NAMES, DepartmentFacts, Place, VisitFacts
from tasuki.sharing.build.parts import (
    Resource,
    code_of,
    coding,
    concept,
    dicts,
    extension,
    local_number,
    meta,
    moment,
    read_moment,
    resource_number,
    said,
)

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around

CONTAINED_VISIT = "encounter"


def build_visit(facts: VisitFacts, around: Around, reasons: tuple[str, ...] = ()) -> Resource:
    """受診の組立 — JP_Encounter_eCS; ``reasons`` are why the patient came, in words."""
    made: Resource = {
        "resourceType": "Encounter",
        "meta": meta(around, names.ENCOUNTER),
        "identifier": [resource_number(around, "Encounter", facts.id)],
        "status": "finished",
        "class": coding(names.ACT, facts.place, PLACE_NAMES[facts.place]),
    }
    if facts.since:
        made["period"] = {"start": moment(facts.since)}
        if facts.until:
            made["period"]["end"] = moment(facts.until)
    if reasons:
        made["reasonCode"] = [concept((), each) for each in reasons]
    return made


def contained_visit(facts: VisitFacts, around: Around) -> Resource:
    """内包する受診 — compact, with the profile that the service looks for."""
    made = build_visit(facts, around)
    return {"resourceType": "Encounter", "id": CONTAINED_VISIT, "meta": {"profile": [names.ENCOUNTER]}} | {
        key: value for key, value in made.items() if key not in ("resourceType", "meta")
    }


def read_visit(resource: Resource, department: DepartmentFacts | None = None) -> VisitFacts:
    """受診の読取り — a class of encounter that we do not know reads as 外来."""
    code = said(resource, "class", "code")
    period = resource.get("period")
    place = Place(code) if code in tuple(Place) else Place.OUTPATIENT
    return VisitFacts(
        id=local_number(resource) or said(resource, "id"),
        place=place,
        since=read_moment(said(period, "start")),
        until=read_moment(said(period, "end")),
        department=department,
    )


def contained_of(resource: Resource, kind: str) -> Resource | None:
    """内包するリソース — the first of a type."""
    return next((e for e in dicts(resource.get("contained")) if e.get("resourceType") == kind), None)


def visit_of(resource: Resource) -> VisitFacts | None:
    """情報の受診 — the contained encounter with the department of the resource."""
    inner = contained_of(resource, "Encounter")
    return read_visit(inner, read_department(resource)) if inner else None


def read_department(resource: Resource) -> DepartmentFacts | None:
    """診療科の読取り — of the extension."""
    found = extension(resource, names.DEPARTMENT_EXTENSION)
    value = found.get("valueCodeableConcept") if found else None
    code = code_of(value, names.DEPARTMENT)
    if not code and not said(value, "text"):
        return None
    return DepartmentFacts(code, said(value, "text"))
