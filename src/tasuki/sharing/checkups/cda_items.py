# SPDX-License-Identifier: Apache-2.0
"""特定健診XMLの結果の読取 — sections, groups and items.

Cite: 特定健診情報ファイル仕様説明書 V08 3.3.2.3 (一連検査グループ、入力範囲を超えた場合、未実施・測定不可能)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.cda_writer import BEYOND, INTERPRETATION
from tasuki.sharing.checkups.cda_xml import HL7, XSI
from tasuki.sharing.checkups.items import item_facts
from tasuki.sharing.checkups.values import (
    ITEM_SYSTEM,
    Absence,
    CheckupGroup,
    CheckupItem,
    CheckupSection,
    ChosenValue,
    GroupMember,
    MeasuredValue,
    NormalRange,
    Relation,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from tasuki.sharing.checkups.cda_xml import Place

_RELATIONS = {each.value: each for each in Relation}


def read_section(place: Place) -> CheckupSection:
    """健診結果セクションの読取 — its code, title, text and entries."""
    code, title, text = place.need("code"), place.child("title"), place.child("text")
    lines, layout = _narrative(text) if text else ((), "")
    entries: list[CheckupItem | CheckupGroup] = []
    for entry in place.children("entry"):
        observation = entry.need("observation")
        if observation is not None:
            entries.append(_entry(observation))
    return CheckupSection(
        code.need_attribute("code") if code else "",
        title.text() if title else "",
        lines,
        layout,
        tuple(entries),
    )


def _narrative(place: Place) -> tuple[tuple[str, ...], str]:
    """Lines of a plain list; of anything else its lines and the text as it stood."""
    blocks = ("item", "paragraph", "td", "th", "caption", "br")
    plain = all(
        each.tag in (f"{{{HL7}}}{name}" for name in ("text", "list", "item")) and not each.attrib
        for each in place.element.iter()
    )
    stray = [place.element.text, *(each.text for each in place.element if each.tag == f"{{{HL7}}}list")]
    stray += [each.tail for each in place.element.iterdescendants()]
    lists = list(place.element)
    if plain and len(lists) <= 1 and not any((each or "").strip() for each in stray):
        items = list(place.element.iterdescendants(f"{{{HL7}}}item"))
        if all(len(each) == 0 and (each.text or "").strip() for each in items) and bool(items) == bool(lists):
            return tuple((each.text or "").strip() for each in items), ""
    lines: list[str] = [""]
    for event, each in etree.iterwalk(place.element, events=("start", "end")):
        if etree.QName(each).localname in blocks:
            lines.append("")
        lines[-1] += (each.text if event == "start" else each.tail if each is not place.element else "") or ""
    kept = etree.tostring(place.element, encoding="unicode", with_tail=False)
    return tuple(line.strip() for line in lines if line.strip()), kept


def _entry(place: Place) -> CheckupItem | CheckupGroup:
    relations = list(place.children("entryRelationship"))
    if not relations:
        return _item(place)
    members = []
    for each in relations:
        relation = _RELATIONS.get(each.get("typeCode"))
        observation = each.need("observation")
        if relation is None:
            each.tell(
                "CHK-X-07", "typeCode", value=printable(each.get("typeCode"), 20), wanted="COMP または RSON"
            )
        if observation is None:
            continue
        if next(observation.children("entryRelationship"), None) is not None:
            observation.tell("CHK-X-09")
            continue
        members.append(GroupMember(relation or Relation.COMPONENT, _item(observation)))
    return CheckupGroup(tuple(members))


def _item(place: Place) -> CheckupItem:
    code = place.need("code")
    number = code.need_attribute("code") if code else ""
    fact = item_facts().get(number)
    name = (code.get("displayName") if code else "") or (fact.name if fact else "")
    place.path = f"{place.path}（{printable(name or number, 40)}）"
    values = list(place.children("value"))
    value, absence, beyond = _values(values)
    if place.get("negationInd") in ("true", "1"):
        absence = Absence.NOT_DONE
    method, judged, taken = (
        place.child("methodCode"),
        place.child("interpretationCode"),
        place.child("effectiveTime"),
    )
    recorder = place.child("author", "assignedAuthor", "assignedPerson", "name")
    day = taken.day() if taken and taken.get("value") else None
    return CheckupItem(
        code=number,
        name=code.get("displayName") if code else "",
        value=value,
        absence=absence,
        beyond=beyond,
        judgement=judged.need_attribute("code") if judged else "",
        method=method.need_attribute("code") if method else "",
        method_name=method.get("displayName") if method else "",
        normal=_normal(place),
        recorder=recorder.text() if recorder else "",
        taken=day.isoformat() if day else "",
        system=(code.get("codeSystem") if code else "") or ITEM_SYSTEM,
    )


def _values(values: list[Place]) -> tuple[MeasuredValue | ChosenValue | str | None, Absence, str]:
    """The value, why there is none, and whether it lies outside what can be entered."""
    found: MeasuredValue | ChosenValue | str | None = None
    absence, beyond, count = Absence.NONE, "", 0
    for each in values:
        if each.get("codeSystem") == INTERPRETATION and each.get("code") in BEYOND:
            beyond = each.get("code")
            continue
        count += 1
        if count > 1:
            each.tell("CHK-X-06", name="value", count=len(values))
        elif each.get("nullFlavor"):
            absence = Absence.NOT_MEASURABLE
        else:
            found = _value(each)
    return found, absence, beyond


def _value(place: Place) -> MeasuredValue | ChosenValue | str | None:
    kind: str = place.element.get(f"{{{XSI}}}type", "").rpartition(":")[2].strip()
    if kind in ("PQ", "INT", "REAL"):
        number = place.number()
        return None if number is None else MeasuredValue(number, place.get("unit"))
    if kind in ("CD", "CO", "CE"):
        code = place.need_attribute("code")
        return ChosenValue(code, place.get("codeSystem"), place.get("displayName"), is_ordinal=kind == "CO")
    if kind == "ST":
        text = place.text()
        if not text:
            place.tell("CHK-X-05", name="値の文字")
        return text
    place.tell("CHK-X-08", "type", found=printable(kind, 20) or "なし")
    return None


def _normal(place: Place) -> NormalRange | None:
    value = place.child("referenceRange", "observationRange", "value")
    if value is None:
        return None
    ends: dict[str, Decimal | None] = {}
    unit = ""
    for name in ("low", "high"):
        end = value.child(name)
        if end is not None and not end.get("nullFlavor"):
            ends[name] = end.number()
            unit = end.get("unit") or unit
    return NormalRange(ends.get("low"), ends.get("high"), unit)
