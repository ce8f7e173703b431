# SPDX-License-Identifier: Apache-2.0
"""FHIRのXMLの読取 — a resource as the JSON value it is; numbers keep their digits.

Elements stand in the order of their type, as FHIR asks; hostile XML is refused.

Cite: HL7 FHIR R4 2.6.1 XML Representation of Resources, 2.6.2 JSON Representation
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from tasuki.kernel.finding import Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checks.narrative import narrative_fault
from tasuki.sharing.fhir_xml.members import (
    FHIR,
    NUMBERS,
    XHTML,
    XmlMember,
    is_attribute,
    is_resource,
    members_of,
)
from tasuki.sharing.fhir_xml.messages import refuse
from tasuki.sharing.safe_xml import UnsafeXml, XmlFault, XmlLimits, parse_xml

if TYPE_CHECKING:
    from tasuki.sharing.safe_xml import Element

LIMITS = XmlLimits(bytes=64 * 1024 * 1024, elements=2_000_000, depth=100)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,100})(?:\.[0-9]{1,100})?(?:[eE][+-]?[0-9]{1,3})?")
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def read_fhir_xml(data: bytes, file: str = "") -> dict[str, Any]:
    """FHIRのXMLの読取 — the resource as its JSON. Raises :class:`BadInput` with line and place."""
    try:
        root = parse_xml(data, LIMITS)
    except UnsafeXml as wrong:
        where = Where(file, wrong.line)
        if wrong.fault is XmlFault.TOO_LARGE:
            raise refuse("FHIR-X-03", where, limit=wrong.detail) from wrong
        if wrong.fault is XmlFault.REFUSED:
            raise refuse("FHIR-X-02", where, what=wrong.detail) from wrong
        raise refuse("FHIR-X-01", where, reason=wrong.detail) from wrong
    return _resource(root, "", file)


def _where(element: Element, place: str, file: str) -> Where:
    return Where(file, element.sourceline or 0, place)


def _resource(element: Element, path: str, file: str) -> dict[str, Any]:
    name = etree.QName(element)
    place = path or name.localname
    if name.namespace != FHIR or not is_resource(name.localname):
        raise refuse("FHIR-X-05", _where(element, place, file), found=printable(element.tag, 60))
    return {"resourceType": name.localname, **_fill(element, name.localname, place, file)}


def _fill(element: Element, inside: str, place: str, file: str) -> dict[str, Any]:
    members = members_of(inside)
    made: dict[str, Any] = {}
    for key, value in element.attrib.items():
        if is_attribute(inside, key) and key in members:
            made[key] = value
        elif key != _SCHEMA_LOCATION:
            raise refuse("FHIR-X-04", _where(element, place, file), name=f"@{printable(key, 60)}")
    _no_words(element, place, file)
    order = {name: number for number, name in enumerate(members)}
    reached = -1
    found: dict[str, list[Element]] = {}
    for child in element:
        name = etree.QName(child)
        member = members.get(name.localname)
        wanted = XHTML if member is not None and member.code == "xhtml" else FHIR
        if member is None or name.namespace != wanted or is_attribute(inside, member.name):
            raise refuse("FHIR-X-04", _where(child, place, file), name=printable(name.localname, 60))
        if order[member.name] < reached:
            raise refuse("FHIR-X-06", _where(child, place, file), name=member.name)
        reached = order[member.name]
        found.setdefault(member.name, []).append(child)
    for name, children in found.items():
        _member(made, members[name], children, f"{place}.{name}", file)
    return made


def _no_words(element: Element, place: str, file: str) -> None:
    """In FHIR words stand in attributes: between elements there are blanks only."""
    for text in (element.text, *(child.tail for child in element)):
        if text and text.strip():
            raise refuse(
                "FHIR-X-02",
                _where(element, place, file),
                what=f"要素の間の文字「{printable(text.strip(), 20)}」",
            )


def _member(made: dict[str, Any], member: XmlMember, children: list[Element], place: str, file: str) -> None:
    if not member.is_list and len(children) > 1:
        raise refuse("FHIR-X-08", _where(children[1], place, file), name=member.name)
    values: list[Any] = []
    partners: list[Any] = []
    for number, child in enumerate(children):
        at = f"{place}[{number}]" if member.is_list else place
        value, partner = _one(member, child, at, file)
        values.append(value)
        partners.append(partner)
    for key, each in ((member.name, values), (f"_{member.name}", partners)):
        if any(one is not None for one in each):
            made[key] = each if member.is_list else each[0]


def _one(member: XmlMember, child: Element, place: str, file: str) -> tuple[Any, Any]:
    if member.code == "xhtml":
        return _narrative(child, place, file), None
    if member.code == "Resource":
        _no_words(child, place, file)
        if len(child) != 1 or child.attrib:
            raise refuse("FHIR-X-05", _where(child, place, file), found="1個のリソースではない中身")
        return _resource(child[0], place, file), None
    if not member.is_primitive:
        return _fill(child, member.inside, place, file), None
    given = child.attrib.pop("value", None)
    partner = _fill(child, "Element", place, file) or None
    if given is None and partner is None:
        raise refuse("FHIR-X-07", _where(child, place, file), value="", wanted=member.code)
    return (None if given is None else _value(given, member.code, child, place, file)), partner


def _value(text: str, code: str, child: Element, place: str, file: str) -> Any:
    if code == "boolean":
        if text in ("true", "false"):
            return text == "true"
    elif code in NUMBERS:
        if _NUMBER.fullmatch(text):
            return int(text) if text.lstrip("-").isdigit() else Decimal(text)
    else:
        return text
    raise refuse("FHIR-X-07", _where(child, place, file), value=printable(text, 40), wanted=code)


def _narrative(child: Element, place: str, file: str) -> str:
    text: str = etree.tostring(child, encoding="unicode", with_tail=False)
    if reason := narrative_fault(text):
        raise refuse("FHIR-X-09", _where(child, place, file), reason=reason)
    return text
