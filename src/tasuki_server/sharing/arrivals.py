# SPDX-License-Identifier: Apache-2.0
"""届いた文書の受取り — documents that other institutions addressed to this one, taken over once and kept as they came."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import quote

from tasuki.kernel.finding import BadInput
from tasuki.kernel.kana import search_key
from tasuki.sharing.build import names
from tasuki.sharing.build.discharge import read_discharge_summary
from tasuki.sharing.build.document import ReceivedDocument
from tasuki.sharing.build.referral import read_referral
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.patients.models import Patient
from tasuki_server.platform.wire import Asker
from tasuki_server.sharing.letter_bundle import CATEGORIES
from tasuki_server.sharing.line import read, wire_for
from tasuki_server.sharing.models import ArrivedDocument, UnitKind

MOST = 50
READERS = {UnitKind.REFERRAL: read_referral, UnitKind.DISCHARGE: read_discharge_summary}


class Fetched(NamedTuple):
    """受取りの結果 — how many are new, and how many could not be read."""

    new: int = 0
    unreadable: int = 0


def fetch(institution: Institution, actor: Actor) -> Fetched:
    """文書の受取り — what is addressed here and not yet kept; raises ``NotAnswered``."""
    wire = wire_for(institution)
    number = Asker(institution.id, institution.prefecture, institution.code, institution.name).number
    token = quote(f"{names.INSTITUTION_NUMBER}|{number}", safe="")
    found = read(wire, f"Communication?recipient%3Aidentifier={token}&_sort=-_lastUpdated&_count={MOST}")
    notes = [
        entry["resource"] for entry in found.get("entry") or () if isinstance(entry.get("resource"), dict)
    ]
    with as_institution(institution.id, actor):
        known = set(ArrivedDocument.objects.values_list("document", flat=True))
    new = unreadable = 0
    for note in notes:
        place, kind = _place(note), _kind(note)
        if not place or kind is None or place in known:
            continue
        bundle = read(wire, place)
        try:
            told, _ = READERS[kind](bundle)
        except BadInput:
            unreadable += 1
            continue
        with as_institution(institution.id, actor):
            new += _keep(place, kind, told, bundle)
    return Fetched(new, unreadable)


def contents_of(row: ArrivedDocument) -> tuple[ReceivedDocument, Any]:
    """届いた文書の内容 — read again from what came."""
    return READERS[UnitKind(row.kind)](json.loads(bytes(row.data)))


def _keep(place: str, kind: UnitKind, told: ReceivedDocument, bundle: dict[str, Any]) -> int:
    person = told.patient
    name = f"{person.family} {person.given}"
    row, is_new = ArrivedDocument.objects.get_or_create(
        document=place,
        defaults={
            "kind": kind,
            "sender_number": told.institution.number,
            "sender_name": told.institution.name[:100],
            "patient_name": name[:80],
            "born_on": person.born,
            "patient": _known_patient(name, person.born),
            "data": json.dumps(bundle, ensure_ascii=False).encode(),
            "written_at": told.issued_at,
        },
    )
    if is_new:
        record("sharing.arrived", row, row.patient_id, {"kind": str(kind), "from": row.sender_number})
    return int(is_new)


def _known_patient(name: str, born: Any) -> Patient | None:
    """The one of our people of this name and birth; None when there is none or more than one."""
    rows = list(Patient.objects.filter(name_key=search_key(name), born=born)[:2])
    return rows[0] if len(rows) == 1 else None


def _place(note: dict[str, Any]) -> str:
    about = next(iter(note.get("about") or ()), {})
    address = about.get("reference", "") if isinstance(about, dict) else ""
    return "/".join(str(address).split("/")[-2:]) if "Bundle/" in str(address) else ""


def _kind(note: dict[str, Any]) -> UnitKind | None:
    codes = [
        coding.get("code")
        for category in note.get("category") or ()
        for coding in category.get("coding") or ()
        if coding.get("system") == CATEGORIES
    ]
    return next((UnitKind(each) for each in codes if each in READERS), None)


__all__ = ["Fetched", "contents_of", "fetch"]
