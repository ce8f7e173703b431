# SPDX-License-Identifier: Apache-2.0
"""文書の骨組み — sections with words and entries, the Bundle around them, and how both are read."""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.sharing.build import names
from tasuki.sharing.build.faults import refuse, unreadable
from tasuki.sharing.build.information import RESOURCE_TYPES, build, entry_of, read
from tasuki.sharing.build.parts import (
    Resource,
    coding,
    concept,
    dicts,
    extension,
    fit,
    instant,
    meta,
    moment,
    patient_reference,
    read_moment,
    resource_number,
    said,
    text,
)
from tasuki.sharing.build.people import build_patient, read_doctor, read_institution, read_patient

if TYPE_CHECKING:
    from tasuki.sharing.build.around import Around, DoctorFacts, InstitutionFacts, PatientFacts
    from tasuki.sharing.build.facts import Facts

# What stands in a section that must be there and has nothing to say.
NOTHING_WRITTEN = "記載なし"
_BREAK, _TAG = re.compile(r"<br\s*/?>"), re.compile(r"<[^>]*>")
_XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class Part:
    """文書の欄 — what is written in words, and the facts that go with it."""

    text: str = ""
    facts: tuple[Facts, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.facts)


EMPTY = Part()


@dataclass(frozen=True, slots=True)
class Attachment:
    """添付 — a file that goes with a document."""

    title: str
    content_type: str
    data: bytes


class Section(NamedTuple):
    """文書の節 — code and title of the guide, and the member of the letter that fills it."""

    code: str
    title: str
    field: str
    is_required: bool = False


def narrative(words: str) -> Resource:
    """文章 — as the XHTML that a section asks for."""
    inner = html.escape(words, quote=False).replace("\n", "<br/>")
    return {"status": "additional", "div": f'<div xmlns="{_XHTML}">{inner}</div>'}


def read_narrative(section: Resource) -> str:
    """文章の読取り — tags off, breaks kept; what says that nothing is written is empty."""
    div = said(section, "text", "div")
    words = html.unescape(_TAG.sub("", _BREAK.sub("\n", div))).strip()
    return "" if words == NOTHING_WRITTEN else words


class Desk:
    """文書の組立台 — the entries of one document, each once, and the references to them."""

    def __init__(self, around: Around) -> None:
        self.around = around
        self._entries: dict[str, Resource] = {}

    def add(self, kind: str, id: str, resource: Resource) -> Resource:
        """エントリの追加 — gives the reference; the same fact may stand in several sections, another may not take its place."""
        url = self.around.url(kind, id)
        if self._entries.setdefault(url, resource) != resource:
            refuse(f"{kind} {id}", "id", id, "番号", "文書の中で一つの事実だけに使う番号")
        return {"reference": url, "type": kind}

    def add_facts(self, part: Part) -> list[Resource]:
        """欄の情報の追加."""
        return [
            self.add(RESOURCE_TYPES[type(each)], each.id, build(each, self.around)) for each in part.facts
        ]

    def add_attachment(self, given: Attachment, number: int) -> Resource:
        """添付の追加 — a DocumentReference with the file in it."""
        id = f"attachment-{number}"
        made: Resource = {
            "resourceType": "DocumentReference",
            "meta": meta(self.around, names.DOCUMENT),
            "status": "current",
            "subject": patient_reference(self.around),
            "date": instant(self.around.sent_at),
            "description": text(given.title, "attachment", "title", "添付の名前"),
            "content": [
                {
                    "attachment": {
                        "contentType": given.content_type,
                        "language": "ja",
                        "data": base64.b64encode(given.data).decode(),
                        "title": given.title.strip(),
                    }
                }
            ],
        }
        return self.add("DocumentReference", id, made)

    def section(self, spec: Section, part: Part, entries: list[Resource] | None = None) -> Resource:
        """節の組立 — words, entries, and why there are none when there are none.

        Cite: JP-CLINS 1.10.0 section.emptyReason
        """
        made = {
            **head(spec),
            "text": narrative(fit(part.text, spec.title, "text", "文章") or NOTHING_WRITTEN),
        }
        kept = [*(entries or ()), *self.add_facts(part)]
        if kept:
            return {**made, "entry": kept}
        reason = coding(names.EMPTY_REASON, "unavailable", "Unavailable")
        return {**made, "emptyReason": concept([reason])}

    def bundle(self, profile: str, composition: Resource, id: str) -> Resource:
        """文書Bundleの組立 — the Composition first, then the patient, then what they speak of."""
        around = self.around
        first = entry_of(composition, around.url("Composition", id))
        person = entry_of(build_patient(around), around.patient_url)
        return {
            "resourceType": "Bundle",
            "meta": meta(around, profile),
            "identifier": {"system": names.BUNDLE_NUMBER, "value": around.bundle_number},
            "type": "document",
            "timestamp": instant(around.sent_at),
            "entry": [first, person, *(entry_of(each, url) for url, each in self._entries.items())],
        }


def head(spec: Section) -> Resource:
    """節の見出し — title and code of a section, with the display that the guide makes of the title."""
    return {
        "title": spec.title,
        "code": concept([coding(names.SECTION, spec.code, f"{spec.title}セクション")]),
    }


