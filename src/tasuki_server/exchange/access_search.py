# SPDX-License-Identifier: Apache-2.0
"""監査記録（AuditEvent）の検索 — what an institution did, and who looked at what it wrote; made of the record of use.

Cite: HL7 FHIR R4 AuditEvent, DICOM Audit Message (rest, 110112 Query)
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import entry_bytes, instant, write_value
from tasuki_server.exchange.moments import first_moment, last_moment
from tasuki_server.exchange.outcome import FHIR_JSON, refuse
from tasuki_server.exchange.replies import bundle_reply, next_address
from tasuki_server.platform.engine import Reply

USUAL, MOST = 50, 500
PARAMETERS = {
    "_id": "token", "date": "date", "patient": "reference", "entity": "reference", "agent": "reference",
    "action": "token", "outcome": "token", "subtype": "token",
}  # fmt: skip
# 操作: FHIR's action of each interaction; what is none of these executes.
_ACTIONS = {"create": "C", "update": "U", "patch": "U", "delete": "D", "read": "R", "vread": "R"}
_INTERACTIONS = "http://hl7.org/fhir/restful-interaction"
_INSTITUTION = "urn:tasuki:institution-number"
_PREFIXES = {"eq", "ge", "gt", "le", "lt", "sa", "eb"}
# 検索の条件: to whoever asked by them only; they may name other patients than those of the writer who is told.
_SQL = """
    SELECT a.number, a.at, a.interaction, a.type, a.id, a.version, a.patient, a.status, c.name,
      c.prefecture || c.fee_table || c.code AS institution,
      CASE WHEN a.caller_id = $1 THEN a.query ELSE '' END AS query
    FROM exchange_access a JOIN platform_connectedinstitution c ON c.id = a.caller_id
    WHERE (a.caller_id = $1 OR (a.writer_id = $1 AND a.writer_id <> a.caller_id)) AND {} ORDER BY a.number DESC LIMIT {}
"""


async def search_accesses(asked: Asked) -> Reply:
    """監査記録の検索 — the newest first, page by page."""
    arguments: list[Any] = [asked.caller]
    terms, count = ["true"], USUAL
    for name, value in asked.pairs:
        if name == "_count":
            count = max(1, min(MOST, _number("_count", value)))
        elif name == "_cursor":
            arguments.append(_number(name, value))
            terms.append(f"a.number < ${len(arguments)}")
        elif name not in ("_sort", "_total", "_summary"):
            terms.append(_term(name, value, arguments))
    rows = await asked.room.pool.fetch(_SQL.format(" AND ".join(terms), count + 1), *arguments)
    asked.note("AuditEvent", query=urlencode(asked.pairs)[:2000])
    links = [{"relation": "self", "url": next_address(asked, asked.pairs)}]
    if len(rows) > count:
        links.append(
            {"relation": "next", "url": next_address(asked, asked.pairs, str(rows[count - 1]["number"]))}
        )
    entries = [
        entry_bytes(
            f"{asked.base}/AuditEvent/{row['number']}", write_value(_event(row)), search={"mode": "match"}
        )
        for row in rows[:count]
    ]
    return bundle_reply(asked, {"type": "searchset", "link": links}, entries)


async def read_access(asked: Asked) -> Reply:
    """監査記録の読取り — one event of those that the institution may see."""
    number = _number("_id", asked.id) if asked.id.isdecimal() else 0
    row = await asked.room.pool.fetchrow(_SQL.format("a.number = $2", 1), asked.caller, number)
    if row is None:
        raise refuse("unknown", asked.place)
    asked.note("AuditEvent", asked.id)
    return Reply(200, FHIR_JSON, write_value(_event(row)))


def _term(name: str, value: str, arguments: list[Any]) -> str:
    def given(what: Any) -> str:
        arguments.append(what)
        return f"${len(arguments)}"

    code = value.rpartition("|")[2]
    if name == "_id":
        return f"a.number = {given(_number(name, value))}"
    if name == "date":
        return _date(value, given)
    if name in ("patient", "patient:Patient"):
        return f"a.patient = {given(value.removeprefix('Patient/'))}"
    if name == "entity":
        kind, _, logical_id = value.rpartition("/")
        return f"a.id = {given(logical_id)}" + (f" AND a.type = {given(kind)}" if kind else "")
    if name in ("agent:identifier", "agent"):
        return f"c.prefecture || c.fee_table || c.code = {given(code)}"
    if name == "subtype":
        return f"a.interaction = {given(code)}"
    if name == "action":
        named = [interaction for interaction, action in _ACTIONS.items() if action == code]
        if code == "E":
            return f"a.interaction <> ALL({given(list(_ACTIONS))}::text[])"
        return f"a.interaction = ANY({given(named)}::text[])"
    if name == "outcome":
        low, high = {"0": (0, 399), "4": (400, 499), "8": (500, 599)}.get(code, (1000, 1000))
        return f"a.status BETWEEN {low} AND {high}"
    raise refuse("parameter", name, found=value, wanted="・".join(PARAMETERS) + " のどれか")


def _date(value: str, given: Any) -> str:
    prefix, text = (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)
    low, high = first_moment(text), last_moment(text)
    if low is None or high is None:
        raise refuse("parameter", "date", found=value, wanted="2026-11-30 のような日時")
    terms: dict[str, list[tuple[str, datetime]]] = {
        "eq": [(">=", low), ("<", high)], "ge": [(">=", low)], "gt": [(">=", high)], "sa": [(">=", high)],
        "le": [("<", high)], "lt": [("<", low)], "eb": [("<", low)],
    }  # fmt: skip
    return " AND ".join(f"a.at {sign} {given(at)}" for sign, at in terms[prefix])


def _event(row: Any) -> dict[str, Any]:
    entities: list[dict[str, Any]] = []
    if row["type"] and row["id"]:
        version = f"/_history/{row['version']}" if row["version"] else ""
        entities.append({"what": {"reference": f"{row['type']}/{row['id']}{version}"}})
    if row["patient"]:
        role = {
            "system": "http://terminology.hl7.org/CodeSystem/object-role",
            "code": "1",
            "display": "Patient",
        }
        entities.append({"what": {"reference": f"Patient/{row['patient']}"}, "role": role})
    if row["query"]:
        entities.append({"name": row["type"] or "/", "query": _base64(f"{row['type']}?{row['query']}")})
    status = row["status"]
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(row["number"]),
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [{"system": _INTERACTIONS, "code": row["interaction"]}],
        "action": _ACTIONS.get(row["interaction"], "E"),
        "recorded": instant(row["at"]),
        "outcome": "0" if status < 400 else "4" if status < 500 else "8",
        "outcomeDesc": f"HTTP {status}",
        "agent": [
            {
                "who": {
                    "identifier": {"system": _INSTITUTION, "value": row["institution"]},
                    "display": row["name"],
                },
                "requestor": True,
            }
        ],
        "source": {"observer": {"display": "襷 医療情報の交換（試行環境）"}},
    }
    return event | ({"entity": entities} if entities else {})


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise refuse("parameter", name, found=text, wanted="数")
    return int(text)
