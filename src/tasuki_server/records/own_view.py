# SPDX-License-Identifier: Apache-2.0
"""本人の閲覧 — a person's own records across institutions, and who looked; for a portal that has proved who asks.

未告知 and 未提供 are never among them, nor inside a letter.
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec

from tasuki.sharing.build.names import FLAGS
from tasuki.sharing.permission import RecordKind, Viewer, decide
from tasuki.sharing.search.parameters import parameter
from tasuki_server.exchange.access_log import Access, write_accesses
from tasuki_server.exchange.bodies import read_kept, write_value
from tasuki_server.exchange.consent import is_its_writers, kind_of
from tasuki_server.records.asked import CLOSED, DONE, OPERATION, Asked, person_id
from tasuki_server.records.documents import is_past, state_of
from tasuki_server.records.messages import Look, Looks, OwnDocument, OwnRecords, OwnResource
from tasuki_server.records.permitting import all_keys, histories
from tasuki_server.records.retention import Limits, kept

MOST = 1000
INTERACTION = "own"
# 添えられた退院時サマリー: read beside its letter, under an id of its own.
DISCHARGE_PART = ".discharge"
HIDDEN = ("UNINFORMED", "UNDELIVERED")
_TAG = parameter("Condition", "_tag")
assert _TAG is not None
# Kinds of resources that no person permits are their writer's, and not shown here either.
_OWN = f"""
    SELECT DISTINCT ON (r.key) r.key, r.type, r.id, r.version, r.body, r.patient, r.writer_id, r.updated, c.name,
      c.prefecture || c.fee_table || c.code AS number, {kind_of("r")} AS kind
    FROM records_insured p JOIN exchange_resource r ON r.patient = p.patient
    JOIN platform_connectedinstitution c ON c.id = r.writer_id
    WHERE p.person = ANY($1::text[]) AND NOT r.is_deleted
      AND r.type IN ('AllergyIntolerance', 'Condition', 'MedicationRequest', 'Observation') AND {kind_of("r")} IS NOT NULL
      AND {is_its_writers("r")}
      AND NOT (r.type = 'Condition' AND EXISTS (SELECT 1 FROM exchange_token t WHERE t.key = r.key
        AND t.param = {_TAG.number} AND t.system = '{FLAGS}' AND t.code IN ('UNINFORMED', 'UNDELIVERED')))
      AND NOT EXISTS (SELECT 1 FROM records_item i WHERE i.type = r.type AND i.logical_id = r.id AND NOT ({kept("i", 2)}))
    ORDER BY r.key DESC LIMIT $5
"""
_DOCUMENTS = """
    SELECT d.*, s.name AS sender_name, (SELECT c.name FROM platform_connectedinstitution c
      WHERE c.prefecture || c.fee_table || c.code = d.receiver_number ORDER BY c.revoked_at IS NOT NULL LIMIT 1) AS receiver_name
    FROM records_document d JOIN platform_connectedinstitution s ON s.id = d.sender_id
    WHERE d.person = ANY($1::text[]) AND d.cancelled_at IS NULL ORDER BY d.sent_at DESC LIMIT $2
"""
_CHECKUPS = """
    SELECT k.id, k.institution, c.name, k.registered_at, k.body FROM records_checkup k
    JOIN platform_connectedinstitution c ON c.id = k.caller_id
    WHERE k.person = ANY($1::text[]) AND k.body IS NOT NULL AND k.registered_at >= $2 ORDER BY k.registered_at DESC LIMIT $3
"""
# 読んだものと、断られた閲覧: writing, and the portal's own reading for the person, are no looks; what is done to another's
# resource is one, for it is answered.
_LOOKS = """
    SELECT a.at, c.prefecture || c.fee_table || c.code AS number, c.name, a.interaction AS what, a.type AS kind, '{}' AS detail,
      false AS is_refused
    FROM exchange_access a JOIN platform_connectedinstitution c ON c.id = a.caller_id
    WHERE a.patient IN (SELECT patient FROM records_insured WHERE person = ANY($1::text[]))
      AND (a.interaction <> ALL(ARRAY['create', 'update', 'patch', 'delete', 'own', 'expire', 'view', 'transaction'])
        OR (a.interaction IN ('create', 'update', 'patch', 'delete') AND a.writer_id <> a.caller_id))
      AND a.status < 400 AND c.fee_table <> '9'
    UNION ALL
    SELECT e.at, c.prefecture || c.fee_table || c.code, c.name, e.operation, '', e.detail::text,
      e.outcome <> $5
    FROM platform_serviceevent e JOIN platform_connectedinstitution c ON c.id = e.caller_id
    WHERE e.person_id = ANY($2::uuid[]) AND e.outcome = ANY($6::text[]) AND c.fee_table <> '9'
      AND e.operation = ANY($3::text[])
    ORDER BY at DESC LIMIT $4
