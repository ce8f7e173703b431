# SPDX-License-Identifier: Apache-2.0
"""FHIRの操作 — $validate, $everything, $document and $lastn.

Cite: HL7 FHIR R4 resource-operation-validate, patient-operation-everything, composition-operation-document,
observation-operation-lastn
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

from tasuki.sharing.search.parameters import parameter
from tasuki_server.exchange.acting import commit
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import entry_bytes, instant, read_kept, write_value
from tasuki_server.exchange.checking import MOST_TOLD, check, findings
from tasuki_server.exchange.conditions import need_for, parsed
from tasuki_server.exchange.moments import first_moment
from tasuki_server.exchange.operation_parameters import parameters
from tasuki_server.exchange.outcome import FHIR_JSON, issue_of, outcome, refuse
from tasuki_server.exchange.replies import bundle_reply, next_address
from tasuki_server.exchange.searches import note_page
from tasuki_server.exchange.searching import Found
from tasuki_server.exchange.searching_conditions import Writing
from tasuki_server.exchange.storing import Change
from tasuki_server.institutions.ids import new_name
from tasuki_server.platform.engine import Reply

USUAL, MOST, MOST_IN_DOCUMENT, MOST_ROUNDS = 100, 1000, 1000, 3
_COLUMNS = "r.key, r.type, r.id, r.version, r.updated, r.body, r.patient, r.writer_id"
_OF_EVERYTHING, _OF_DOCUMENT = frozenset(("_count", "_since", "_type", "_cursor")), frozenset(("persist",))
_PLACE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/\d+)?")
_EVERYTHING = """
    SELECT {columns} FROM exchange_resource r
    WHERE r.patient = $1 AND r.type <> 'Patient' AND r.key > $2
      AND ($3::timestamptz IS NULL OR r.updated >= $3) AND ($4::text[] IS NULL OR r.type = ANY($4)) AND {seen}
    ORDER BY r.key LIMIT $5
"""
_POINTED = """
    SELECT DISTINCT ON (r.key) {columns} FROM exchange_reference x
    JOIN exchange_resource r ON r.type = x.target_type AND r.id = x.target_id
    WHERE x.key = ANY($1::bigint[]) AND r.patient IS NULL AND {seen} ORDER BY r.key LIMIT {most}
"""
_NAMED = """
    SELECT {columns} FROM unnest($1::text[], $2::text[]) AS a(type, id) JOIN exchange_resource r USING (type, id)
    WHERE {seen}
