# SPDX-License-Identifier: Apache-2.0
"""スターターの重ね — fills what the imported official files do not cover, and says each thing it filled.

Official rows win wherever they exist. The starter is used for a whole revision nobody imported, and for
a kind of table that is missing altogether; never row by row inside an imported table.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from tasuki.kernel.validity import Validity
from tasuki.masters.revisions import revision
from tasuki.masters.rows import WORK_ACCIDENT_CODES, Window
from tasuki.masters.starter.loading import R8_SOURCE

if TYPE_CHECKING:
    from datetime import date

    from tasuki.masters.book import Tables
    from tasuki.masters.rows import Act


def layer_starter(tables: Tables, starter: Tables) -> tuple[Tables, tuple[str, ...]]:
    """スターターの重ね — the tables with R8 and missing point tables filled, and what was filled."""
    filled: list[str] = []
    names = {loaded.name for loaded in tables.revisions}
    if tables.acts and "R8" not in names and "R6" in names:
        tables = _with_r8(tables, starter)
        filled.append("R8")
    if not tables.inclusion_members and tables.inclusion_parents:
        groups = {parent.group for parent in tables.inclusion_parents}
        members = tuple(m for m in starter.inclusion_members if m.group in groups)
        tables = tables._replace(inclusion_members=members)
        filled.append("02")
    if tables.exclusions and not any(e.window is Window.DAY for e in tables.exclusions):
        pairs = tuple(e for e in starter.exclusions if e.window is Window.DAY)
        tables = tables._replace(exclusions=tables.exclusions + pairs)
        filled.append("03-1")
    return tables, tuple(filled)


def _with_r8(tables: Tables, starter: Tables) -> Tables:
    """令和8年度改定の重ね — official acts end with R6; from the next day the starter's rows count.

    An act the starter does not know is then not usable in R8: its points are not known, and the points
    of R6 would be wrong. The acts of 労災 have a table of their own, of which no edition of R8 is in the
    starter: those it knows go on as they were published, so that their day still tells an earlier price.
    """
    r8 = revision("R8", R8_SOURCE)
    since = r8.validity.since
    usable = tuple(act for act in starter.acts if act.validity.until is None or act.validity.until >= since)
    labour = {act.code for act in usable if act.code.startswith(WORK_ACCIDENT_CODES)}
    published = {act.code for act in tables.acts}
    ended = tuple(
        kept
        for act in tables.acts
        if (kept := act if act.code in labour else _until_before(act, since)) is not None
    )
    begun = tuple(
        act if act.code in labour else _from(act, since)
        for act in usable
        if act.code not in labour or act.code not in published
    )
    return tables._replace(revisions=(*tables.revisions, r8), acts=ended + begun)


def _from(act: Act, since: date) -> Act:
    """A row the revision left as it was is one row in the starter; here it begins with the revision."""
    if act.validity.since >= since:
        return act
    return msgspec.structs.replace(act, validity=Validity(since, act.validity.until))


def _until_before(act: Act, since: date) -> Act | None:
    if act.validity.since >= since:
        return None
    if act.validity.until is not None and act.validity.until < since:
        return act
    return msgspec.structs.replace(act, validity=Validity(act.validity.since, since - timedelta(days=1)))
