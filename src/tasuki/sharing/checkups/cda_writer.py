# SPDX-License-Identifier: Apache-2.0
"""特定健診XMLの書出し — a checkup as one ClinicalDocument of V08.

Cite: 特定健診情報ファイル仕様説明書 V08 (hc08_V08.xsd); 特定健診 OID表 (厚生労働省 001082788)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from tasuki.kernel.finding import Where
from tasuki.sharing.checkups.arranging import join_sections
from tasuki.sharing.checkups.cda_xml import HL7, XSI
from tasuki.sharing.checkups.items import item_facts
from tasuki.sharing.checkups.kinds import SECTION_NAMES
from tasuki.sharing.checkups.messages import refuse
from tasuki.sharing.checkups.values import (
    ITEM_SYSTEM,
    Absence,
    CheckupGroup,
    CheckupItem,
    ChosenValue,
    MeasuredValue,
)

if TYPE_CHECKING:
    from datetime import date

    from tasuki.sharing.checkups.values import Checkup, CheckupInstitution, CheckupSection, NormalRange
    from tasuki.sharing.safe_xml import Element

INSURER, INSTITUTION = "1.2.392.200119.6.101", "1.2.392.200119.6.102"
SYMBOL, NUMBER, BRANCH = "1.2.392.200119.6.204", "1.2.392.200119.6.205", "1.2.392.200119.6.211"
REPORT, PROGRAM, METHOD = "1.2.392.200119.6.1001", "1.2.392.200119.6.1002", "1.2.392.200119.6.1007"
SECTION, SEX = "1.2.392.200119.6.1010", "1.2.392.200119.6.1104"
TICKET_KIND, TICKET = "1.2.392.200119.6.208", "1.2.392.200119.6.209.1"
INTERPRETATION = "2.16.840.1.113883.5.83"
BEYOND = {"H": "以上", "L": "以下"}
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_checkup_xml(checkup: Checkup) -> bytes:
    """特定健診XMLの書出し — UTF-8 bytes. Raises :class:`BadInput` for letters XML cannot bear."""
    root = document(checkup)
    etree.indent(root)
    # A text with a layout of its own stands as it stood: blanks in it are its own.
    texts = [each.find(f"{{{HL7}}}text") for each in root.iter(f"{{{HL7}}}section")]
    for text, section in zip(texts, join_sections(checkup), strict=True):
        if section.layout:
            kept = etree.fromstring(section.layout)
            kept.tail = text.tail
            text.getparent().replace(text, kept)
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made


def document(checkup: Checkup) -> Element:
    """健診結果文書 — the tree."""
    root = etree.Element(f"{{{HL7}}}ClinicalDocument", nsmap={None: HL7, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{HL7} ../XSD/hc08_V08.xsd")
    _add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
    _add(root, "id", nullFlavor="NI")
    _add(root, "code", code=checkup.report, codeSystem=REPORT)
    _add(root, "effectiveTime", value=_day(checkup.issued_on))
    _add(root, "confidentialityCode", code="N")
    _examinee(root, checkup)
    author = _add(root, "author")
    _add(author, "time", value=_day(checkup.issued_on))
    assigned = _add(author, "assignedAuthor")
    _add(assigned, "id", nullFlavor="NI")
    _institution(assigned, "representedOrganization", checkup.author)
    assigned = _add(_add(root, "custodian"), "assignedCustodian")
    if checkup.custodian is None:
        _add(_add(assigned, "representedCustodianOrganization"), "id", nullFlavor="NI")
    else:
        _institution(assigned, "representedCustodianOrganization", checkup.custodian)
    _ticket(root, checkup)
    _service(root, checkup)
    body = _add(_add(root, "component"), "structuredBody")
    for section in join_sections(checkup):
        _section(_add(_add(body, "component"), "section"), section)
    return root


def _examinee(root: Element, checkup: Checkup) -> None:
    person = checkup.examinee
    role = _add(_add(root, "recordTarget"), "patientRole")
    insured = person.insured
    for extension, oid in (
        (insured.insurer, INSURER), (insured.symbol, SYMBOL), (insured.number, NUMBER), (insured.branch, BRANCH),
    ):  # fmt: skip
        if extension:
            _add(role, "id", extension=extension, root=oid)
    for each in person.numbers:
        if each.system.startswith("urn:oid:"):
            _add(role, "id", extension=each.value, root=each.system.removeprefix("urn:oid:"))
    _address(role, person.postal_code, person.address)
    if person.telephone:
        _add(role, "telecom", value=person.telephone)
    patient = _add(role, "patient")
    if person.kana is not None:
        _write(_add(patient, "name"), person.kana.text)
    _add(patient, "administrativeGenderCode", code=person.sex.value, codeSystem=SEX)
    _add(patient, "birthTime", value=_day(person.born_on))


def _institution(parent: Element, name: str, given: CheckupInstitution) -> None:
    made = _add(parent, name)
    _add(made, "id", extension=given.number, root=INSTITUTION)
    _write(_add(made, "name"), given.name)
    if given.telephone:
        _add(made, "telecom", value=given.telephone)
    _address(made, given.postal_code, given.address)


def _address(parent: Element, postal_code: str, address: str) -> None:
    if not postal_code and not address:
        return
    made = _add(parent, "addr")
    if postal_code:
        code = _add(made, "postalCode")
        _write(code, postal_code)
        code.tail = _writable(address) or None
    else:
        _write(made, address)


def _ticket(root: Element, checkup: Checkup) -> None:
    ticket = checkup.ticket
    if ticket is None:
        return
    holder = _add(root, "participant", typeCode="HLD")
    _add(holder, "functionCode", code=ticket.kind, codeSystem=TICKET_KIND)
    if ticket.valid_until is not None or ticket.valid_since is not None:
        time = _add(holder, "time")
        if ticket.valid_since is not None:
            _add(time, "low", value=_day(ticket.valid_since))
        if ticket.valid_until is not None:
            _add(time, "high", value=_day(ticket.valid_until))
    insurer = ticket.insurer or checkup.examinee.insured.insurer
    entity = _add(holder, "associatedEntity", classCode="IDENT")
    _add(entity, "id", extension=ticket.number, root=f"{TICKET}{insurer}")
    _add(_add(entity, "scopingOrganization"), "id", extension=insurer, root=INSURER)


def _service(root: Element, checkup: Checkup) -> None:
    event = _add(_add(root, "documentationOf"), "serviceEvent")
    _add(event, "code", code=checkup.program, codeSystem=PROGRAM)
    if checkup.ended_on is None or checkup.ended_on == checkup.held_on:
        _add(event, "effectiveTime", value=_day(checkup.held_on))
    else:
        time = _add(event, "effectiveTime")
        _add(time, "low", value=_day(checkup.held_on))
        _add(time, "high", value=_day(checkup.ended_on))
    assigned = _add(_add(event, "performer", typeCode="PRF"), "assignedEntity")
    _add(assigned, "id", nullFlavor="NI")
    _institution(assigned, "representedOrganization", checkup.performer)


def _section(made: Element, section: CheckupSection) -> None:
    name = SECTION_NAMES.get(section.code, "")
    _add(made, "code", code=section.code, codeSystem=SECTION, displayName=name)
    _write(_add(made, "title"), section.title or name)
    if section.layout:
        made.append(etree.fromstring(section.layout))
    else:
        text = _add(made, "text")
        if section.text:
            lines = _add(text, "list")
            for line in section.text:
                _write(_add(lines, "item"), line)
    for entry in section.entries:
        holder = _add(made, "entry")
        if isinstance(entry, CheckupGroup):
            group = _add(holder, "observation", classCode="OBS", moodCode="EVN")
            _add(group, "code", nullFlavor="NA")
            for member in entry.members:
                _item(_add(group, "entryRelationship", typeCode=member.relation.value), member.item)
        else:
            _item(holder, entry)


def _item(parent: Element, item: CheckupItem) -> None:
    made = _add(parent, "observation", classCode="OBS", moodCode="EVN")
    if item.absence is Absence.NOT_DONE:
        made.set("negationInd", "true")
    system = "" if item.system == ITEM_SYSTEM else _oid(item.system)
    _add(made, "code", code=item.code, codeSystem=system, displayName=item.name)
    if len(item.taken) == 10:
        _add(made, "effectiveTime", value=item.taken.replace("-", ""))
    _value(made, item)
    if item.judgement:
        _add(made, "interpretationCode", code=item.judgement)
    if item.method:
        _add(made, "methodCode", code=item.method, displayName=item.method_name)
    if item.recorder:
        author = _add(made, "author")
        _add(author, "time", nullFlavor="NI")
        assigned = _add(author, "assignedAuthor")
        _add(assigned, "id", nullFlavor="NI")
        _write(_add(_add(assigned, "assignedPerson"), "name"), item.recorder)
    if item.normal is not None:
        _normal(made, item.normal)


def _value(made: Element, item: CheckupItem) -> None:
    value = item.value
    if item.absence is Absence.NOT_MEASURABLE:
        fact = item_facts().get(item.code)
        _typed(made, fact.type if fact else "ST").set("nullFlavor", "NI")
    elif isinstance(value, MeasuredValue):
        node = _typed(made, "PQ")
        node.set("value", f"{value.number:f}")
        if value.unit:
            node.set("unit", _writable(value.unit))
    elif isinstance(value, ChosenValue):
        node = _typed(made, "CO" if value.is_ordinal else "CD")
        for name, text in (
            ("code", value.code),
            ("codeSystem", _oid(value.system)),
            ("displayName", value.name),
        ):
            if text:
                node.set(name, _writable(text))
    elif value is not None:
        _write(_typed(made, "ST"), value)
    if item.beyond:
        node = _typed(made, "CD")
        node.set("code", item.beyond)
        node.set("codeSystem", INTERPRETATION)
        node.set("displayName", BEYOND[item.beyond])


def _oid(system: str) -> str:
    """A code system that has a URL only has no name in XML."""
    return "" if ":" in system else system


def _normal(made: Element, normal: NormalRange) -> None:
    holder = _add(_add(made, "referenceRange"), "observationRange", classCode="OBS", moodCode="EVN.CRT")
    node = _typed(holder, "IVL_PQ")
    for name, number in (("low", normal.low), ("high", normal.high)):
        if number is not None:
            _add(node, name, value=f"{number:f}", unit=normal.unit)


def _typed(parent: Element, kind: str) -> Element:
    node = _add(parent, "value")
    node.set(f"{{{XSI}}}type", kind)
    return node


def _add(parent: Element, name: str, /, **attributes: str) -> Element:
    made = etree.SubElement(parent, f"{{{HL7}}}{name}")
    for key, value in attributes.items():
        if value:
            made.set(key, _writable(value))
    return made


def _write(element: Element, text: str) -> None:
    element.text = _writable(text) or None


def _writable(text: str) -> str:
    if found := _UNWRITABLE.search(text):
        raise refuse("CHK-X-10", Where(), code=f"{ord(found[0]):04X}")
    return text


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
