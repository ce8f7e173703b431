# SPDX-License-Identifier: Apache-2.0
"""届いた文書の受取り — documents that other institutions addressed to this one, taken over once and kept as they came.

One that waits for the patient's consent is listed with its sender only; it is read when the consent is there.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from tasuki.kernel.finding import BadInput
from tasuki.kernel.kana import search_key
from tasuki.sharing.build.discharge import DischargeFacts, read_discharge_summary
from tasuki.sharing.build.document import ReceivedDocument
from tasuki.sharing.build.referral import ReferralFacts, read_referral
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.patients.models import Patient
from tasuki_server.records.messages import DocumentContent, DocumentTold
from tasuki_server.sharing import line
from tasuki_server.sharing.letter_tracking import MOST_PAGES
from tasuki_server.sharing.models import ArrivedDocument, SentLetter, UnitKind

WAITING_NAME = "（患者の同意待ち）"
_READABLE = ("readable", "fetched", "answered")


class Fetched(NamedTuple):
    """受取りの結果 — how many are new, how many could not be read, and from when to ask next time."""

    new: int = 0
    unreadable: int = 0
    since: str = ""


class Contents(NamedTuple):
    """届いた文書の内容 — who sent it about whom, the letter, the summary beside it, and the files by name.

    A summary that came alone, as the service took them before, has no letter.
    """

    told: ReceivedDocument
    letter: ReferralFacts | None
    discharge: DischargeFacts | None
    files: tuple[tuple[str, bytes], ...]


def fetch(institution: Institution, actor: Actor, since: str = "") -> Fetched:
    """文書の受取り — what is addressed here and not yet kept; raises ``NotAnswered``."""
    wire = line.wire_for(institution)
    new = unreadable = 0
    for _ in range(MOST_PAGES):
        found = line.list_documents(wire, "in", since)
        with as_institution(institution.id, actor):
            known = {
                row.remote: bool(row.patient_name != WAITING_NAME)
                for row in ArrivedDocument.objects.filter(
                    remote__in=[each.id for each in found.documents]
                ).defer("data")
            }
        for told in found.documents:
            if known.get(told.id):
                continue
            try:
                new += _take(institution, actor, told, is_known=told.id in known)
            except BadInput:
                unreadable += 1
        if not found.documents or not found.next or found.next == since:
            return Fetched(new, unreadable, found.next or since)
        since = found.next
    return Fetched(new, unreadable, since)


def contents_of(row: ArrivedDocument) -> Contents:
    """届いた文書の内容 — read again from what came. Raises ``BadInput``."""
    kept = msgspec.json.decode(bytes(row.data))
    if "bundle" in kept:
        return read_contents(kept)
    # Kept before there was anything beside a document.
    if row.kind == UnitKind.DISCHARGE:
        told, summary = read_discharge_summary(kept)
        return Contents(told, None, summary, ())
    return read_contents({"bundle": kept})


def read_contents(kept: dict[str, Any]) -> Contents:
    """文書の読取り — of a letter with what goes beside it, as it was kept."""
    told, letter = read_referral(kept["bundle"])
    discharge = kept.get("discharge")
    summary = read_discharge_summary(discharge)[1] if isinstance(discharge, dict) else None
    files = tuple((each["name"], base64.b64decode(each["data"])) for each in kept.get("attachments", ()))
    # Files may also stand inside the document itself.
    inside = tuple((each.title, each.data) for each in letter.attachments)
    return Contents(told, letter, summary, (*files, *inside))


def _take(institution: Institution, actor: Actor, told: DocumentTold, *, is_known: bool) -> int:
    if told.state == "waiting":
        if is_known:
            return 0
        with as_institution(institution.id, actor):
            return _list_waiting(told)
    if told.state not in _READABLE:
        return 0
    try:
        content = line.read_document(line.wire_for(institution), told.id)
    except line.Refused:
        return 0
    kept = _kept(content)
    read = read_contents(kept)
    with as_institution(institution.id, actor):
        return _keep(told, kept, read)


def _kept(content: DocumentContent) -> dict[str, Any]:
    discharge = bytes(content.discharge)
    return {
        "bundle": msgspec.json.decode(content.bundle),
        "discharge": msgspec.json.decode(discharge) if discharge not in (b"", b"null") else None,
        "attachments": [
            {"name": each.name, "data": base64.b64encode(each.data).decode()} for each in content.attachments
        ],
    }


def _list_waiting(told: DocumentTold) -> int:
    row, is_new = ArrivedDocument.objects.get_or_create(
        document=f"document/{told.id}"[:120],
        defaults={
            "remote": told.id,
            "kind": UnitKind.REFERRAL,
            "sender_number": told.sender[:10],
            "sender_name": told.sender_name[:100],
            "patient_name": WAITING_NAME,
            "data": b"{}",
            "written_at": told.sent_at,
        },
    )
    if is_new:
        record("sharing.arrived", row, None, {"state": told.state, "from": row.sender_number})
    return int(is_new)


def _keep(told: DocumentTold, kept: dict[str, Any], read: Contents) -> int:
    person = read.told.patient
    name = f"{person.family} {person.given}"
    ours = _answered(told)
    members = {
        "remote": told.id,
        "kind": UnitKind.REFERRAL,
        "sender_number": told.sender[:10],
        "sender_name": (told.sender_name or read.told.institution.name)[:100],
        "patient_name": name[:80],
        "born_on": person.born,
        "patient": ours.patient if ours is not None else _known_patient(name, person.born),
        "data": msgspec.json.encode(kept),
        "written_at": read.told.issued_at,
        "answers": ours.document if ours is not None else None,
    }
    row = ArrivedDocument.objects.filter(document=f"document/{told.id}"[:120]).first()
    if row is None:
        row = ArrivedDocument.objects.create(document=f"document/{told.id}"[:120], **members)
    elif row.patient_name != WAITING_NAME:
        return 0
    else:
        for field, value in members.items():
            setattr(row, field, value)
        row.save()
    if ours is not None:
        ours.reply = row
        ours.save(update_fields=["reply"])
    record("sharing.arrived", row, row.patient_id, {"kind": str(row.kind), "from": row.sender_number})
    return 1


def _answered(told: DocumentTold) -> SentLetter | None:
    """The letter of ours that it replies to."""
    if not told.answers:
        return None
    return SentLetter.objects.select_related("patient", "document").filter(remote=told.answers).first()


def _known_patient(name: str, born: Any) -> Patient | None:
    """The one of our people of this name and birth; None when there is none or more than one."""
    rows: Sequence[Patient] = list(Patient.objects.filter(name_key=search_key(name), born=born)[:2])
    return rows[0] if len(rows) == 1 else None


__all__ = ["Contents", "Fetched", "contents_of", "fetch"]
