# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書の読取 — a Bundle of eCheckup 1.5.0 as a checkup, and what of it a checkup does not hold.

The Bundle is checked against its profile first; what breaks it is answered and not read. What was read is built again
and held against the Bundle, so nothing is lost in silence.

Cite: 健診結果報告書 HL7 FHIR 記述仕様 1.5.0
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki.sharing.checkups import fhir_names as names
from tasuki.sharing.checkups.cda_reader import ReadCheckup
from tasuki.sharing.checkups.kinds import PROGRAMS
from tasuki.sharing.checkups.messages import refuse, told
from tasuki.sharing.checkups.report_items import ReportItems, lines_of
from tasuki.sharing.checkups.report_people import (
    day_of,
    days_of,
    doctor_of,
    examinee_of,
    institution_of,
    insurance_of,
    number_of,
    ticket_of,
)
from tasuki.sharing.checkups.report_places import lost_elements
from tasuki.sharing.checkups.report_writer import assemble
from tasuki.sharing.checkups.values import Checkup, CheckupSection, ReportNumbers
from tasuki.sharing.validator import DEPTH, MOST_BYTES, Validator

if TYPE_CHECKING:
    from tasuki.sharing.checkups.values import CheckupInstitution, CheckupInsurance, CheckupTicket

Resource = dict[str, Any]


@cache
def checkup_validator() -> Validator:
    """健診結果報告書の点検 — the validator with the tables built in, made once."""
    return Validator()


def check_report(bundle: Resource, file: str = "") -> tuple[Finding, ...]:
    """健診結果報告書の点検 — against JP_Bundle_eCheckupGeneral and what its resources claim."""
    return checkup_validator().validate_value(bundle, file, (names.BUNDLE,))


def read_report(data: bytes, file: str = "") -> ReadCheckup:
    """健診結果報告書の読取 — of JSON as it came. Raises :class:`BadInput` with what is wrong in it."""
    if len(data) > MOST_BYTES:
        raise refuse("CHK-X-03", Where(file), limit=f"{MOST_BYTES // 1_000_000}MB")
    try:
        bundle = read_strictly(data, DEPTH)
    except NotStrict as wrong:
        raise refuse("CHK-F-01", Where(file), found=str(wrong)) from wrong
    return read_report_value(bundle, file)


def read_report_value(bundle: Any, file: str = "") -> ReadCheckup:
    """健診結果報告書の読取 — of JSON already read strictly."""
    kind = bundle.get("resourceType") if type(bundle) is dict else None
    if kind != "Bundle" or bundle.get("type") != "document":
        raise refuse("CHK-F-01", Where(file), found=printable(str(kind), 40))
    faults = [each for each in check_report(bundle, file) if each.severity is Severity.BLOCK]
    if faults:
        raise BadInput(faults)
    try:
        checkup = _Reading(bundle, file).checkup()
    except KeyError as missing:
        # The profile asks for the element; a value told as unknown by an extension leaves it without content.
        raise refuse("CHK-F-05", Where(file), name=printable(str(missing.args[0]), 40)) from missing
    left = tuple(
        told("CHK-L-01", Where(file, 0, place), Severity.CONFIRM, value=printable(value, 60))
        for place, value in lost_elements(bundle, assemble(checkup))
    )
    return ReadCheckup(checkup, left)


