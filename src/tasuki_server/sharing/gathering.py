# SPDX-License-Identifier: Apache-2.0
"""6情報の集め — what of a chart is shared: diseases, allergies and results with their flags, each with the record it comes from.

Cite: JP-CLINS 実装ガイド（アレルギー・傷病名は登録中のものと終了後5年以内のもののすべて、検査は報告単位）
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from tasuki.sharing.build.facts import (
    AllergenKind,
    AllergyFacts,
    ConditionFacts,
    Criticality,
    Flag,
    LabFacts,
    LabStatus,
)
from tasuki_server.chart.models import DiagnosisRecord
from tasuki_server.patients.models import AllergyRecord
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.coded_results import Read, read_value
from tasuki_server.sharing.flags import flags_of
from tasuki_server.sharing.local_names import (
    UNCODED_DISEASE,
    allergen_name,
    disease_name,
    has_drug_code,
    lab_name,
)
from tasuki_server.sharing.models import LabResult, LocalCode, RecordFlags, Subject, UnitKind
from tasuki_server.sharing.results import number_of

ENDED_YEARS = 5
_KINDS = {"drug": AllergenKind.DRUG, "food": AllergenKind.FOOD, "other": AllergenKind.OTHER}
# 重さ: what stops an order is of high risk; 不明 says nothing.
_CRITICALITY = {"contraindicated": Criticality.HIGH, "severe": Criticality.HIGH, "mild": Criticality.LOW}


class Gathered(NamedTuple):
    """集めた項目 — one record of the chart as it will be sent."""

    subject: Subject
    record_id: UUID
    version: int
    title: str
    facts: Any
    flags: RecordFlags | None
    is_uncoded: bool = False  # no standard code was chosen for its name


class Wanted(NamedTuple):
    """集めた単位 — the items of one Bundle, in order."""

    kind: UnitKind
    unit_key: str
    items: tuple[Gathered, ...]


def gather(visit: Visit, chosen: dict[tuple[str, str], LocalCode]) -> list[Wanted]:
    """6情報の集め — of the patient as of this visit; empty units stand too, so that what was sent is taken back."""
    patient = visit.patient_id
    diseases = list(
        DiagnosisRecord.objects.current().filter(patient=patient).order_by("-is_main", "since", "made_at")  # type: ignore[attr-defined]
    )
    diseases = [row for row in diseases if _is_recent(row.ended_on, visit.day)]
    allergies = list(AllergyRecord.objects.current().filter(patient=patient).order_by("made_at"))  # type: ignore[attr-defined]
    results = list(
        LabResult.objects.current().filter(patient=patient, visit=visit).order_by("report", "made_at", "id")  # type: ignore[attr-defined]
    )
    flags = flags_of([row.record_id for row in (*diseases, *allergies, *results)])
    found = [
        Wanted(
            UnitKind.DISEASES,
            "diseases",
            tuple(_disease(row, flags.get(row.record_id), chosen) for row in diseases),
        ),
        Wanted(
            UnitKind.ALLERGIES,
            "allergies",
            tuple(_allergy(row, flags.get(row.record_id), chosen) for row in allergies),
        ),
    ]
    reports: dict[UUID, list[LabResult]] = {}
    for row in results:
        reports.setdefault(row.report, []).append(row)
    for report, rows in reports.items():
        items = tuple(_result(row, flags.get(row.record_id), chosen) for row in rows)
        found.append(Wanted(UnitKind.RESULTS, f"report-{report}", items))
    return found


def gather_all(visit: Visit, chosen: dict[tuple[str, str], LocalCode], *, since: date) -> list[Gathered]:
    """自院の情報の集め — every disease, allergy and result of the patient; ended diseases and results from a day on."""
    patient = visit.patient_id
    diseases = [
        row
        for row in DiagnosisRecord.objects.current().filter(patient=patient)  # type: ignore[attr-defined]
        if row.ended_on is None or row.ended_on >= since
    ]
    allergies = list(AllergyRecord.objects.current().filter(patient=patient))  # type: ignore[attr-defined]
    results = list(
        LabResult.objects.current().filter(patient=patient, collected_at__date__gte=since)  # type: ignore[attr-defined]
    )
    flags = flags_of([row.record_id for row in (*diseases, *allergies, *results)])
    return [
        *(_disease(row, flags.get(row.record_id), chosen) for row in diseases),
        *(_allergy(row, flags.get(row.record_id), chosen) for row in allergies),
        *(_result(row, flags.get(row.record_id), chosen) for row in results),
    ]


def _disease(
    row: DiagnosisRecord, flags: RecordFlags | None, chosen: dict[tuple[str, str], LocalCode]
) -> Gathered:
    value = row.diagnosis()
    if row.code == UNCODED_DISEASE:
        name = disease_name(row.code, row.name)
        mapped = chosen.get((str(name.kind), name.key))
        if mapped is not None and len(mapped.code) == 7:
            value = replace(value, code=mapped.code)
    facts = ConditionFacts(
        id=str(row.record_id), diagnosis=value, flags=_flags(flags), recorded_on=row.made_at.date()
    )
    return Gathered(Subject.DISEASE, row.record_id, row.version, row.name, facts, flags)


def _allergy(
    row: AllergyRecord, flags: RecordFlags | None, chosen: dict[tuple[str, str], LocalCode]
) -> Gathered:
    name = allergen_name(row.kind, row.substance)
    mapped = chosen.get((str(name.kind), name.key))
    code = row.drug_code if has_drug_code(row) else mapped.code if mapped is not None else ""
    facts = AllergyFacts(
        id=str(row.record_id),
        kind=_KINDS[row.kind],
        substance=row.substance,
        code=code,
        criticality=_CRITICALITY.get(row.severity),
        reaction=row.reaction,
        noted_on=row.noted_on,
        flags=_flags(flags),
    )
    is_uncoded = not code and mapped is None
    return Gathered(Subject.ALLERGY, row.record_id, row.version, row.substance, facts, flags, is_uncoded)


def _result(row: LabResult, flags: RecordFlags | None, chosen: dict[tuple[str, str], LocalCode]) -> Gathered:
    name = lab_name(row.name, row.unit, row.specimen)
    mapped = chosen.get((str(name.kind), name.key))
    read = read_value(row.value, mapped)
    facts = LabFacts(
        id=str(row.record_id),
        local_code=name.local_code,
        local_name=row.name,
        taken_at=row.collected_at,
        value=read.value,
        comparator=read.comparator,
        unit=row.unit if read.is_number else "",
        specimen=row.specimen,
        status=LabStatus.FINAL if row.is_final else LabStatus.PRELIMINARY,
        low=number_of(row.low) if row.low and read.is_number else None,
        high=number_of(row.high) if row.high and read.is_number else None,
        interpretation=_interpretation(row, read),
        flags=_flags(flags),
    )
    title = f"{row.name} {row.value}{row.unit}"
    return Gathered(Subject.RESULT, row.record_id, row.version, title, facts, flags, mapped is None)


def _interpretation(row: LabResult, read: Read) -> str:
    low, high = number_of(row.low), number_of(row.high)
    if read.comparator or not isinstance(read.value, Decimal) or (low is None and high is None):
        return ""
    if low is not None and read.value < low:
        return "L"
    return "H" if high is not None and read.value > high else "N"


def _flags(row: RecordFlags | None) -> frozenset[Flag]:
    if row is None:
        return frozenset()
    given = (
        (row.is_kept_long, Flag.LONG_KEEPING),
        (row.is_untold, Flag.UNINFORMED),
        (row.is_withheld, Flag.UNDELIVERED),
    )
    return frozenset(flag for is_set, flag in given if is_set)


def _is_recent(ended_on: date | None, day: date) -> bool:
    if ended_on is None:
        return True
    return (ended_on.year + ENDED_YEARS, ended_on.month, ended_on.day) >= (day.year, day.month, day.day)


__all__ = ["Gathered", "Wanted", "gather", "gather_all"]
