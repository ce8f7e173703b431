# SPDX-License-Identifier: Apache-2.0
"""履歴 — the dated rows of a master, built from every published full file and difference in order of date.

A full file holds one row a code and no history; a difference leaves unchanged fields empty. What a
file says about a day before its own change date stands as the earlier files said it.

Cite: マスターファイル仕様説明書 令和6年度版 変更区分, 変更年月日, 廃止年月日
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.validity import Validity
from tasuki.masters.messages import expectation
from tasuki.masters.official.fields import BadField, day
from tasuki.masters.official.layout import CHANGED, ENDED, ERASED

if TYPE_CHECKING:
    from tasuki.masters.official.layout import Layout
    from tasuki.masters.official.source import Record
    from tasuki.masters.rows import Row

# A row without a change date has counted since before the masters existed.
EVER = date(1900, 1, 1)
_DAY = timedelta(days=1)


class Dated(NamedTuple):
    """履歴行 — the fields of a code from a day on, and the line that last touched them."""

    since: date
    fields: list[str]
    file: str
    line: int


@dataclass(slots=True)
class Vintage:
    """版 — one checked file of a master: when published, whether it is the full table."""

    layout: Layout
    file: str
    published_on: date
    is_full: bool
    records: list[Record] = field(repr=False)


@dataclass(slots=True)
class History:
    """履歴 — the rows of one master, code by code, oldest first."""

    layout: Layout
    rows: dict[str, list[Dated]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    set_aside: Counter[str] = field(default_factory=Counter)

    def apply(self, vintage: Vintage) -> None:
        """版の適用 — a full file or a difference, which must come in order of publication."""
        for record in vintage.records:
            change = record.fields[0]
            code = self.layout.key(record.fields)
            if vintage.is_full:
                self._put(code, record, vintage)
            elif change == ERASED:
                self._erase(code, record)
            elif change == ENDED:
                self._end(code, record, vintage)
            elif change == CHANGED:
                self._change(code, record, vintage)
            else:
                self._put(code, record, vintage)
        if vintage.is_full:
            self._end_vanished(vintage)

    def _since(self, fields: list[str], *, is_first: bool) -> date:
        since = day(fields, self.layout.since)
        if is_first and self.layout.opened:
            # 収載年月日: the row has been usable since it was listed, whenever it was last edited.
            return day(fields, self.layout.opened) or EVER
        return since or EVER

    def _put(self, code: str, record: Record, vintage: Vintage) -> None:
        found = self.rows.setdefault(code, [])
        since = self._since(record.fields, is_first=not found)
        if found and since <= found[-1].since:
            # Restated: the newest file is right about the row it restates.
            since = found.pop().since
        found.append(Dated(since, record.fields, vintage.file, record.line))

    def _change(self, code: str, record: Record, vintage: Vintage) -> None:
        found = self.rows.get(code)
        if not found:
            if self.layout.is_complete(record.fields):
                self._put(code, record, vintage)
            else:
                self._without_base(code, record, vintage)
            return
        since = day(record.fields, self.layout.since) or found[-1].since
        # Retroactive changes reach every row from their day on.
        touched = [row for row in found if row.since >= since]
        kept = [row for row in found if row.since < since]
        if not touched or (touched[0].since > since and kept):
            touched.insert(0, (kept or touched)[-1 if kept else 0]._replace(since=since))
        origin = (vintage.file, record.line)
        self.rows[code] = kept + [
            Dated(row.since, self._merged(row, record.fields), *origin) for row in touched
        ]

    def _merged(self, row: Dated, change: list[str]) -> list[str]:
        width = max(len(row.fields), len(change))
        old = row.fields + [""] * (width - len(row.fields))
        new = change + [""] * (width - len(change))
        merged = [after or before for before, after in zip(old, new, strict=True)]
        merged[self.layout.since - 1] = f"{row.since:%Y%m%d}"
        return merged

    def _end(self, code: str, record: Record, vintage: Vintage) -> None:
        found = self.rows.get(code)
        if not found:
            self._without_base(code, record, vintage)
            return
        until = day(record.fields, self.layout.until)
        if until is None:
            changed_on = day(record.fields, self.layout.since) or vintage.published_on
            until = changed_on - _DAY
        while len(found) > 1 and found[-1].since > until:
            # Announced for a later day, and ended before it came.
            found.pop()
        found[-1] = found[-1]._replace(
            fields=_with(found[-1].fields, self.layout.until, f"{until:%Y%m%d}"),
            file=vintage.file,
            line=record.line,
        )

    def _erase(self, code: str, record: Record) -> None:
        found = self.rows.get(code)
        if found:
            found.pop()
        else:
            self.set_aside["erased"] += 1

    def _without_base(self, code: str, record: Record, vintage: Vintage) -> None:
        """元の行なし — a change to a row no loaded file holds; said, because the history has a hole there."""
        self.set_aside[vintage.file] += 1
        self.findings.append(
            Finding(
                "masters.no-base",
                Severity.ADVICE,
                Where(vintage.file, record.line, code),
                "masters.no-base",
                {"code": code},
            )
        )

    def _end_vanished(self, vintage: Vintage) -> None:
        """消えたコード — a code the full file no longer lists has ended.

        When its last row is older than the revision of the file, the revision ended it: the day before
        most rows of the file begin. Otherwise it ended before publication.
        """
        listed = {self.layout.key(record.fields) for record in vintage.records}
        begins = Counter(record.fields[self.layout.since - 1] for record in vintage.records)
        revised_on = vintage.published_on
        if begins and not self.layout.opened:
            revised_on = day([begins.most_common(1)[0][0]], 1) or revised_on
        for code, found in self.rows.items():
            if code in listed or not found or day(found[-1].fields, self.layout.until):
                continue
            start = revised_on if found[-1].since < revised_on else vintage.published_on
            until = max(start - _DAY, found[-1].since)
            fields = _with(found[-1].fields, self.layout.until, f"{until:%Y%m%d}")
            found[-1] = found[-1]._replace(fields=fields)
            where = Where(vintage.file, 0, code)
            self.findings.append(
                Finding("masters.vanished", Severity.ADVICE, where, "masters.vanished", {"until": until})
            )

    def dated_rows(self) -> list[Row]:
        """履歴の行 — every row with its days; a row that cannot be made is a finding."""
        made: list[Row] = []
        for code, found in self.rows.items():
            for at, row in enumerate(found):
                until = day(row.fields, self.layout.until)
                if at + 1 < len(found):
                    before_next = found[at + 1].since - _DAY
                    until = min(until, before_next) if until else before_next
                if until is not None and until < row.since:
                    continue
                try:
                    made.append(self.layout.make(row.fields, Validity(row.since, until)))
                except BadField as error:
                    self.findings.append(bad_field(row.file, row.line, code, error))
        return made


def bad_field(file: str, line: int, record: str, error: BadField) -> Finding:
    """項目誤り — the finding for a field that does not have its column's form."""
    code = "masters.field" if error.column else "masters.columns"
    where = Where(file, line, record, f"項目{error.column}" if error.column else "")
    facts = {"value": error.value, "expected": expectation(error.expected)}
    return Finding(code, Severity.BLOCK, where, code, facts)


def _with(fields: list[str], column: int, value: str) -> list[str]:
    changed = list(fields)
    changed[column - 1] = value
    return changed
