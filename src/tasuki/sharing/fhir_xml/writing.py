# SPDX-License-Identifier: Apache-2.0
"""FHIRのXMLの書出し — a resource from JSON: elements in the order of its type, primitives as attributes.

Cite: HL7 FHIR R4 2.6.1 XML Representation of Resources, 2.6.2 JSON Representation
"""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from tasuki.kernel.finding import Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checks.narrative import narrative_fault
from tasuki.sharing.fhir_xml.members import FHIR, NUMBERS, XmlMember, is_attribute, is_resource, members_of
from tasuki.sharing.fhir_xml.messages import refuse

if TYPE_CHECKING:
    from tasuki.sharing.safe_xml import Element

_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]*;")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DEEPEST = 100


def write_fhir_xml(resource: dict[str, Any], file: str = "") -> bytes:
    """FHIRのXMLの書出し — UTF-8 bytes. Raises :class:`BadInput` for what has no place in XML, with the place."""
    root = _resource(resource, "", file, 0)
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made


def _resource(value: Any, path: str, file: str, depth: int) -> Element:
    kind = value.get("resourceType") if type(value) is dict else None
    place = path or str(kind)
    if type(kind) is not str or not is_resource(kind):
        raise refuse("FHIR-X-05", Where(file, 0, place), found=printable(str(kind), 40))
    made = etree.Element(f"{{{FHIR}}}{kind}", nsmap={None: FHIR})
    _fill(made, value, kind, place, file, depth)
    return made


def _fill(made: Element, value: Any, inside: str, place: str, file: str, depth: int) -> None:
    if depth > DEEPEST:
        raise refuse("FHIR-X-03", Where(file, 0, printable(place, 200)), limit=f"入れ子{DEEPEST}段")
    if type(value) is not dict:
        raise refuse(
            "FHIR-X-07", Where(file, 0, place), value=printable(str(value), 40), wanted="オブジェクト"
        )
    members = members_of(inside)
    for key in value:
        if key.removeprefix("_") not in members and key not in ("resourceType", "fhir_comments"):
            raise refuse("FHIR-X-04", Where(file, 0, place), name=printable(key, 40))
    for name, member in members.items():
        given, partner = value.get(name), value.get(f"_{name}")
        if given is None and partner is None:
            continue
        here = f"{place}.{name}"
        if is_attribute(inside, name):
            made.set(name, _text(given, "string", here, file))
            continue
        givens, partners = _listed(given, member, here, file), _listed(partner, member, here, file)
        for number in range(max(len(givens), len(partners))):
            at = f"{here}[{number}]" if member.is_list else here
            one = givens[number] if number < len(givens) else None
            extra = partners[number] if number < len(partners) else None
            _one(made, member, one, extra, at, file, depth + 1)


def _listed(value: Any, member: XmlMember, place: str, file: str) -> list[Any]:
    if value is None:
        return []
    if member.is_list:
        if type(value) is list:
            return value
        raise refuse("FHIR-X-07", Where(file, 0, place), value=printable(str(value), 40), wanted="配列")
    return [value]


def _one(
    parent: Element, member: XmlMember, given: Any, extra: Any, place: str, file: str, depth: int
) -> None:
    if member.code == "xhtml":
        parent.append(_narrative(given, place, file))
        return
    made = etree.SubElement(parent, f"{{{FHIR}}}{member.name}")
    if member.code == "Resource":
        made.append(_resource(given, place, file, depth))
    elif member.is_primitive:
        if extra is not None:
            _fill(made, extra, "Element", place, file, depth)
        if given is not None:
            made.set("value", _text(given, member.code, place, file))
    else:
        _fill(made, given, member.inside, place, file, depth)


def _text(value: Any, code: str, place: str, file: str) -> str:
    if code == "boolean" and type(value) is bool:
        return "true" if value else "false"
    if code in NUMBERS and type(value) in (int, Decimal):
        return str(value)
    if code in NUMBERS and type(value) is float:
        return repr(value)
    if code not in NUMBERS and code != "boolean" and type(value) is str:
        if found := _UNWRITABLE.search(value):
            wanted = f"XMLの文字（U+{ord(found[0]):04X}）"
            raise refuse("FHIR-X-07", Where(file, 0, place), value=printable(value, 40), wanted=wanted)
        return value
    raise refuse("FHIR-X-07", Where(file, 0, place), value=printable(str(value), 40), wanted=code)


def _narrative(value: Any, place: str, file: str) -> Element:
    """The div as elements; letters that HTML names (&nbsp;) stand as themselves, since XML does not know the names."""
    where = Where(file, 0, place)
    if type(value) is not str:
        raise refuse("FHIR-X-07", where, value=printable(str(value), 40), wanted="XHTML")
    if reason := narrative_fault(value):
        raise refuse("FHIR-X-09", where, reason=reason)
    plain = _NAMED.sub(lambda each: html.unescape(each[0]), value)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(plain.encode("utf-8"), parser)
    except etree.XMLSyntaxError as wrong:
        raise refuse("FHIR-X-09", where, reason=printable(str(wrong), 60)) from wrong
