# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書の作成 — a checkup as a Bundle (document) of eCheckup 1.5.0.

The same checkup gives the same Bundle: ids are made from the document's number.

Cite: 健診結果報告書 HL7 FHIR 記述仕様 1.5.0 JP_Bundle_eCheckupGeneral
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tasuki.kernel.finding import BadInput, Finding, Where
from tasuki.sharing.checkups import fhir_names as names
from tasuki.sharing.checkups.arranging import split_sections
from tasuki.sharing.checkups.fhir_observations import Observations, Resource
from tasuki.sharing.checkups.fhir_people import (
    coverage_insurance,
    coverage_service,
    institution,
    insurer,
    patient,
    practitioner,
)
from tasuki.sharing.checkups.kinds import FHIR_REPORTS, PROGRAMS, SECTION_NAMES, SECTION_TITLES, fhir_report
from tasuki.sharing.checkups.messages import told
from tasuki.sharing.checkups.values import CheckupDoctor, CheckupSection, PersonName

if TYPE_CHECKING:
    from tasuki.sharing.checkups.values import Checkup, CheckupInstitution

TOKYO = timezone(timedelta(hours=9))
BUNDLE_NUMBER = re.compile(r"[0-4][0-9][1-3][0-9]{7}\^20[2-3][0-9]\^[A-Za-z0-9-]{1,36}")
_SPACE = uuid.UUID("6f0c1c1e-8a57-5d0e-9a55-0d6a2f3d1005")


def build_report(checkup: Checkup) -> Resource:
    """健診結果報告書の作成 — Raises :class:`BadInput` for what a report must have and the checkup lacks."""
    faults = _lacking(checkup)
    if faults:
        raise BadInput(faults)
    return assemble(checkup)


def assemble(checkup: Checkup) -> Resource:
    """健診結果報告書の組立て — of a checkup that has what a report needs, or came from one."""
    return _Report(checkup).bundle()


def _lacking(checkup: Checkup) -> list[Finding]:
    numbers, person = checkup.numbers, checkup.examinee
    found = []

    def lacks(name: str, remedy: str) -> None:
        found.append(told("CHK-F-02", Where(), name=name, remedy=remedy))

    if numbers.made_at is None or numbers.made_at.tzinfo is None:
        lacks("作成日時", "時差のある日時を指定してください。")
    if not BUNDLE_NUMBER.fullmatch(numbers.bundle):
        found.append(
            told("CHK-F-04", Where(), name="文書の番号", value=numbers.bundle,
                 remedy="「医療機関番号10桁^西暦4桁^英数字36文字以内」にしてください。")
        )  # fmt: skip
    if checkup.program not in PROGRAMS:
        found.append(told("CHK-F-03", Where(), code=checkup.program))
    if not person.address:
        lacks("受診者の住所", "住所を入れてください。")
    if person.kana is None and person.kanji is None:
        lacks("受診者の氏名", "カナか漢字の氏名を入れてください。")
    if not person.insured.insurer and not person.numbers:
        lacks("受診者の番号", "保険者番号・記号・番号か、施設の受診者番号を入れてください。")
    if not checkup.doctors and not any(each.recorder for each in checkup.items()):
        lacks("医師の氏名", "医師の診断（判定）に医師の氏名を入れるか、--doctor で指定してください。")
    if not any(each.entries for each in checkup.sections):
        lacks("健診項目", "結果を1件以上入れてください。")
    insurer_needed = checkup.ticket is not None or checkup.insurance is not None
    if insurer_needed and not (checkup.ticket and checkup.ticket.insurer) and not person.insured.insurer:
        lacks("保険者番号", "受診券を発行した保険者の番号を入れてください。")
    return found