"""
# 閲覧の記録の表記: what an institution did, by the act of the address.
CODE_TERM = "本人の画面のコードの発行"
TERMS = {
    "read-informations": "6情報の閲覧",
    "open-view": "閲覧の開始",
    "read-document": "文書の閲覧",
    "read-checkups": "健診結果の閲覧",
    # No look, and yet what opens everything: the person must hear of a code they did not ask for.
    "portal-code": CODE_TERM,
}


async def records(asked: Asked) -> OwnRecords:
    """本人の記録 — ``GET person/records``; each resource told is a row of the record of use."""
    asked.people = asked.persons()
    async with asked.piece() as connection:
        asked.people = await all_keys(connection, asked.people)
        limits = Limits(asked.rules, asked.at)
        rows = await connection.fetch(_OWN, asked.people, *limits.arguments, MOST)
        accesses = [
            Access(
                asked.at, asked.caller, INTERACTION, row["type"], row["id"], row["version"], row["patient"], row["writer_id"]
            )
            for row in rows
        ]  # fmt: skip
        await write_accesses(connection, accesses)
        documents = await _documents(connection, asked)
        documents += await _checkups(connection, asked, limits)
        asked.detail |= {"items": len(rows), "documents": len(documents)}
    resources = tuple(
        OwnResource(
            RecordKind(row["kind"]),
            row["number"],
            row["name"],
            row["updated"],
            msgspec.Raw(bytes(row["body"])),
        )
        for row in sorted(rows, key=lambda row: row["updated"], reverse=True)
    )
    return OwnRecords(resources, tuple(documents))


async def looks(asked: Asked) -> Looks:
    """閲覧の記録 — ``GET person/looks``: on this service and on the exchange, by institution, without any staff."""
    asked.people = asked.persons()
    async with asked.piece() as connection:
        asked.people = await all_keys(connection, asked.people)
        people = [person_id(each) for each in asked.people]
        operations = [OPERATION + each for each in TERMS]
        outcomes = [DONE, CLOSED]
        rows = await connection.fetch(_LOOKS, asked.people, people, operations, MOST, DONE, outcomes)
    return Looks(tuple(dict.fromkeys(_look(row) for row in rows)))


def without_hidden(bundle: dict[str, Any]) -> dict[str, Any]:
    """未告知・未提供を除いた文書 — without those entries, what points at them, and the words of the sections around them.

    >>> told = {"entry": [{"fullUrl": "urn:1", "resource": {"resourceType": "Condition", "meta": {"tag": [{"system":
    ...     "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication", "code": "UNINFORMED"}]}}}]}
    >>> without_hidden(told)
    {'entry': []}
    """
    hidden = {each.get("fullUrl") for each in bundle["entry"] if _is_hidden(each["resource"])}
    if not hidden:
        return bundle
    staying = [each for each in bundle["entry"] if each.get("fullUrl") not in hidden]
    return {**bundle, "entry": [_cleared(each, hidden) for each in staying]}


async def _documents(connection: asyncpg.Connection, asked: Asked) -> list[OwnDocument]:
    rows = await connection.fetch(_DOCUMENTS, asked.people, MOST)
    known = await histories(connection, [row["person"] for row in rows])
    told = []
    for row in rows:
        viewer = Viewer(row["receiver_number"], str(row["id"]))
        decision = decide(known.get(row["person"], []), viewer, RecordKind(row["kind"]), asked.at)
        state = state_of(row, decision, asked.rules, asked.at)
        is_kept = row["body"] is not None and not is_past(row, asked.rules, asked.at)
        parts = [(str(row["id"]), RecordKind(row["kind"]), row["body"])]
        if row["discharge"] is not None:
            parts.append((f"{row['id']}{DISCHARGE_PART}", RecordKind.DISCHARGE, row["discharge"]))
        for name, kind, held in parts:
            body = write_value(without_hidden(read_kept(bytes(held)))) if is_kept else b"null"
            told.append(
                OwnDocument(
                    name, kind, row["sender_number"], row["sender_name"], row["receiver_number"],
                    row["receiver_name"] or "", state, row["sent_at"], msgspec.Raw(body),
                )
            )  # fmt: skip
    return told


async def _checkups(connection: asyncpg.Connection, asked: Asked, limits: Limits) -> list[OwnDocument]:
    return [
        OwnDocument(
            str(row["id"]), RecordKind.CHECKUP, row["institution"], row["name"], "", "", "registered",
            row["registered_at"], msgspec.Raw(bytes(row["body"])),
        )
        for row in await connection.fetch(_CHECKUPS, asked.people, limits.usual, MOST)
    ]  # fmt: skip


def _look(row: Any) -> Look:
    detail = msgspec.json.decode(row["detail"])
    operation = row["what"].removeprefix(OPERATION)
    kinds = detail.get("kinds") or ()
    shown = "・".join(RecordKind(each).label for each in kinds)
    # 交換の記録 has one row for each resource: those of one second are one look.
    at = row["at"] if operation in TERMS else row["at"] - timedelta(microseconds=row["at"].microsecond)
    return Look(
        at, row["number"], row["name"], TERMS.get(operation, "医療情報の交換での閲覧"), shown or row["kind"],
        detail.get("basis") == "emergency", detail.get("reason", ""), row["is_refused"],
    )  # fmt: skip


def _is_hidden(resource: dict[str, Any]) -> bool:
    tags = (resource.get("meta") or {}).get("tag") or ()
    return any(each.get("system") == FLAGS and each.get("code") in HIDDEN for each in tags)


def _cleared(entry: dict[str, Any], hidden: set[Any]) -> dict[str, Any]:
    resource = entry["resource"]
    if resource["resourceType"] == "Bundle":
        return {**entry, "resource": without_hidden(resource)}
    if resource["resourceType"] != "Composition":
        return entry
    # 文書全体の文にも、その名があり得る.
    kept_members = {name: value for name, value in resource.items() if name != "text"}
    sections = [_section(each, hidden) for each in resource.get("section") or ()]
    return {**entry, "resource": {**kept_members, "section": sections}}


def _section(section: dict[str, Any], hidden: set[Any]) -> dict[str, Any]:
    made = dict(section)
    inner: Sequence[dict[str, Any]] = section.get("section") or ()
    if inner:
        made["section"] = [_section(each, hidden) for each in inner]
    pointed = section.get("entry") or ()
    staying = [each for each in pointed if each.get("reference") not in hidden]
    if len(staying) != len(pointed):
        made.pop("text", None)
        made["entry"] = staying
        if not staying:
            made.pop("entry")
    return made