class _Reading:
    def __init__(self, bundle: Resource, file: str) -> None:
        self.bundle, self.file = bundle, file
        self.resources: dict[str, Resource] = {each["fullUrl"]: each["resource"] for each in bundle["entry"]}
        self.head: Resource = bundle["entry"][0]["resource"]

    def need(self, address: str, place: str) -> Resource:
        found = self.resources.get(address)
        if found is None:
            raise refuse("CHK-F-05", Where(self.file, 0, place), name=f"参照先（{printable(address, 60)}）")
        return found

    def checkup(self) -> Checkup:
        head, file = self.head, self.file
        encounter = self.need(head["encounter"]["reference"], "Composition.encounter")
        program = head["event"][0]["code"][0]["coding"][0]["code"]
        if program not in PROGRAMS:
            raise refuse("CHK-F-03", Where(file, 0, "Composition.event.code"), code=printable(program, 20))
        performer = self.institution(encounter["serviceProvider"]["reference"], "Encounter.serviceProvider")
        people = [self.need(each["reference"], "Composition.author") for each in head["author"]]
        offices = [institution_of(each) for each in people if each["resourceType"] == "Organization"]
        custodian = head.get("custodian", {}).get("reference")
        since, until = days_of(encounter, "Encounter", file)
        if since is None:
            raise refuse("CHK-F-05", Where(file, 0, "Encounter.period.start"), name="健診の実施日")
        items = ReportItems(self.resources, since.isoformat(), file)
        ticket, insurance, insurer_name = self._coverages()
        doctors = (
            doctor_of(each) for each in self.resources.values() if each["resourceType"] == "Practitioner"
        )
        return Checkup(
            report=head["category"][0]["coding"][0]["code"],
            program=program,
            issued_on=day_of(head["date"], "Composition.date", file),
            held_on=since,
            examinee=examinee_of(self.need(head["subject"]["reference"], "Composition.subject"), file),
            author=offices[0] if offices else performer,
            performer=performer,
            sections=tuple(self._section(each, items) for each in head.get("section", ())),
            ticket=ticket,
            insurance=insurance,
            insurer_name=insurer_name,
            custodian=self.institution(custodian, "Composition.custodian") if custodian else None,
            doctors=tuple(each for each in doctors if each is not None),
            ended_on=None if until == since else until,
            visit_style=(encounter.get("serviceType", {}).get("coding") or [{}])[0].get("code", ""),
            numbers=self._numbers(since, until),
        )

    def _numbers(self, *held: object) -> ReportNumbers:
        head, stamp = self.head, self.bundle["timestamp"]
        try:
            made_at = datetime.fromisoformat(stamp)
        except ValueError as wrong:
            where = Where(self.file, 0, "Bundle.timestamp")
            raise refuse("CHK-X-07", where, value=printable(stamp, 40), wanted="日時") from wrong
        event = days_of(head["event"][0], "Composition.event", self.file)
        since, until = event if event[0] is not None and event != held else (None, None)
        versions = (each.get("valueString", "") for each in head["extension"] if each["url"] == names.VERSION)
        return ReportNumbers(
            bundle=self.bundle["identifier"]["value"],
            document=head["identifier"]["value"],
            version=next(versions, ""),
            title=head["title"],
            made_at=made_at,
            event_since=since,
            event_until=until,
        )

    def institution(self, address: str, place: str) -> CheckupInstitution:
        return institution_of(self.need(address, place))

    def _section(self, section: Resource, items: ReportItems) -> CheckupSection:
        addresses = [each["reference"] for each in section.get("entry", ())]
        resources = [self.need(each, "Composition.section.entry") for each in addresses]
        # Who also lists the members of a group beside it says them twice; they are read within the group.
        members = {one["reference"] for each in resources for one in each.get("hasMember", ())}
        observations = [
            each
            for address, each in zip(addresses, resources, strict=True)
            if each["resourceType"] == "Observation" and address not in members
        ]
        return CheckupSection(
            code=section["code"]["coding"][0]["code"],
            title=section.get("title", ""),
            text=lines_of(section.get("text", {}).get("div", "")),
            entries=tuple(items.entries(observations)),
        )

    def _coverages(self) -> tuple[CheckupTicket | None, CheckupInsurance | None, str]:
        ticket: CheckupTicket | None = None
        insurance: CheckupInsurance | None = None
        name = ""
        service = names.profile(names.COVERAGE_SERVICE)
        for each in self.resources.values():
            if each["resourceType"] != "Coverage":
                continue
            payor = self.need(each["payor"][0]["reference"], "Coverage.payor")
            name = payor.get("name", name)
            claimed = [url.partition("|")[0] for url in each.get("meta", {}).get("profile", ())]
            if service in claimed:
                ticket = ticket_of(each, number_of(payor, names.INSURER_NUMBER), self.file)
            else:
                insurance = insurance_of(each, self.file)
        return ticket, insurance, name
