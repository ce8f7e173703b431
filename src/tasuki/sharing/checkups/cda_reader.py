# SPDX-License-Identifier: Apache-2.0
"""特定健診XMLの読取 — one ClinicalDocument of V08 as a checkup, and what of it a checkup does not hold.

After reading, the checkup is written again and held against the file: what differs is told place by place, so nothing
is lost in silence.

Cite: 特定健診情報ファイル仕様説明書 V08 (hc08_V08.xsd)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups import cda_writer as wire
from tasuki.sharing.checkups.cda_items import read_section
from tasuki.sharing.checkups.cda_places import lost_places
from tasuki.sharing.checkups.cda_xml import HL7, Place, parse_safely
from tasuki.sharing.checkups.messages import refuse, told
from tasuki.sharing.checkups.values import (
    Checkup,
    CheckupInstitution,
    CheckupTicket,
    Examinee,
    InsuredNumber,
    PersonName,
    PersonNumber,
    Sex,
)

if TYPE_CHECKING:
    from tasuki.sharing.safe_xml import Element

NO_DAY = date(1, 1, 1)
_SEXES = {each.value: each for each in Sex}


@dataclass(frozen=True, slots=True)
class ReadCheckup:
    """読み取った健診結果 — the checkup, and what of the file it does not hold."""

    checkup: Checkup
    left: tuple[Finding, ...] = ()


def read_checkup_xml(data: bytes, file: str = "") -> ReadCheckup:
    """特定健診XMLの読取 — Raises :class:`BadInput` with every fault found, each with line and place."""
    root = parse_safely(data, file)
    if root.tag != f"{{{HL7}}}ClinicalDocument":
        raise refuse("CHK-X-04", Where(file, root.sourceline or 0), found=printable(root.tag, 60))
    found: list[Finding] = []
    checkup = _document(Place(root, "ClinicalDocument", file, found))
    if checkup is None or found:
        raise BadInput(found)
    return ReadCheckup(checkup, _left(root, checkup, file))


def _left(root: Element, checkup: Checkup, file: str) -> tuple[Finding, ...]:
    return tuple(
        told("CHK-L-01", Where(file, line, path), Severity.CONFIRM, value=printable(value, 60))
        for path, value, line in lost_places(root, wire.document(checkup))
    )


def _document(top: Place) -> Checkup | None:
    code, issued = top.need("code"), top.need("effectiveTime")
    role, author = (
        top.need("recordTarget", "patientRole"),
        top.need("author", "assignedAuthor", "representedOrganization"),
    )
    event = top.need("documentationOf", "serviceEvent")
    performer = event and event.need("performer", "assignedEntity", "representedOrganization")
    program = event and event.need("code")
    body = top.need("component", "structuredBody")
    since, until = _held(event) if event else (None, None)
    examinee = role and _examinee(role)
    if not (code and issued and role and author and event and performer and program and body and examinee):
        return None
    custodian = top.child("custodian", "assignedCustodian", "representedCustodianOrganization")
    sections = [section for each in body.children("component") if (section := each.need("section"))]
    if not sections:
        body.tell("CHK-X-05", name="component/section")
    return Checkup(
        report=code.need_attribute("code"),
        program=program.need_attribute("code"),
        issued_on=issued.day() or NO_DAY,
        held_on=since or NO_DAY,
        examinee=examinee,
        author=_institution(author),
        performer=_institution(performer),
        sections=tuple(read_section(each) for each in sections),
        ticket=_ticket(top),
        custodian=_institution(custodian) if custodian and _extension(custodian, wire.INSTITUTION) else None,
        ended_on=until,
    )


def _held(event: Place) -> tuple[date | None, date | None]:
    time = event.need("effectiveTime")
    if time is None:
        return None, None
    low, high = time.child("low"), time.child("high")
    if low is None:
        return time.day(), None
    return low.day(), high.day() if high else None


def _examinee(role: Place) -> Examinee | None:
    patient = role.need("patient")
    if patient is None:
        return None
    sex, born = patient.need("administrativeGenderCode"), patient.need("birthTime")
    given = _SEXES.get(sex.need_attribute("code")) if sex else None
    if sex and given is None:
        sex.tell("CHK-X-07", "code", value=printable(sex.get("code"), 20), wanted="男女区分（1男・2女）")
    name, telecom = patient.child("name"), role.child("telecom")
    postal_code, address = _address(role)
    known = {wire.INSURER, wire.SYMBOL, wire.NUMBER, wire.BRANCH}
    return Examinee(
        kana=PersonName(name.text()) if name and name.text() else None,
        sex=given or Sex.MALE,
        born_on=(born.day() if born else None) or NO_DAY,
        insured=InsuredNumber(
            *(_extension(role, each) for each in (wire.INSURER, wire.SYMBOL, wire.NUMBER, wire.BRANCH))
        ),
        postal_code=postal_code,
        address=address,
        telephone=telecom.get("value") if telecom else "",
        numbers=tuple(
            PersonNumber(f"urn:oid:{each.get('root')}", each.get("extension"))
            for each in role.children("id")
            if each.get("root") not in known and each.get("extension")
        ),
    )


def _extension(place: Place, oid: str) -> str:
    same = [each for each in place.children("id") if each.get("root") == oid]
    if len(same) > 1:
        same[1].tell("CHK-X-06", name=f"id（{oid}）", count=len(same))
    return same[0].get("extension") if same else ""


def _institution(place: Place) -> CheckupInstitution:
    name, telecom = place.child("name"), place.child("telecom")
    number = _extension(place, wire.INSTITUTION)
    if not number:
        place.tell("CHK-X-05", name=f"機関番号（id、{wire.INSTITUTION}）")
    postal_code, address = _address(place)
    return CheckupInstitution(
        number, name.text() if name else "", postal_code, address, telecom.get("value") if telecom else ""
    )


def _address(place: Place) -> tuple[str, str]:
    addr = place.child("addr")
    if addr is None:
        return "", ""
    code = addr.child("postalCode")
    own = [addr.element.text or "", *(each.tail or "" for each in addr.element)]
    return code.text() if code else "", "".join(own).strip()


def _ticket(top: Place) -> CheckupTicket | None:
    for holder in top.children("participant"):
        kind = holder.child("functionCode")
        entity = holder.child("associatedEntity")
        number = entity and entity.need("id")
        if entity is None or kind is None or number is None:
            continue
        low, high = holder.child("time", "low"), holder.child("time", "high")
        insurer = entity.child("scopingOrganization")
        return CheckupTicket(
            number=number.need_attribute("extension"),
            valid_until=high.day() if high else None,
            kind=kind.need_attribute("code"),
            insurer=_extension(insurer, wire.INSURER) if insurer else "",
            valid_since=low.day() if low else None,
        )
    return None