class _Report:
    def __init__(self, checkup: Checkup) -> None:
        self.checkup = checkup
        assert checkup.numbers.made_at is not None
        self.made_at: datetime = checkup.numbers.made_at
        self.entries: list[Resource] = []
        self.doctors: dict[str, str] = {}
        self.organizations: dict[CheckupInstitution, str] = {}

    def bundle(self) -> Resource:
        checkup = self.checkup
        composition = self.address("Composition")
        person = self.add(patient(checkup.examinee), "", address=names.PATIENT)
        self._doctors()
        encounter = self.address("Encounter")
        self._organizations()
        self.add(self._encounter(), "Encounter")
        day = checkup.held_on.isoformat()
        observations = Observations(self.add, self.doctor, person, day)
        sections = self._sections(observations, self._coverages(person))
        head = self._composition(person, encounter, sections)
        self.add(head, "Composition", first=composition)
        numbers = checkup.numbers
        return {
            "resourceType": "Bundle",
            "meta": self._meta(names.BUNDLE),
            "language": "ja",
            "identifier": {"system": names.BUNDLE_NUMBER, "value": numbers.bundle},
            "type": "document",
            "timestamp": self._instant(),
            "entry": self.entries,
        }

    def address(self, kind: str, number: int = 1) -> str:
        return f"urn:uuid:{uuid.uuid5(_SPACE, f'{self.checkup.numbers.bundle}/{kind}/{number}')}"

    def add(self, resource: Resource, kind: str, *, address: str = "", first: str = "") -> str:
        number = 1 + sum(
            each["resource"]["resourceType"] == resource["resourceType"] for each in self.entries
        )
        url = first or self.address(resource["resourceType"], number)
        head = {"resourceType": resource["resourceType"], "id": url.removeprefix("urn:uuid:")}
        made = head | {"meta": self._meta(address or names.profile(kind))} | resource
        self.entries.insert(0 if first else len(self.entries), {"fullUrl": url, "resource": made})
        return url

    def doctor(self, name: str) -> str:
        return self.doctors[name]

    def _doctors(self) -> None:
        given = {each.name.text: each for each in self.checkup.doctors}
        for item in self.checkup.items():
            if item.recorder:
                given.setdefault(item.recorder, CheckupDoctor(PersonName(item.recorder)))
        for name, each in given.items():
            self.doctors[name] = self.add(practitioner(each), "Practitioner")

    def _organizations(self) -> None:
        checkup = self.checkup
        roles: dict[CheckupInstitution, list[str]] = {}
        for each, role in (
            (checkup.performer, "exec-org"), (checkup.author, "doc-org"), (checkup.custodian, "admin-org"),
        ):  # fmt: skip
            if each is not None and (role != "admin-org" or each not in roles):
                roles.setdefault(each, []).append(role)
        for each, names_of_roles in roles.items():
            self.organizations[each] = self.add(institution(each, names_of_roles), "Organization")

    def _encounter(self) -> Resource:
        checkup = self.checkup
        made: Resource = {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"system": names.ENCOUNTER_CLASS, "code": "checkup", "display": "健診"},
        }
        if checkup.visit_style:
            made["serviceType"] = {"coding": [{"system": names.VISIT_STYLE, "code": checkup.visit_style}]}
        made["period"] = self._period()
        made["serviceProvider"] = {"reference": self.organizations[checkup.performer]}
        return made

    def _period(self) -> Resource:
        checkup = self.checkup
        return {
            "start": checkup.held_on.isoformat(),
            "end": (checkup.ended_on or checkup.held_on).isoformat(),
        }

    def _event_period(self) -> Resource:
        numbers = self.checkup.numbers
        if numbers.event_since is None:
            return self._period()
        made = {"start": numbers.event_since.isoformat()}
        return made | ({"end": numbers.event_until.isoformat()} if numbers.event_until else {})

    def _coverages(self, person: str) -> list[str]:
        checkup = self.checkup
        if checkup.ticket is None and checkup.insurance is None:
            return []
        number = (checkup.ticket.insurer if checkup.ticket else "") or checkup.examinee.insured.insurer
        payor = self.add(insurer(number, checkup.insurer_name), names.INSURER)
        made = []
        if checkup.ticket is not None:
            made.append(self.add(coverage_service(checkup.ticket, person, payor), names.COVERAGE_SERVICE))
        if checkup.insurance is not None:
            made.append(
                self.add(coverage_insurance(checkup.insurance, person, payor), names.COVERAGE_INSURANCE)
            )
        return made

    def _sections(self, observations: Observations, coverages: list[str]) -> list[Resource]:
        """Coverages stand with the results; where there are none, in a section of their own."""
        program = PROGRAMS[self.checkup.program]
        made = []
        for each in split_sections(self.checkup):
            if each.entries:
                own = coverages if each.code == program.results else []
                made.append(self._section(each, observations.entries(each.entries), own))
                coverages = [] if own else coverages
        if coverages:
            empty = CheckupSection(program.results, SECTION_TITLES["results"])
            made.append(self._section(empty, [], coverages))
        return made

    def _section(self, section: CheckupSection, entries: list[str], coverages: list[str]) -> Resource:
        name = SECTION_NAMES.get(section.code, "")
        made: Resource = {
            "title": section.title or name,
            "code": {"coding": [{"system": names.SECTION, "code": section.code, "display": name}]},
        }
        if section.text:
            lines = "".join(f"<li>{escape(each)}</li>" for each in section.text)
            div = f'<div xmlns="{names.XHTML}"><ul>{lines}</ul></div>'
            made["text"] = {"status": "generated", "div": div}
        made["entry"] = [{"reference": each} for each in (*entries, *coverages)]
        return made

    def _composition(self, person: str, encounter: str, sections: list[Resource]) -> Resource:
        checkup, numbers = self.checkup, self.checkup.numbers
        report, program = fhir_report(checkup.report, checkup.program), PROGRAMS[checkup.program]
        authors = [*self.doctors.values(), self.organizations[checkup.author]]
        made: Resource = {
            "resourceType": "Composition",
            "language": "ja",
            "extension": [{"url": names.VERSION, "valueString": numbers.version}],
            "identifier": {"system": names.RESOURCE_NUMBER, "value": numbers.document or numbers.bundle},
            "status": "final",
            "type": {"coding": [_coding(names.DOCUMENT_TYPE, "53576-5", "検診・健診報告書")]},
            "category": [{"coding": [_coding(names.REPORT, report, FHIR_REPORTS[report])]}],
            "subject": {"reference": person},
            "encounter": {"reference": encounter},
            "date": self.made_at.isoformat(timespec="seconds"),
            "author": [{"reference": each} for each in authors],
            "title": numbers.title or f"{program.name}結果報告書",
        }
        if checkup.custodian is not None:
            made["custodian"] = {"reference": self.organizations[checkup.custodian]}
        made["event"] = [
            {
                "code": [{"coding": [_coding(names.PROGRAM, program.code, program.name)]}],
                "period": self._event_period(),
                "detail": [{"reference": encounter}],
            }
        ]
        return made | {"section": sections}

    def _instant(self) -> str:
        return self.made_at.isoformat(timespec="milliseconds")

    def _meta(self, url: str) -> Resource:
        return {"lastUpdated": self._instant(), "profile": [url]}


def _coding(system: str, code: str, display: str) -> dict[str, Any]:
    return {"system": system, "code": code, "display": display}
