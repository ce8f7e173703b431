# SPDX-License-Identifier: Apache-2.0
"""マスターの編成 — everything that was read, in order of publication, as the dated tables of a Book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from tasuki.kernel.validity import Validity
from tasuki.masters.book import Revision, Tables
from tasuki.masters.official.fields import decimal
from tasuki.masters.official.history import Dated, History
from tasuki.masters.official.layout import ACTS, DRUGS
from tasuki.masters.official.recognise import change_days
from tasuki.masters.official.repricing import reprice
from tasuki.masters.revisions import FEE_REVISIONS, revision, revision_name, revision_validity
from tasuki.masters.rows import (
    CountLimit,
    Drug,
    Exclusion,
    InclusionMember,
    InclusionParent,
    InpatientAddition,
    WardFee,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.kernel.finding import Finding
    from tasuki.masters.official.history import Vintage
    from tasuki.masters.official.importing import Import, PointTableFile
    from tasuki.masters.official.point_table import TableRow
    from tasuki.masters.official.price_list import ListedPrice
    from tasuki.masters.rows import Row

_DAY = timedelta(days=1)
_PRICE = 12


@dataclass(frozen=True, slots=True)
class Compiled:
    """編成結果 — the tables, and what had to be said while making them."""

    tables: Tables
    findings: tuple[Finding, ...]


class _Origin(NamedTuple):
    price_on: date | None
    rows: list[Dated]


def compile_tables(read: Import) -> Compiled:
    """マスターの編成 — histories from every vintage, prices laid over the drugs, point tables by revision."""
    findings: list[Finding] = []
    rows: dict[str, list[Row]] = {}
    histories = _histories(read)
    for history in histories.values():
        made = _drug_rows(history, read) if history.layout.series == DRUGS.series else history.dated_rows()
        rows.setdefault(history.layout.table, []).extend(made)
        findings += history.findings
    point = _point_rows(read.point_tables)
    tables = Tables(
        revisions=_revisions(read, cast("list[Any]", rows.get("acts", []))),
        acts=cast("Any", tuple(rows.get("acts", ()))),
        drugs=cast("Any", tuple(rows.get("drugs", ()))),
        materials=cast("Any", tuple(rows.get("materials", ()))),
        diseases=cast("Any", tuple(rows.get("diseases", ()))),
        modifiers=cast("Any", tuple(rows.get("modifiers", ()))),
        comments=cast("Any", tuple(rows.get("comments", ()))),
        exclusions=tuple(row for row in point if isinstance(row, Exclusion)),
        inclusion_parents=tuple(row for row in point if isinstance(row, InclusionParent)),
        inclusion_members=tuple(row for row in point if isinstance(row, InclusionMember)),
        limits=tuple(row for row in point if isinstance(row, CountLimit)),
        required_comments=tuple(read.comment_links),
        standard_members=tuple(dict.fromkeys(read.standard_members)),
        ward_additions=tuple(row for row in point if isinstance(row, InpatientAddition)),
        ward_fees=tuple(row for row in point if isinstance(row, WardFee)),
        standards=tuple({s.code: s for s in read.standards}.values()),
        generic_names=tuple(read.generic_names),
    )
    return Compiled(tables, tuple(findings))


def _histories(read: Import) -> dict[str, History]:
    """版の順序 — by publication; on one day a difference comes before the full file that already holds it."""
    histories: dict[str, History] = {}
    for vintage in sorted(read.vintages, key=lambda v: (v.published_on, v.is_full, v.file)):
        series = vintage.layout.series
        histories.setdefault(series, History(vintage.layout)).apply(vintage)
    return histories


def _drug_rows(history: History, read: Import) -> list[Row]:
    """医薬品の行 — each with the day of the list or file its price came from."""
    origins: dict[tuple[str, date], date] = {}
    lists: dict[date, dict[str, ListedPrice]] = {}
    for listed_on, listed in sorted(read.prices, key=lambda pair: pair[0]):
        lists.setdefault(listed_on, {}).update({price.code: price for price in listed})
    for code, found in history.rows.items():
        if not found:
            continue
        stated: list[date | None] = _price_days(found)
        for listed_on, prices in lists.items():
            before = dict(zip((row.since for row in found), stated, strict=True))
            found, listed_days = reprice(found, prices, listed_on)
            known = None
            stated = []
            for row, day in zip(found, listed_days, strict=True):
                known = before.get(row.since, known)
                stated.append(day or known)
        history.rows[code] = found
        origins.update({(code, row.since): day for row, day in zip(found, stated, strict=True) if day})
    made: list[Row] = []
    for drug in cast("list[Drug]", history.dated_rows()):
        price_on = origins.get((drug.code, drug.validity.since))
        made.append(msgspec.structs.replace(drug, price_on=price_on) if price_on else drug)
    return made


def _price_days(rows: list[Dated]) -> list[date | None]:
    """薬価の日付 — for each row the first day its price was in force."""
    days: list[date | None] = []
    for at, row in enumerate(rows):
        same = at and decimal(row.fields, _PRICE) == decimal(rows[at - 1].fields, _PRICE)
        days.append(days[at - 1] if same else row.since)
    return days


def _point_rows(files: Iterable[PointTableFile]) -> list[TableRow]:
    """電子点数表の行 — the newest file of each revision; its rows end with the revision once a later one is loaded."""
    newest: dict[tuple[str, str], PointTableFile] = {}
    for file in sorted(files, key=lambda f: f.published_on):
        newest[file.table, revision_name(file.published_on) or ""] = file
    made: list[TableRow] = []
    order = [name for name, _ in FEE_REVISIONS]
    for (table, name), file in newest.items():
        later = [other for kind, other in newest if kind == table and other in order[_after(order, name) :]]
        earlier = [other for kind, other in newest if kind == table and other in order[: _at(order, name)]]
        until = revision_validity(name).until if later and name else None
        since = revision_validity(name).since if earlier and name else None
        made += [row for row in (_clipped(row, since, until) for row in file.rows) if row is not None]
    return made


def _at(order: list[str], name: str) -> int:
    return order.index(name) if name in order else 0


def _after(order: list[str], name: str) -> int:
    return order.index(name) + 1 if name in order else 0


def _clipped(row: TableRow, since: date | None, until: date | None) -> TableRow | None:
    start = max(row.validity.since, since) if since else row.validity.since
    ends = [day for day in (row.validity.until, until) if day]
    end = min(ends) if ends else None
    if end is not None and end < start:
        return None
    if (start, end) == tuple(row.validity):
        return row
    return msgspec.structs.replace(row, validity=Validity(start, end))


def _revisions(read: Import, acts: list[Row]) -> tuple[Revision, ...]:
    """収録改定 — the revisions whose acts were loaded in full: from the first full file's own revision on.

    A revision nobody loaded is not covered, so a day in it raises ``OutOfBook`` rather than finding
    the rows of the revision before.
    """
    loaded = {
        name: vintage.file
        for vintage in read.vintages
        if vintage.layout.series == ACTS.series and vintage.is_full
        for name in [_revision_of(vintage)]
        if name
    }
    begun = {revision_name(row.validity.since) for row in acts}
    started = False
    made: list[Revision] = []
    for name, since in FEE_REVISIONS:
        started = started or name in loaded
        # A revision reached by differences alone shows by its many rows that begin on its first day.
        many = sum(row.validity.since == since for row in acts) > 1000
        if started and name in begun and (name in loaded or many):
            made.append(revision(name, loaded.get(name, "differences")))
    return tuple(made)


def _revision_of(vintage: Vintage) -> str | None:
    """版の改定 — a full file published ahead belongs to the revision most of its rows begin with."""
    days = change_days(vintage.layout, vintage.records)
    common = days.most_common(1)[0][0] if days else vintage.published_on
    return revision_name(max(common, vintage.published_on))
