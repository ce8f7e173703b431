# SPDX-License-Identifier: Apache-2.0
"""健診項目のObservation — items and groups as resources.

A finding in words (所見) that belongs to the item before it is a component of it, as the guide does; in a group it is
a member of its own.

Cite: 健診結果報告書 1.5.0 JP_Observation_eCheckupGeneral, JP_ObservationGroup_eCheckupGeneral
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tasuki.sharing.checkups import fhir_names as names
from tasuki.sharing.checkups.items import SERIES, choice_names, item_facts, method_names
from tasuki.sharing.checkups.values import (
    Absence,
    CheckupGroup,
    CheckupItem,
    ChosenValue,
    MeasuredValue,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasuki.sharing.checkups.values import NormalRange

Resource = dict[str, Any]
ABSENT_CODES = {Absence.NOT_DONE: "not-performed", Absence.NOT_MEASURABLE: "error"}
BEYOND_CODES = {"H": "HX", "L": "LX"}
_ORDINAL = re.compile(r"[0-9]{1,6}")


class Observations:
    """健診項目の書出し — ``add`` takes a resource with its profile and gives its address, ``doctor`` that of a doctor."""

    def __init__(
        self, add: Callable[[Resource, str], str], doctor: Callable[[str], str], patient: str, day: str
    ) -> None:
        self.add, self.doctor, self.patient, self.day = add, doctor, patient, day

    def entries(self, given: Sequence[CheckupItem | CheckupGroup]) -> list[str]:
        """セクションの項目 — addresses of what stands in the section."""
        made: list[str] = []
        waiting: list[CheckupItem] = []

        def flush() -> None:
            if waiting:
                made.append(self._item(waiting[0], waiting[1:]))
                waiting.clear()

        for each in given:
            if isinstance(each, CheckupGroup):
                flush()
                made.append(self._group(each))
            elif waiting and is_component(each, waiting[0]):
                waiting.append(each)
            else:
                flush()
                waiting.append(each)
        flush()
        return made

    def _group(self, group: CheckupGroup) -> str:
        members = [(each.relation, self._item(each.item, [])) for each in group.members]
        code, name = (group.code, group.name) if group.code or group.name else group_of(group)
        made = self._start(
            {"coding": [_coding(names.GROUP, code, name)]} if code else {"text": name or "一連検査"}, self.day
        )
        if group.note:
            made["note"] = [{"text": group.note}]
        made["hasMember"] = [
            {"extension": [{"url": names.RELATION, "valueCode": relation.value}], "reference": address}
            for relation, address in members
        ]
        return self.add(made, names.OBSERVATION_GROUP)

    def _item(self, item: CheckupItem, components: list[CheckupItem]) -> str:
        fact = item_facts().get(item.code)
        made = self._start({"coding": [code_of(item)]}, item.taken or self.day)
        if fact is not None and fact.fhir_category:
            made["category"] = [{"coding": [_coding(names.CATEGORY, fact.fhir_category)]}]
        if item.absence is not Absence.NONE:
            made["status"] = "cancelled"
            made["dataAbsentReason"] = {
                "coding": [_coding(names.ABSENT, ABSENT_CODES[item.absence])],
                "text": item.absence_reason or item.absence.value,
            }
        elif item.value is not None:
            name, value = value_of(item)
            made[name] = value
        judged = BEYOND_CODES.get(item.beyond, item.judgement)
        if judged:
            made["interpretation"] = [{"coding": [_coding(names.INTERPRETATION, judged)]}]
        if item.note:
            made["note"] = [{"text": item.note}]
        if item.method:
            name = item.method_name or method_names().get(item.method, "")
            made["method"] = {"coding": [_coding(names.METHOD, item.method, name)]}
        if item.specimen:
            made["specimen"] = {"type": "specimen", "display": item.specimen}
        if item.recorder:
            made["performer"] = [{"reference": self.doctor(item.recorder)}]
        if item.normal is not None and (item.normal.low is not None or item.normal.high is not None):
            made["referenceRange"] = [_normal(item.normal, item)]
        if components:
            made["component"] = [self._component(each) for each in components]
        return self.add(made, names.OBSERVATION)

    def _component(self, item: CheckupItem) -> Resource:
        made: Resource = {"code": {"coding": [code_of(item)]}, "valueString": item.value}
        if item.recorder:
            reference = {"reference": self.doctor(item.recorder)}
            made["extension"] = [{"url": names.COMPONENT_PERFORMER, "valueReference": reference}]
        return made

    def _start(self, code: Resource, day: str) -> Resource:
        return {
            "resourceType": "Observation",
            "status": "final",
            "code": code,
            "subject": {"reference": self.patient},
            "effectiveDateTime": day,
        }


def is_component(item: CheckupItem, parent: CheckupItem) -> bool:
    """所見 — whether an item is said within the item before it."""
    fact = item_facts().get(item.code)
    plain = CheckupItem(item.code, item.name, item.value, recorder=item.recorder, system=item.system)
    return (
        fact is not None
        and bool(fact.depends_on)
        and fact.depends_on == parent.code
        and isinstance(item.value, str)
        and item == plain
    )


def group_of(group: CheckupGroup) -> tuple[str, str]:
    """一連検査グループのコード — code and name by the first member that the table puts into a group."""
    for each in group.members:
        fact = item_facts().get(each.item.code)
        if fact is not None and fact.series in SERIES:
            return SERIES[fact.series]
    return "", ""


def code_of(item: CheckupItem) -> Resource:
    """項目のコード — the name as given, else that of the table."""
    fact = item_facts().get(item.code)
    return _coding(uri_of(item.system), item.code, item.name or (fact.name if fact else ""))


def uri_of(system: str) -> str:
    """コード体系のURI — of an OID; what is a URI already stays.

    >>> uri_of("1.2.392.200119.6.2001"), uri_of("http://example.org/cs"), uri_of("")
    ('urn:oid:1.2.392.200119.6.2001', 'http://example.org/cs', '')
    """
    return f"urn:oid:{system}" if system and ":" not in system else system


def value_of(item: CheckupItem) -> tuple[str, Any]:
    """値 — name of the element and its content."""
    value = item.value
    if isinstance(value, MeasuredValue):
        return "valueQuantity", _quantity(
            value.number, value.unit, shown_unit(item, value.shown_unit, value.unit)
        )
    if isinstance(value, ChosenValue):
        name = value.name or choice_names().get(value.system, {}).get(value.code, "")
        coding = _coding(uri_of(value.system), value.code, name)
        if value.is_ordinal and _ORDINAL.fullmatch(value.code):
            coding["extension"] = [{"url": names.ORDINAL, "valueDecimal": Decimal(value.code)}]
        return "valueCodeableConcept", {"coding": [coding]}
    return "valueString", value


def shown_unit(item: CheckupItem, shown: str, unit: str) -> str:
    """単位の表示 — as given, else that of the table where the unit is the table's."""
    fact = item_facts().get(item.code)
    return shown or (fact.shown_unit if fact is not None and fact.unit == unit else unit)


def _normal(normal: NormalRange, item: CheckupItem) -> Resource:
    unit = normal.unit or (item.value.unit if isinstance(item.value, MeasuredValue) else "")
    shown = normal.shown_unit or shown_unit(item, "", unit)
    ends = (("low", normal.low), ("high", normal.high))
    return {name: _quantity(number, unit, shown) for name, number in ends if number is not None}


def _quantity(number: Decimal, unit: str, shown: str) -> Resource:
    made: Resource = {"value": number}
    if shown:
        made["unit"] = shown
    if unit:
        made |= {"system": names.UCUM, "code": unit}
    return made


def _coding(system: str, code: str, display: str = "") -> Resource:
    made = {"system": system} if system else {}
    made["code"] = code
    return made | ({"display": display} if display else {})
