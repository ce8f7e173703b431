# SPDX-License-Identifier: Apache-2.0
"""点数一覧 — a user's own list of fees of a revision whose official master is missing.

Columns ``code``, ``points_r8`` and ``evidence``. Only evidence that is certain is used: ``M`` the value stands
in a list derived from the official master, ``K1`` it was read in the 告示, ``K0``/``K0L`` the text of its section
or of every line with its points is the same as in the revision before. Each row made from it says so.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.validity import Validity
from tasuki.masters.messages import expectation
from tasuki.masters.revisions import revision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tasuki.masters.book import Tables
    from tasuki.masters.rows import Act

CERTAIN = frozenset(("M", "K1", "K0", "K0L"))
COLUMNS = ("code", "points_r8", "evidence")
ABOLISHED = "abolished"


class PointList(NamedTuple):
    """点数一覧 — the certain points of a list, how many were left out by evidence, and its bad lines."""

    file: str
    points: Mapping[str, Decimal]
    left_out: Mapping[str, int]
    findings: tuple[Finding, ...]


def read_point_list(file: str, data: bytes) -> PointList:
    """点数一覧の読取り — of a CSV file, packed with gzip or not.

    Raises :class:`BadInput` when the file cannot be opened or lacks a column. A bad line is a finding.
    """
    try:
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise _refused(file, "masters.unreadable", {"reason": type(error).__name__}) from error
    rows = csv.DictReader(io.StringIO(text))
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise _refused(file, "masters.point-list", {"missing": "、".join(missing)})
    points: dict[str, Decimal] = {}
    left_out: Counter[str] = Counter()
    findings: list[Finding] = []
    for number, row in enumerate(rows, start=2):
        code, value, evidence = ((row[name] or "").strip() for name in COLUMNS)
        if evidence not in CERTAIN or value in ("", ABOLISHED):
            left_out[ABOLISHED if value == ABOLISHED else evidence or "-"] += 1
            continue
        try:
            if not (len(code) == 9 and code.isdecimal()):
                raise ValueError("code")
            found = Decimal(value)
            if not found.is_finite() or found < 0 or points.get(code, found) != found:
                raise ValueError("points_r8")
        except (ValueError, InvalidOperation) as error:
            field = "code" if str(error) == "code" else "points_r8"
            facts = {"value": code if field == "code" else value, "expected": expectation("number")}
            if field == "code":
                facts["expected"] = expectation("code of 9")
            where = Where(file, number, code, field)
            findings.append(Finding("masters.field", Severity.BLOCK, where, "masters.field", facts))
            continue
        points[code] = found
    return PointList(file, points, dict(sorted(left_out.items())), tuple(findings))


def lay_points(tables: Tables, official: tuple[Act, ...], listed: PointList) -> tuple[Tables, int]:
    """点数一覧の重ね — R8 rows for official acts that still stand when R6 ends and have a certain fee.

    ``tables`` may already hold the starter's R8, whose rows win. An act in steps is taken only with the same
    points: a list of fees does not say how its steps changed.
    """
    coming = revision("R8", "")
    since = coming.validity.since
    standing = {act.code for act in tables.acts if since in act.validity}
    if all(loaded.name != "R8" for loaded in tables.revisions):
        standing = set()
    made: list[Act] = []
    for act in official:
        points = listed.points.get(act.code)
        ends = act.validity.until is not None and act.validity.until < since
        if points is None or ends or act.code in standing or (act.step is not None and points != act.points):
            continue
        validity = Validity(max(since, act.validity.since), act.validity.until)
        made.append(msgspec.structs.replace(act, points=points, validity=validity, unofficial=listed.file))
    if not made:
        return tables, 0
    source = f"点数一覧 {listed.file}（公式の令和8年度マスターではない）"
    before = tuple(loaded for loaded in tables.revisions if loaded.name == "R8")
    others = tuple(loaded for loaded in tables.revisions if loaded.name != "R8")
    acts = tables.acts
    if before:
        source = f"{before[0].source}、{source}"
    else:
        acts = tuple(kept for kept in (_ended(act, since - timedelta(days=1)) for act in acts) if kept)
    revisions = (*others, coming._replace(source=source))
    return tables._replace(revisions=revisions, acts=(*acts, *made)), len(made)


def _ended(act: Act, last: date) -> Act | None:
    if act.validity.since > last:
        return None
    if act.validity.until is not None and act.validity.until <= last:
        return act
    return msgspec.structs.replace(act, validity=Validity(act.validity.since, last))


def _refused(file: str, code: str, facts: dict[str, object]) -> BadInput:
    return BadInput([Finding(code, Severity.BLOCK, Where(file), code, facts)])