"""


async def validate(asked: Asked) -> Reply:
    """点検（$validate） — everything that is found, and nothing is kept."""
    given = dict(asked.pairs)
    profiles = [value for name, value in asked.pairs if name == "profile"]
    value = asked.value if asked.call.body else None
    if isinstance(value, dict) and value.get("resourceType") == "Parameters":
        parts = value.get("parameter")
        named = (
            {each.get("name"): each for each in parts if isinstance(each, dict)}
            if isinstance(parts, list)
            else {}
        )
        profiles += (
            [str(named["profile"].get("valueUri") or named["profile"].get("valueCanonical"))]
            if "profile" in named
            else []
        )
        given.setdefault("mode", str(named.get("mode", {}).get("valueCode", "")))
        value = named.get("resource", {}).get("resource")
    if value is None and asked.id:
        (kept,) = await _named(asked, [(asked.type, asked.id)], asked.place)
        value = read_kept(kept.body)
        asked.note(asked.type, asked.id, version=kept.version, patient=kept.patient, writer=kept.writer_id)
    else:
        asked.note(asked.type, asked.id)
    if given.get("mode") == "delete":
        return _told([])
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise refuse("resource")
    if value["resourceType"] != asked.type:
        raise refuse("other-type", found=value["resourceType"], wanted=asked.type)
    return _told([issue_of(each) for each in findings(value, tuple(profiles))[:MOST_TOLD]])


async def everything(asked: Asked) -> Reply:
    """患者の一切（$everything） — the compartment in pages, with whom and what it points at outside of it."""
    pairs = parameters(asked, _OF_EVERYTHING)
    given = dict(pairs)
    count = _number("_count", given.get("_count", str(USUAL)), MOST)
    since = first_moment(given.get("_since"))
    types = [each for each in given.get("_type", "").split(",") if each] or None
    after = _number("_cursor", given.get("_cursor", "0"), 2**62, least=0)
    person = await _named(asked, [("Patient", asked.id)], asked.place)
    rows = await _looked(asked, _EVERYTHING, [asked.id, after, since, types, count + 1], "s")
    found = [Found(*row) for row in rows[:count]]
    pointed = await _looked(asked, _POINTED, [[each.key for each in (*person, *found)]], "r")
    shown = [*(person if not after else ()), *found]
    included = [Found(*row) for row in pointed]
    note_page(asked, [*shown, *included], pairs)
    links = [{"relation": "self", "url": next_address(asked, pairs)}]
    if len(rows) > count:
        links.append({"relation": "next", "url": next_address(asked, pairs, str(found[-1].key))})
    entries = [*_entries(asked, shown, "match"), *_entries(asked, included, "include")]
    return bundle_reply(asked, {"type": "searchset", "link": links}, entries)


async def document(asked: Asked) -> Reply:
    """文書（$document） — the Composition first, then what it points at, and what that needs to be read."""
    (composition,) = await _named(asked, [("Composition", asked.id)], asked.place)
    held = {("Composition", asked.id): composition}
    new = [composition]
    for _ in range(MOST_ROUNDS):
        wanted = [place for each in new for place in _pointed(read_kept(each.body)) if place not in held]
        if not wanted or len(held) >= MOST_IN_DOCUMENT:
            break
        new = await _named(asked, list(dict.fromkeys(wanted))[: MOST_IN_DOCUMENT - len(held)])
        held |= {(each.type, each.id): each for each in new}
    pairs = parameters(asked, _OF_DOCUMENT)
    note_page(asked, list(held.values()), pairs)
    head = {
        "id": new_name(),
        "meta": {"lastUpdated": instant(asked.at)},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"},
        "type": "document",
        "timestamp": instant(asked.at),
    }
    reply = bundle_reply(asked, head, [entry_bytes(_url(asked, each), each.body) for each in held.values()])
    if dict(pairs).get("persist") == "true":
        value = read_kept(reply.body)
        check(value)
        change = Change("POST", "Bundle", str(value["id"]), value, "create", is_new=True)
        await commit(asked, [change])
        assert change.body is not None
        return Reply(200, FHIR_JSON, change.body)
    return reply


async def lastn(asked: Asked) -> Reply:
    """最新の結果（$lastn） — of each code the newest, as many as are asked for."""
    given = parameters(asked)
    most = _number("max", dict(given).get("max", "1"), MOST)
    pairs = [pair for pair in given if pair[0] != "max"]
    names = {name.partition(":")[0].partition(".")[0] for name, _ in pairs}
    if not names & {"patient", "subject"} or not names & {"category", "code"}:
        raise refuse("parameter", "$lastn", found="", wanted="patient か subject と、category か code を条件")
    query = parsed("Observation", pairs, asked.base, count=MOST)
    need_for(asked.sight, query)
    writing = Writing(asked.sight)
    terms = ["r.type = 'Observation'", writing.seen("r", of="Observation")]
    terms += [writing.condition("Observation", each, "r") for each in query.conditions]
    code, day = parameter("Observation", "code"), parameter("Observation", "date")
    assert code is not None and day is not None
    sql = f"""
        SELECT {_COLUMNS} FROM (
          SELECT r.*, row_number() OVER (PARTITION BY r.coded ORDER BY r.ended DESC NULLS LAST, r.key DESC) AS place FROM (
            SELECT r.*,
              (SELECT min(t.system || '|' || t.code || '|' || t.words) FROM exchange_token t
               WHERE t.key = r.key AND t.param = {code.number}) AS coded,
              (SELECT max(d.high) FROM exchange_date d WHERE d.key = r.key AND d.param = {day.number}) AS ended
            FROM exchange_resource r WHERE {" AND ".join(terms)}) r) r
        WHERE r.place <= {most} ORDER BY r.coded, r.place LIMIT {MOST}
    """
    found = [Found(*row) for row in await asked.room.pool.fetch(sql, *writing.arguments)]
    note_page(asked, found, given)
    head = {
        "type": "searchset",
        "total": len(found),
        "link": [{"relation": "self", "url": next_address(asked, given)}],
    }
    return bundle_reply(asked, head, _entries(asked, found, "match"))


async def _named(asked: Asked, places: list[tuple[str, str]], needed: str = "") -> list[Found]:
    types, ids = zip(*places, strict=True)
    found = [Found(*row) for row in await _looked(asked, _NAMED, [types, ids], "r")]
    if needed and not found:
        raise refuse("unknown", needed)
    return found


async def _looked(asked: Asked, sql: str, given: list[Any], letters: str) -> list[Any]:
    """Rows of a statement over ``r``, as far as whoever asks may see them."""
    writing = Writing(asked.sight, given)
    seen = writing.seen("r", letters)
    rows: list[Any] = await asked.room.pool.fetch(
        sql.format(columns=_COLUMNS, most=MOST, seen=seen), *writing.arguments
    )
    return rows


def _pointed(value: Any) -> Iterator[tuple[str, str]]:
    """Every resource of this store that is pointed at."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            found = _PLACE.fullmatch(each["reference"]) if isinstance(each.get("reference"), str) else None
            if found:
                yield found[1], found[2]
            waiting.extend(each.values())


def _entries(asked: Asked, found: Iterable[Found], mode: str) -> list[bytes]:
    return [entry_bytes(_url(asked, each), each.body, search={"mode": mode}) for each in found]


def _url(asked: Asked, found: Found) -> str:
    return f"{asked.base}/{found.type}/{found.id}"


def _told(issues: Iterable[Any]) -> Reply:
    return Reply(200, FHIR_JSON, write_value(outcome(issues)))


def _number(name: str, text: str, most: int, least: int = 1) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise refuse("parameter", name, found=text, wanted=f"{least}以上の数")
    return max(least, min(most, int(text)))
