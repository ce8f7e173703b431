# SPDX-License-Identifier: Apache-2.0
"""文書の送付 — a 診療情報提供書 checked at the door, kept for one addressee, and its informations shared.

Cite: 電子カルテ情報共有サービス 文書送付サービス、JP-CLINS JP_Bundle_eReferral
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import msgspec

from tasuki.sharing.build.names import DISCHARGE_BUNDLE, INSTITUTION_NUMBER, REFERRAL_BUNDLE, SECTION
from tasuki.sharing.permission import DOCUMENTS, Act, RecordKind
from tasuki_server.exchange.bodies import read_body
from tasuki_server.institutions.ids import new_id
from tasuki_server.platform.models import FeeTable
from tasuki_server.records.asked import Asked
from tasuki_server.records.bundles import Held, read_bundle
from tasuki_server.records.documents import note_step, row_of, told_document
from tasuki_server.records.informations import DOCUMENT, prepare, register
from tasuki_server.records.messages import (
    DocumentTold,
    Receiver,
    ReceiverAnswer,
    ReceiverQuestion,
    Sending,
)
from tasuki_server.records.permitting import hold_person, new_event, next_moment, write_event
from tasuki_server.records.refusals import refuse

MOST_ASKED = 100
REFERRAL_CODE, DISCHARGE_CODE = "57133-1", "18842-5"
CDA_SECTION, STRUCTURED_SECTION, RECEIVER_SECTION = "200", "300", "910"
PDF = b"%PDF-"
_CONNECTED = """
    SELECT prefecture || fee_table || code AS number, name, fee_table, revoked_at IS NULL AS is_live
    FROM platform_connectedinstitution WHERE (prefecture, fee_table, code) IN (
      SELECT substr(n, 1, 2), substr(n, 3, 1), substr(n, 4) FROM unnest($1::text[]) n)
    ORDER BY revoked_at IS NULL, made_at
