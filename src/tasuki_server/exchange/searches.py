# SPDX-License-Identifier: Apache-2.0
"""検索の応答 — one page as a Bundle of bytes; what was found about whom is recorded with the search.

Cite: HL7 FHIR R4 search.html 3.1.1.1 (searchset, self link, included resources)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from tasuki.sharing.search import BadSearch, Query, shown
from tasuki.sharing.search.within import ANY, within_patient
from tasuki_server.exchange import searching
from tasuki_server.exchange.access_log import LONGEST_QUERY
from tasuki_server.exchange.acting import NOT_STORABLE
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import write_value
from tasuki_server.exchange.conditions import need_for, parsed
from tasuki_server.exchange.outcome import Issue, Refused, outcome, refuse
from tasuki_server.exchange.replies import bundle_reply, next_address
from tasuki_server.exchange.searching_together import Noted
from tasuki_server.exchange.sight import scope_missing
from tasuki_server.platform.engine import Reply

MOST_TYPES = 12
# 型を問わないもの: what stands in the row of a resource, and how the answer should look.
_OF_ANY_TYPE = frozenset(
    ("_id", "_lastUpdated", "_count", "_sort", "_total", "_summary", "_elements", "_cursor")
)
_FORM = "application/x-www-form-urlencoded"


async def search(asked: Asked) -> Reply:
    """検索 — of a type, by what the address and a form say."""
    pairs = _pairs(asked)
    query = parsed(asked.type, pairs, asked.base, is_lenient=asked.preference("handling") == "lenient")
    need_for(asked.sight, query)
    return await page_reply(asked, query, pairs)


async def search_all(asked: Asked) -> Reply:
    """型をまたぐ検索 — of the types that ``_type`` names, by what all of them can be searched by; nothing is passed over."""
    pairs = _pairs(asked)
    named = [each for name, value in pairs if name == "_type" for each in value.split(",") if each]
    types = list(dict.fromkeys(named))
    if not 0 < len(types) <= MOST_TYPES or not all(each not in NOT_STORABLE for each in types):
        told = f"型を , で並べたもの（{MOST_TYPES}個まで）"
        raise refuse("parameter", "_type", found=",".join(types), wanted=told)
    for name, value in pairs:
        if name.partition(":")[0] in ("_include", "_revinclude") or (
            name == "_sort" and not _is_of_any(value)
        ):
            told = "型ごとの検索（型をまたぐときは、同梱はできず、並べ替えは _id と _lastUpdated だけ）"
            raise refuse("parameter", name, found=value, wanted=told)
    rest = [pair for pair in pairs if pair[0] != "_type"]
    queries = [_within(asked, parsed(each, rest, asked.base)) for each in types]
    for each in queries:
        need_for(asked.sight, each)
    return await page_reply(asked, queries[0], pairs, queries[1:])


async def search_within(asked: Asked) -> Reply:
    """コンパートメントの検索 — of a type, among what belongs to the patient in the address; consent bounds it as everywhere."""
    pairs = _pairs(asked)
    if asked.type == "AuditEvent":
        # Made of the record of use, not found by the index.
        raise refuse("parameter", asked.type, found=asked.id, wanted=f"/AuditEvent?patient={asked.id} の形")
    is_lenient = asked.preference("handling") == "lenient"
    query = _within(asked, parsed(asked.type, pairs, asked.base, is_lenient=is_lenient))
    need_for(asked.sight, query)
    return await page_reply(asked, query, pairs)


async def search_all_within(asked: Asked) -> Reply:
    """コンパートメントの全体の検索 — of every type, by what stands in the row of a resource; by more where ``_type`` names types."""
    pairs = _pairs(asked)
    asked.type = ""
    if any(name == "_type" for name, _ in pairs):
        return await search_all(asked)
    for name, value in pairs:
        if name.partition(":")[0] not in _OF_ANY_TYPE or (name == "_sort" and not _is_of_any(value)):
            told = "_type を書くか、型ごとの検索（型を書かないときの条件は _id・_lastUpdated だけ）"
            raise refuse("parameter", name, found=value, wanted=told)
    if not asked.grant.some("s"):
        raise scope_missing(ANY, "s")
    query = replace(parsed("Patient", pairs, asked.base), type=ANY)
    return await page_reply(asked, _within(asked, query), pairs)


def _within(asked: Asked, query: Query) -> Query:
    """The same search of the patient in the address, where one is."""
    if len(asked.call.parts) < 3:
        return query
    try:
        whose = within_patient(query.type, asked.id)
    except BadSearch as bad:
        raise Refused(404, [Issue("error", "not-found", str(bad))]) from bad
    return replace(query, conditions=(*query.conditions, whose))


def _is_of_any(order: str) -> bool:
    return all(each.removeprefix("-") in ("_id", "_lastUpdated") for each in order.split(","))


async def page_reply(
    asked: Asked, query: Query, pairs: list[tuple[str, str]], beside: Sequence[Query] = ()
) -> Reply:
    """検索の一頁 — found and included, the links, and the record."""
    try:
        page = None if beside else await asked.room.searches.page(query, asked.sight, _noted(asked, pairs))
        if page is None:
            async with asked.room.pool.acquire() as connection:
                page = await searching.run(connection, query, caller=asked.sight, beside=beside)
            note_page(asked, [*page.found, *page.included], pairs)
    except BadSearch as bad:
        raise Refused(400, [Issue("error", "value", str(bad))]) from bad
    understood = _understood(query, pairs)
    links = [{"relation": "self", "url": next_address(asked, understood)}]
    if page.next_cursor:
        links.append({"relation": "next", "url": next_address(asked, understood, page.next_cursor)})
    head: dict[str, Any] = {"type": "searchset"}
    if page.total is not None:
        head["total"] = page.total
    head["link"] = links
    entries = [_entry(asked.base, each, "match", query) for each in page.found]
    entries += [_entry(asked.base, each, "include", query) for each in page.included]
    warnings = [_ignored(name) for name in query.ignored]
    if page.is_cut:
        warnings.append(
            Issue(
                "warning",
                "too-costly",
                "一緒に返すものが多いため、一部だけを返しました。条件を絞ってください。",
            )
        )
    if warnings:
        entries.append(b'{"resource":' + write_value(outcome(warnings)) + b',"search":{"mode":"outcome"}}')
    return bundle_reply(asked, head, entries)


def _noted(asked: Asked, pairs: list[tuple[str, str]]) -> Noted:
    return Noted(asked.at, asked.interaction, asked.type, asked.encoded(pairs)[:LONGEST_QUERY])


def note_page(asked: Asked, found: list[Any], pairs: list[tuple[str, str]]) -> None:
    """検索の記録 — one event for each patient that was in the answer, one when there was none."""
    query = asked.encoded(pairs)[:LONGEST_QUERY]
    about: dict[tuple[str | None, Any], None] = dict.fromkeys(
        (each.patient, each.writer_id) for each in found
    )
    for patient, writer in about:
        asked.note(asked.type, "", patient=patient, writer=writer, query=query)
    if not about:
        asked.note(asked.type, query=query)


def _entry(base: str, found: Any, mode: str, query: Query) -> bytes:
    # Our address, a type and an identifier: nothing in them that JSON would write otherwise.
    told = found.body if not query.summary and not query.elements else shown(bytes(found.body), query)
    place = f"{base}/{found.type}/{found.id}".encode()
    return b'{"fullUrl":"%b","resource":%b,"search":{"mode":"%b"}}' % (place, told, mode.encode())


def _understood(query: Query, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was searched by: the self link says what counted."""
    if not query.ignored:
        return pairs
    return [pair for pair in pairs if pair[0] not in query.ignored]


def _ignored(name: str) -> Issue:
    return Issue("warning", "not-supported", f"条件「{name}」は分からないため、使いませんでした。")


def _pairs(asked: Asked) -> list[tuple[str, str]]:
    posted = _posted(asked)
    return asked.pairs + posted if posted else asked.pairs


def _posted(asked: Asked) -> list[tuple[str, str]]:
    call = asked.call
    if call.method != "POST" or not call.body:
        return []
    kind = call.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if kind != _FORM:
        raise refuse("media", found=kind)
    pairs = parse_qsl(call.body.decode("utf-8", "replace"))
    if any("\0" in part for pair in pairs for part in pair):
        raise refuse("text", "条件")
    return pairs
