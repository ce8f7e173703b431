# SPDX-License-Identifier: Apache-2.0
"""検査・感染症 — JP_Observation_LabResult_eCS from one result, and back."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.sharing.build import names
from tasuki.sharing.build.codes import CodeKind, StandardCode
from tasuki.sharing.build.facts import Choice, Flag, LabFacts, LabStatus
from tasuki.sharing.build.faults import missing, refuse, unreadable
from tasuki.sharing.build.flags import flag_tags, read_flags
from tasuki.sharing.build.parts import (
    JAPAN,
    Resource,
    code_of,
    coding,
    coding_of,
    codings,
    concept,
    department_extension,
    dicts,
    instant,
    institution_extension,
    local_number,
    meta,
    moment,
    number,
    patient_reference,
    read_moment,
    resource_number,
    said,
    text,
)
from tasuki.sharing.build.people import contained_doctor
from tasuki.sharing.build.units import ucum_of
from tasuki.sharing.build.visits import contained_visit, visit_of
from tasuki.sharing.lab_items import CORE_LAB, INFECTION_LAB, JLAC11_SYSTEMS

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around
    from tasuki.sharing.build.codes import CodeMap

INFECTION_SYSTEMS = (INFECTION_LAB, JLAC11_SYSTEMS[1])
SHARED_SYSTEMS = (CORE_LAB, JLAC11_SYSTEMS[0], *INFECTION_SYSTEMS)
_LOCAL = re.compile(r"[A-Za-z0-9_-]+")
_VALUES = ("valueQuantity", "valueCodeableConcept", "valueString")
_COMPARATORS = ("", "<", "<=", ">", ">=")
_INTERPRETATIONS = {
    "H": "High",
    "L": "Low",
    "N": "Normal",
    "HH": "Critical high",
    "LL": "Critical low",
    "A": "Abnormal",
    "POS": "Positive",
    "NEG": "Negative",
}


def lab_codes(local_code: str, codes: CodeMap) -> tuple[StandardCode, ...]:
    """検査の標準コード — the shared one alone when the item is of the lists, else JLAC10, else none."""
    found = codes.find(CodeKind.LAB, local_code)
    listed = found.codes if found else ()
    shared = tuple(each for each in listed if each.system in SHARED_SYSTEMS)
    return shared or tuple(each for each in listed if each.system == names.JLAC10)[:1]


def is_infection(facts: LabFacts, codes: CodeMap) -> bool:
    """感染症か — whether the item stands in the list of the five infections."""
    return any(each.system in INFECTION_SYSTEMS for each in lab_codes(facts.local_code, codes))


def build_lab(facts: LabFacts, around: Around) -> Resource:
    """検査・感染症の組立 — JP_Observation_LabResult_eCS."""
    record = f"Observation {facts.id}"
    if not _LOCAL.fullmatch(facts.local_code):
        refuse(record, "local_code", facts.local_code, "検査の院内コード", "半角英数字・ハイフン・下線")
    if facts.taken_at.tzinfo is None:
        refuse(record, "taken_at", facts.taken_at, "採取日時", "時差付きの日時")
    name = text(facts.local_name, record, "local_name", "検査項目名")
    standard = lab_codes(facts.local_code, around.codes)
    what = "感染症の指定項目ではない検査"
    allowed = (Flag.LONG_KEEPING,) if is_infection(facts, around.codes) else ()
    visit = facts.visit or around.visit
    department = (visit and visit.department) or around.department
    contained = [contained_visit(visit, around)] if visit else []
    if around.doctor:
        contained.append(contained_doctor(around.doctor, around))
    local = coding(names.LOCAL_LAB, facts.local_code, name)
    coded = [coding_of(each) for each in standard] or [coding(names.NO_LAB_CODE, *names.NO_LAB)]
    made: Resource = {
        "resourceType": "Observation",
        "meta": meta(around, names.LAB_RESULT, flag_tags(facts.flags, allowed, record, what)),
        **({"contained": contained} if contained else {}),
        "extension": [institution_extension(around), department_extension(department)],
        "identifier": [resource_number(around, "Observation", facts.id)],
        "status": facts.status.value,
        "category": [concept([coding(names.LAB_CATEGORY, "laboratory")])],
        "code": concept([local, *coded], name),
        "subject": patient_reference(around),
    }
    if visit:
        made["encounter"] = {"reference": "#encounter"}
    made["effectiveDateTime"] = moment(facts.taken_at)
    if facts.issued_at:
        made["issued"] = instant(facts.issued_at)
    if around.doctor:
        made["performer"] = [{"reference": "#practitioner"}]
    made |= _result(facts, record)
    if facts.interpretation:
        made["interpretation"] = [_interpretation(facts.interpretation, record)]
    if facts.note:
        made["note"] = [{"text": text(facts.note, record, "note", "補足")}]
    made["specimen"] = {"type": "Specimen", "display": text(facts.specimen, record, "specimen", "検体の材料")}
    if facts.low is not None or facts.high is not None:
        if not isinstance(facts.value, Decimal):
            refuse(record, "low", facts.low or facts.high, "基準値", "数値の結果だけに入れる値")
        sides = {"low": facts.low, "high": facts.high}
        made["referenceRange"] = [
            {side: _quantity(value, facts.unit) for side, value in sides.items() if value is not None}
        ]
    return made


def _quantity(value: Decimal, unit: str, comparator: str = "") -> Resource:
    made: Resource = {"value": value, **({"comparator": comparator} if comparator else {})}
    if unit:
        made["unit"] = unit
        if ucum := ucum_of(unit):
            made |= {"system": names.UCUM, "code": ucum}
    return made


def _result(facts: LabFacts, record: str) -> Resource:
    value = facts.value
    if value is None:
        if not facts.absent_reason.strip():
            missing(record, "absent_reason", "検査結果、または結果がない理由")
        return {"dataAbsentReason": {"text": text(facts.absent_reason, record, "absent_reason", "理由")}}
    if facts.absent_reason:
        refuse(record, "absent_reason", facts.absent_reason, "結果がない理由", "結果がある検査では空")
    if isinstance(value, Decimal):
        if not value.is_finite():
            refuse(record, "value", value, "検査結果", "有限の数")
        if facts.comparator not in _COMPARATORS:
            refuse(record, "comparator", facts.comparator, "結果の不等号", "< <= > >= のどれか")
        return {"valueQuantity": _quantity(value, facts.unit, facts.comparator)}
    if isinstance(value, Choice):
        return {"valueCodeableConcept": concept([coding(value.system, value.code, value.display)])}
    return {"valueString": text(value, record, "value", "検査結果")}


def _interpretation(code: str, record: str) -> Resource:
    if code not in _INTERPRETATIONS:
        refuse(record, "interpretation", code, "結果の判定", "・".join(_INTERPRETATIONS))
    return concept([coding(names.INTERPRETATION, code, _INTERPRETATIONS[code])])


def read_lab(resource: Resource) -> LabFacts:
    """検査・感染症の読取り — the local code of the sender; standard codes are read by :func:`read_codes`."""
    taken = read_moment(resource.get("effectiveDateTime"))
    if taken is None:
        unreadable("Observation", "effectiveDateTime", "採取日時", "日時ではありません")
    if not isinstance(taken, datetime):
        taken = datetime(taken.year, taken.month, taken.day, tzinfo=JAPAN)
    code = resource.get("code")
    quantity = resource.get("valueQuantity")
    ranged = next(dicts(resource.get("referenceRange")), {})
    issued = read_moment(resource.get("issued"))
    interpreted = next(dicts(resource.get("interpretation")), {})
    return LabFacts(
        id=local_number(resource) or said(resource, "id"),
        local_code=code_of(code, names.LOCAL_LAB),
        local_name=said(code, "text"),
        taken_at=taken,
        value=_read_value(resource),
        unit=said(quantity, "unit"),
        comparator=said(quantity, "comparator"),
        specimen=_specimen(resource),
        status=_status(said(resource, "status")),
        low=number(_inner(ranged, "low")),
        high=number(_inner(ranged, "high")),
        interpretation=code_of(interpreted, names.INTERPRETATION),
        absent_reason=said(resource, "dataAbsentReason", "text"),
        issued_at=issued if isinstance(issued, datetime) else None,
        flags=read_flags(resource),
        note="\n".join(said(each, "text") for each in dicts(resource.get("note"))),
        visit=visit_of(resource),
    )


def _status(said_as: str) -> LabStatus:
    """結果の状態 — what later guides no longer use is read as what it means, and never as final."""
    if said_as in tuple(LabStatus):
        return LabStatus(said_as)
    meant = {"amended": LabStatus.CORRECTED, "entered-in-error": LabStatus.CANCELLED}
    return meant.get(said_as, LabStatus.PRELIMINARY)


def _inner(ranged: Resource, side: str) -> object:
    value = ranged.get(side)
    return value.get("value") if type(value) is dict else None


def _read_value(resource: Resource) -> Decimal | Choice | str | None:
    quantity = resource.get("valueQuantity")
    if type(quantity) is dict and (found := number(quantity.get("value"))) is not None:
        return found
    coded = next(iter(codings(resource.get("valueCodeableConcept"))), None)
    if coded:
        return Choice(said(coded, "system"), said(coded, "code"), said(coded, "display"))
    words = said(resource, "valueString") or said(resource, "valueCodeableConcept", "text")
    other = next((name for name in resource if name.startswith("value") and name not in _VALUES), "")
    return words or (f"（{other}の形の結果は表示できません）" if other else None)


def _specimen(resource: Resource) -> str:
    inner = next((e for e in dicts(resource.get("contained")) if e.get("resourceType") == "Specimen"), {})
    kind = inner.get("type")
    return (
        said(resource, "specimen", "display")
        or said(kind, "text")
        or next((said(each, "display") for each in codings(kind)), "")
    )
