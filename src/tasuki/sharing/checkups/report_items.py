# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書の結果の読取 — Observations as items and groups.

Cite: 健診結果報告書 1.5.0 JP_Observation_eCheckupGeneral, JP_ObservationGroup_eCheckupGeneral
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from tasuki.kernel.finding import Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups import fhir_names as names
from tasuki.sharing.checkups.fhir_observations import ABSENT_CODES, BEYOND_CODES
from tasuki.sharing.checkups.messages import refuse
from tasuki.sharing.checkups.report_people import doctor_of
from tasuki.sharing.checkups.values import (
    Absence,
    CheckupGroup,
    CheckupItem,
    ChosenValue,
    GroupMember,
    MeasuredValue,
    NormalRange,
    Relation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Resource = dict[str, Any]
_ABSENCES = {code: absence for absence, code in ABSENT_CODES.items()}
_BEYOND = {code: side for side, code in BEYOND_CODES.items()}
_BLOCKS = frozenset(("li", "p", "td", "th", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6"))


class ReportItems:
    """健診項目の読取 — of the resources of one Bundle; ``day`` is that of the checkup."""

    def __init__(self, resources: Mapping[str, Resource], day: str, file: str) -> None:
        self.resources, self.day, self.file = resources, day, file

    def entries(self, observations: Iterable[Resource]) -> Iterator[CheckupItem | CheckupGroup]:
        """セクションの項目 — a component follows the item it belongs to."""
        for each in observations:
            if "hasMember" in each:
                yield self._group(each)
            else:
                yield from self._item(each)

    def _group(self, resource: Resource) -> CheckupGroup:
        members: list[GroupMember] = []
        for each in resource["hasMember"]:
            member = self.resources.get(each["reference"])
            if member is None:
                name = f"参照先（{printable(each['reference'], 60)}）"
                raise refuse("CHK-F-05", Where(self.file, 0, "Observation.hasMember"), name=name)
            said = (
                one.get("valueCode", "") for one in each.get("extension", ()) if one["url"] == names.RELATION
            )
            relation = Relation.REASON if next(said, "") == "RSON" else Relation.COMPONENT
            members.extend(GroupMember(relation, item) for item in self._item(member))
        codings = resource["code"].get("coding") or [{}]
        name = codings[0].get("display") or resource["code"].get("text", "")
        return CheckupGroup(tuple(members), codings[0].get("code", ""), name, _note(resource))

    def _item(self, resource: Resource) -> Iterator[CheckupItem]:
        absent = resource.get("dataAbsentReason", {})
        reason = [each.get("code") for each in absent.get("coding", ())]
        absence = next((_ABSENCES[each] for each in reason if each in _ABSENCES), Absence.NONE)
        if absent and absence is Absence.NONE:
            absence = Absence.NOT_MEASURABLE
        judged = _first(resource.get("interpretation"))
        method = _first([resource.get("method", {})])
        code = _first([resource["code"]])
        taken = resource["effectiveDateTime"]
        yield CheckupItem(
            code=code.get("code", ""),
            name=code.get("display", ""),
            value=_value(resource),
            absence=absence,
            beyond=_BEYOND.get(judged.get("code", ""), ""),
            judgement="" if judged.get("code") in _BEYOND else judged.get("code", ""),
            method=method.get("code", ""),
            method_name=method.get("display", ""),
            normal=_normal(resource),
            recorder=self._recorder((resource.get("performer") or [{}])[0]),
            taken="" if taken == self.day else taken,
            specimen=resource.get("specimen", {}).get("display", ""),
            note=_note(resource),
            absence_reason="" if absent.get("text", "") == absence.value else absent["text"],
            system=code.get("system", "").removeprefix("urn:oid:"),
        )
        for each in resource.get("component", ()):
            inner = _first([each["code"]])
            said = [one for one in each.get("extension", ()) if one["url"] == names.COMPONENT_PERFORMER]
            yield CheckupItem(
                code=inner.get("code", ""),
                name=inner.get("display", ""),
                value=each.get("valueString"),
                recorder=self._recorder(said[0].get("valueReference", {})) if said else "",
                system=inner.get("system", "").removeprefix("urn:oid:"),
            )

    def _recorder(self, reference: Resource) -> str:
        resource = self.resources.get(reference.get("reference", ""), {})
        doctor = doctor_of(resource) if resource.get("resourceType") == "Practitioner" else None
        return doctor.name.text if doctor else ""


def _first(concepts: Any) -> Resource:
    for concept in concepts or ():
        for coding in concept.get("coding", ()):
            return dict(coding)
    return {}


def _note(resource: Resource) -> str:
    return str((resource.get("note") or [{}])[0].get("text", ""))


def _value(resource: Resource) -> MeasuredValue | ChosenValue | str | None:
    if "valueQuantity" in resource:
        given = resource["valueQuantity"]
        if "value" not in given:
            return None
        return MeasuredValue(Decimal(given["value"]), given.get("code", ""), given.get("unit", ""))
    if "valueCodeableConcept" in resource:
        coding = _first([resource["valueCodeableConcept"]])
        if not coding:
            return str(resource["valueCodeableConcept"].get("text", "")) or None
        ordinal = any(each["url"] == names.ORDINAL for each in coding.get("extension", ()))
        system = coding.get("system", "").removeprefix("urn:oid:")
        return ChosenValue(coding.get("code", ""), system, coding.get("display", ""), is_ordinal=ordinal)
    said: str | None = resource.get("valueString") or resource.get("valueDateTime")
    return said


def _normal(resource: Resource) -> NormalRange | None:
    given = (resource.get("referenceRange") or [{}])[0]
    low, high = given.get("low"), given.get("high")
    one = low or high
    if one is None:
        return None
    ends = [Decimal(each["value"]) if each else None for each in (low, high)]
    return NormalRange(ends[0], ends[1], one.get("code", ""), one.get("unit", ""))


def lines_of(div: str) -> tuple[str, ...]:
    """説明文の行 — what a person reads, a line each.

    >>> lines_of('<div xmlns="http://www.w3.org/1999/xhtml"><ul><li>身長 162.3 cm</li><li>体重</li></ul></div>')
    ('身長 162.3 cm', '体重')
    """
    if not div:
        return ()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(div.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        # The checker of narratives has let it pass: named letters (&nbsp;) that XML by itself does not know.
        return ()
    lines = [""]
    for event, each in etree.iterwalk(root, events=("start", "end")):
        if isinstance(each.tag, str) and etree.QName(each).localname in _BLOCKS:
            lines.append("")
        lines[-1] += (each.text if event == "start" else each.tail if each is not root else "") or ""
    return tuple(line.strip() for line in lines if line.strip())