"""
_SAME_NUMBER = "SELECT id, digest FROM records_document WHERE sender_number = $1 AND number = $2"
_SAVE = """
    INSERT INTO records_document
      (id, sender_id, sender_number, receiver_number, kind, number, digest, person, consent, body, discharge, answers_id,
       sent_at, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
"""
_ATTACH = (
    "INSERT INTO records_attachment (id, document_id, name, media_type, data) VALUES ($1, $2, $3, $4, $5)"
)
_ANSWERED = "UPDATE records_document SET answered_at = $2, changed_at = $2 WHERE id = $1"


async def receivers(asked: Asked) -> ReceiverAnswer:
    """利用状況の確認 — ``POST receivers``."""
    question = asked.message(ReceiverQuestion)
    if len(question.numbers) > MOST_ASKED:
        raise refuse("message", found=f"numbers: {MOST_ASKED}件まで")
    async with asked.piece() as connection:
        found = await _receivers(connection, question.numbers)
    return ReceiverAnswer(tuple(found))


async def send(asked: Asked) -> DocumentTold:
    """文書の送付 — ``POST documents``; the same number with the same content is answered what it was."""
    sending = asked.message(Sending)
    _refuse_other_documents(sending)
    _check_count(asked, len(sending.attachments))
    letter = read_bundle(asked, bytes(sending.bundle), REFERRAL_BUNDLE)
    _check_letter(letter, sending.receiver)
    discharge = _discharge(asked, sending, letter)
    inside = sum(_files_in(each.value) for each in (letter, discharge) if each is not None)
    _check_count(asked, len(sending.attachments) + inside)
    _check_attachments(asked, sending)
    digest = hashlib.sha256(asked.call.body).hexdigest()
    prepared = [
        await prepare(asked, each, DOCUMENT, "document") for each in (letter, discharge) if each is not None
    ]
    document = new_id()
    async with asked.piece() as connection:
        await hold_person(connection, [letter.person, f"{asked.number}|{letter.number}"])
        same = await connection.fetchrow(_SAME_NUMBER, asked.number, letter.number)
        if same is not None:
            if same["digest"] != digest:
                raise refuse("number-used", found=letter.number)
            return await told_document(connection, asked, await row_of(connection, same["id"]))
        (receiver,) = await _receivers(connection, (sending.receiver,))
        if not receiver.can_receive:
            raise refuse("receiver", found=sending.receiver, reason=receiver.reason)
        answers = await _answered(connection, asked, sending, letter)
        asked.at = await next_moment(connection, [letter.person], asked.at)
        await connection.execute(
            _SAVE, document, asked.caller, asked.number, sending.receiver, RecordKind.REFERRAL.value, letter.number,
            digest, letter.person, sending.consent, bytes(sending.bundle),
            bytes(sending.discharge) if discharge is not None else None, answers, asked.at,
        )  # fmt: skip
        for each in sending.attachments:
            await connection.execute(_ATTACH, new_id(), document, each.name, each.media_type, each.data)
        if sending.consent == "oral":
            event = new_event(
                Act.ORAL_GRANT,
                asked.at,
                institution=sending.receiver,
                kinds=DOCUMENTS,
                document=str(document),
            )
            await write_event(connection, asked.caller, [letter.person], event)
        for each in prepared:
            if each.informations:
                await register(connection, asked, each)
        await note_step(connection, document, asked, "sent")
        if answers is not None:
            await connection.execute(_ANSWERED, answers, asked.at)
            await note_step(connection, answers, asked, "answered")
        asked.detail |= {"document": str(document), "receiver": sending.receiver, "consent": sending.consent}
        told = await told_document(connection, asked, await row_of(connection, document))
    questions = (*letter.questions, *(discharge.questions if discharge is not None else ()))
    return msgspec.structs.replace(told, questions=questions)


def _refuse_other_documents(sending: Sending) -> None:
    """Told before the checks, in words of its own: what is no letter cannot be sent however well it is made."""
    code = _type_code(read_body(bytes(sending.bundle)))
    if code == DISCHARGE_CODE:
        raise refuse("discharge-alone")
    if code != REFERRAL_CODE:
        raise refuse("not-letter", found=code or "Compositionがありません")


def _check_letter(letter: Held, receiver: str) -> None:
    sections = _codes(_composition(letter.value))
    if len(sections & {CDA_SECTION, STRUCTURED_SECTION}) != 1:
        raise refuse("section")
    named = set(_receivers_named(letter.value))
    if named and receiver not in named:
        raise refuse("other-receiver", found="・".join(sorted(named)), wanted=receiver)


def _discharge(asked: Asked, sending: Sending, letter: Held) -> Held | None:
    data = bytes(sending.discharge)
    if not data or data == b"null":
        return None
    held = read_bundle(asked, data, DISCHARGE_BUNDLE)
    if held.person != letter.person:
        raise refuse("other-person", what="退院時サマリー")
    if len(_codes(_composition(held.value)) & {CDA_SECTION, STRUCTURED_SECTION}) != 1:
        raise refuse("section")
    return held


def _check_count(asked: Asked, count: int) -> None:
    if count > asked.rules.most_attachments:
        raise refuse("attachments-many", found=count, most=asked.rules.most_attachments)


def _files_in(bundle: dict[str, Any]) -> int:
    """The files within a document, and within the documents in it."""
    found = 0
    for entry in bundle.get("entry", ()):
        resource = entry.get("resource", {})
        kind = resource.get("resourceType")
        if kind == "Bundle":
            found += _files_in(resource)
        elif kind == "DocumentReference":
            found += len(resource.get("content", ()))
        elif kind in ("Binary", "Media"):
            found += 1
    return found


def _check_attachments(asked: Asked, sending: Sending) -> None:
    counts = Counter(each.name for each in sending.attachments)
    for each in sending.attachments:
        reason = ""
        if not each.name or len(each.name) > 100 or "\0" in each.name or counts[each.name] > 1:
            reason = "名称は100文字までで、同じものを二度使えません。"
        elif each.media_type not in asked.rules.attachment_types:
            reason = f"送れるのは{'・'.join(asked.rules.attachment_types)}です。"
        elif each.media_type == "application/pdf" and not each.data.startswith(PDF):
            reason = "PDFではありません。"
        if reason:
            raise refuse("attachment", found=each.name, reason=reason)


async def _answered(connection: asyncpg.Connection, asked: Asked, sending: Sending, letter: Held) -> Any:
    """返書の相手 — a document addressed here, of the same person, whose sender is now the receiver."""
    if not sending.answers:
        return None
    row = await row_of(connection, sending.answers)
    if row is None or row["receiver_number"] != asked.number or row["sender_number"] != sending.receiver:
        raise refuse("answers", found=sending.answers)
    if row["person"] != letter.person:
        raise refuse("other-person", what="返書の相手")
    if row["fetched_at"] is None or row["cancelled_at"] is not None:
        raise refuse("state", found="受領していない、または取り消された文書", act="返書を")
    return row["id"]


async def _receivers(connection: asyncpg.Connection, numbers: Sequence[str]) -> list[Receiver]:
    # The live row of a number comes last and counts.
    rows = {row["number"]: row for row in await connection.fetch(_CONNECTED, list(numbers))}
    return [_receiver(number, rows.get(number)) for number in numbers]


def _receiver(number: str, row: Any) -> Receiver:
    if row is None:
        return Receiver(number, "", False, "電子カルテ情報共有サービスを利用していません。")
    if not row["is_live"]:
        return Receiver(number, row["name"], False, "接続が止められています。")
    if row["fee_table"] not in (FeeTable.MEDICAL, FeeTable.DENTAL):
        return Receiver(number, row["name"], False, "文書を受け取れる医療機関ではありません。")
    return Receiver(number, row["name"], True)


def _composition(bundle: dict[str, Any]) -> dict[str, Any]:
    entries = bundle.get("entry") or [{}]
    first = entries[0].get("resource") if isinstance(entries[0], dict) else None
    return first if isinstance(first, dict) and first.get("resourceType") == "Composition" else {}


def _type_code(bundle: Any) -> str:
    kind = _composition(bundle if isinstance(bundle, dict) else {}).get("type")
    codings = kind.get("coding") if isinstance(kind, dict) else None
    first = codings[0] if isinstance(codings, list) and codings and isinstance(codings[0], dict) else {}
    return str(first.get("code", ""))


def _codes(composition: dict[str, Any]) -> set[str]:
    return {code for each in composition.get("section") or () for code in _section_codes(each)}


def _section_codes(section: dict[str, Any]) -> Iterable[str]:
    for coding in (section.get("code") or {}).get("coding") or ():
        if coding.get("system") == SECTION:
            yield str(coding.get("code", ""))


def _receivers_named(bundle: dict[str, Any]) -> Iterable[str]:
    """紹介先 as the document itself names it, by its ten digits."""
    by_url = {each.get("fullUrl"): each["resource"] for each in bundle["entry"]}
    for section in _composition(bundle).get("section") or ():
        if RECEIVER_SECTION not in _section_codes(section):
            continue
        for reference in section.get("entry") or ():
            held = by_url.get(reference.get("reference"), {})
            if held.get("resourceType") != "Organization":
                continue
            for each in held.get("identifier") or ():
                if each.get("system") == INSTITUTION_NUMBER:
                    yield str(each.get("value", ""))