class Kind(NamedTuple):
    """文書の種類 — profile, code and title."""

    profile: str
    code: str
    title: str
    name: str


def composition(
    around: Around, kind: Kind, number: str, issued_at: datetime, version: str, rest: Resource
) -> Resource:
    """文書の頭 — what the Compositions have in common; ``rest`` follows."""
    if issued_at.tzinfo is None:
        refuse("Composition", "issued_at", issued_at, "作成日時", "時差付きの日時")
    identifier = resource_number(around, "Composition", number)
    identifier["value"] = f"{around.institution.number}^{issued_at.year}^{number}"
    return {
        "resourceType": "Composition",
        "meta": meta(around, kind.profile),
        "extension": [{"url": names.DOCUMENT_VERSION, "valueString": version}],
        "identifier": identifier,
        "status": "final",
        "type": concept([coding(names.DOCUMENT_TYPE, kind.code, kind.name)]),
        "subject": patient_reference(around),
        "date": moment(issued_at),
        "title": kind.title,
        **rest,
    }


@dataclass(frozen=True, slots=True)
class ReceivedDocument:
    """受信した文書の周り — number, moment, who wrote it where, and about whom."""

    bundle_number: str
    sent_at: datetime
    issued_at: datetime
    number: str
    version: str
    institution: InstitutionFacts
    doctor: DoctorFacts
    patient: PatientFacts


class Reading:
    """文書の読取り台 — the entries by address and the sections by code. Raises :class:`BadInput` for no such document."""

    def __init__(self, bundle: Resource, profile: str, what: str) -> None:
        entries = [each for each in dicts(bundle.get("entry")) if type(each.get("resource")) is dict]
        self.by_url: dict[str, Resource] = {said(each, "fullUrl"): each["resource"] for each in entries}
        first = entries[0]["resource"] if entries else {}
        claimed = first.get("meta", {}).get("profile") if type(first.get("meta")) is dict else None
        plain = [str(each).partition("|")[0] for each in claimed] if type(claimed) is list else []
        if first.get("resourceType") != "Composition" or profile not in plain:
            unreadable("Bundle", "entry", what, "先頭が、その文書のCompositionではありません")
        self.composition, self.bundle = first, bundle
        self.sections: dict[str, list[Resource]] = {}
        waiting = list(dicts(first.get("section")))
        while waiting:
            each = waiting.pop(0)
            code = next((said(c, "code") for c in dicts(_codings(each))), "")
            self.sections.setdefault(code, []).append(each)
            waiting.extend(dicts(each.get("section")))

    def resources(self, code: str) -> list[Resource]:
        """節のリソース — of every section of a code."""
        return [
            found
            for section in self.sections.get(code, ())
            for entry in dicts(section.get("entry"))
            if (found := self.by_url.get(said(entry, "reference"))) is not None
        ]

    def text(self, code: str) -> str:
        """節の文章."""
        return "\n".join(read_narrative(each) for each in self.sections.get(code, ())).strip()

    def part(self, code: str) -> Part:
        """節の読取り."""
        facts = tuple(fact for each in self.resources(code) if (fact := read(each)) is not None)
        return Part(self.text(code), facts)

    def referred(self, name: str, kind: str) -> list[Resource]:
        """Compositionが指すリソース — of a member, of one type."""
        given = self.composition.get(name)
        listed = given if type(given) is list else [given]
        found = [self.by_url.get(said(each, "reference")) for each in dicts(listed)]
        return [each for each in found if each is not None and each.get("resourceType") == kind]

    def around(self) -> ReceivedDocument:
        """文書の周りの読取り."""
        patient = next(iter(self.referred("subject", "Patient")), None)
        institution = next(iter(self.referred("author", "Organization")), None)
        doctor = next(iter(self.referred("author", "Practitioner")), {})
        sent_at = read_moment(self.bundle.get("timestamp"))
        issued_at = read_moment(self.composition.get("date"))
        if patient is None or institution is None:
            unreadable("Composition", "author", "文書の患者か作成医療機関", "指しているリソースがありません")
        if not isinstance(sent_at, datetime) or not isinstance(issued_at, datetime):
            unreadable("Composition", "date", "文書の日時", "時差付きの日時ではありません")
        return ReceivedDocument(
            said(self.bundle, "identifier", "value"),
            sent_at,
            issued_at,
            said(self.composition, "identifier", "value").rpartition("^")[2],
            said(extension(self.composition, names.DOCUMENT_VERSION), "valueString"),
            read_institution(institution),
            read_doctor(doctor),
            read_patient(patient),
        )


def _codings(section: Resource) -> Any:
    code = section.get("code")
    return code.get("coding") if type(code) is dict else None


def read_attachment(resource: Resource) -> Attachment | None:
    """添付の読取り — None for a DocumentReference without a file in it. Raises :class:`BadInput` for a broken one."""
    content = next(dicts(resource.get("content")), {})
    given = content.get("attachment")
    data = said(given, "data")
    if resource.get("resourceType") != "DocumentReference" or not data:
        return None
    try:
        found = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        unreadable("DocumentReference", "content.attachment.data", "添付", "base64ではありません")
    return Attachment(
        said(given, "title") or said(resource, "description"), said(given, "contentType"), found
    )
