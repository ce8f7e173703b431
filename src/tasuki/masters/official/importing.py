# SPDX-License-Identifier: Apache-2.0
"""マスターの取込み — official files in, dated tables out, with a report of every file and every bad row.

Give the files in any order; they are put in order of publication before they are applied.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.masters.official import comment_links, generic_names, point_table, price_list, standards
from tasuki.masters.official.fields import BadField
from tasuki.masters.official.history import Vintage, bad_field
from tasuki.masters.official.recognise import change_days, is_full, layout_of, published_on
from tasuki.masters.official.source import Record, Source, is_workbook, records, unpack
from tasuki.masters.revisions import revision_name, revision_validity

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.masters.official.layout import Layout
    from tasuki.masters.official.point_table import TableRow
    from tasuki.masters.official.price_list import ListedPrice
    from tasuki.masters.rows import GenericName, RequiredComment, Standard


@dataclass(frozen=True, slots=True)
class FileReport:
    """取込み結果 — one file: what it is, how many of its rows were read, kept and bad; or why it was not read."""

    name: str
    sha256: str
    kind: str = ""
    title: str = ""
    published_on: date | None = None
    is_full: bool = True
    rows_read: int = 0
    rows_kept: int = 0
    rows_bad: int = 0
    reason: str = ""  # message key when the file was not read

    @property
    def is_read(self) -> bool:
        """読取り済みか — whether the file was recognised and read."""
        return not self.reason


@dataclass(slots=True)
class PointTableFile:
    """電子点数表ファイル — the rows of one table and the revision they were published for."""

    table: str
    published_on: date
    rows: list[TableRow] = field(repr=False)


@dataclass(slots=True)
class Import:
    """取込み — collects files; :func:`tasuki.masters.official.compiling.compile_tables` makes the tables."""

    vintages: list[Vintage] = field(default_factory=list)
    point_tables: list[PointTableFile] = field(default_factory=list)
    prices: list[tuple[date, list[ListedPrice]]] = field(default_factory=list)
    generic_names: list[GenericName] = field(default_factory=list)
    comment_links: list[RequiredComment] = field(default_factory=list)
    standards: list[Standard] = field(default_factory=list)
    standard_members: list[tuple[str, str]] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _seen: set[bytes] = field(default_factory=set)

    def read(self, name: str, data: bytes) -> list[FileReport]:
        """ファイルの読取り — reads one file with everything packed inside it, and says what became of it."""
        made: list[FileReport] = []
        for source in unpack(name, data):
            if isinstance(source, Finding):
                self.findings.append(source)
                made.append(FileReport(name, "", rows_bad=1, reason=source.message_key))
            elif (digest := hashlib.sha256(source.data).digest()) in self._seen:
                made.append(FileReport(source.name, source.sha256, reason="masters.duplicate"))
            else:
                self._seen.add(digest)
                made.append(
                    self._read_workbook(source) if is_workbook(source.data) else self._read_text(source)
                )
        self.reports += made
        return made

    def _read_text(self, source: Source) -> FileReport:
        found, bad = records(source)
        report = FileReport(source.name, source.sha256)
        if not found and bad:
            self.findings += bad
            return replace(report, rows_bad=len(bad), reason=bad[0].code)
        if not found:
            return replace(report, reason="masters.empty")
        layout = layout_of(found)
        if layout is not None:
            made = self._read_master(source, layout, found, report)
        elif all(point_table.is_point_table(record.fields) for record in found[:20]):
            made = self._read_point_table(source, found, report)
        elif comment_links.is_comment_link(found[min(1, len(found) - 1)].fields):
            made = self._read_comment_links(source, found, report)
        elif tuple(found[0].fields[:3]) == standards.CODES_HEADER:
            made = self._read_rows(
                source, found[1:], replace(report, kind="standards", title="施設基準コード"),
                lambda record: self.standards.append(standards.standard_of(record.fields)),
            )  # fmt: skip
        elif tuple(found[0].fields) == standards.MEMBERS_HEADER:
            made = self._read_rows(
                source, found[1:], replace(report, kind="standard_members", title="施設基準 名寄せ"),
                lambda record: self.standard_members.append(standards.member_of(record.fields)),
            )  # fmt: skip
        else:
            return replace(report, reason="masters.unrecognised")
        if made.is_read:
            self.findings += bad
            made = replace(made, rows_read=made.rows_read + len(bad), rows_bad=made.rows_bad + len(bad))
        return made

    def _read_rows(
        self, source: Source, rows: list[Record], report: FileReport, keep: Callable[[Record], object]
    ) -> FileReport:
        """行ごとの読取り — every row is kept or becomes a finding; the counts say how many of each."""
        bad = 0
        for record in rows:
            try:
                keep(record)
            except BadField as error:
                bad += 1
                self.findings.append(bad_field(source.name, record.line, "", error))
            except IndexError:
                bad += 1
                short = BadField(0, str(len(record.fields)), "all columns")
                self.findings.append(bad_field(source.name, record.line, "", short))
        return replace(report, rows_read=len(rows), rows_kept=len(rows) - bad, rows_bad=bad)

    def _read_master(
        self, source: Source, layout: Layout, found: list[Record], report: FileReport
    ) -> FileReport:
        kept: list[Record] = []

        def keep(record: Record) -> None:
            layout.check(record.fields)
            kept.append(record)

        report = self._read_rows(source, found, replace(report, kind=layout.series, title=layout.title), keep)
        published = published_on(source.name, change_days(layout, kept))
        full = is_full(kept)
        self.vintages.append(Vintage(layout, source.name, published, full, kept))
        return replace(report, published_on=published, is_full=full)

    def _read_point_table(self, source: Source, found: list[Record], report: FileReport) -> FileReport:
        kind = point_table.COLUMNS[Counter(len(record.fields) for record in found).most_common(1)[0][0]]
        width = next(columns for columns, table in point_table.COLUMNS.items() if table == kind)
        window = point_table.window_of(source.name)
        if kind == point_table.EXCLUSION and window is None:
            return replace(report, reason="masters.which-exclusion")
        rows: list[TableRow] = []

        def keep(record: Record) -> None:
            if len(record.fields) != width:
                raise BadField(0, str(len(record.fields)), f"{width} columns")
            rows.extend(point_table.rows_of(kind, record.fields, window))

        table = f"{kind}-{window.value}" if window is not None and kind == point_table.EXCLUSION else kind
        report = self._read_rows(
            source, found, replace(report, kind=table, title=point_table.TITLES[kind]), keep
        )
        starts: Counter[date] = Counter(row.validity.since for row in rows)
        published = published_on(source.name, starts)
        self.point_tables.append(PointTableFile(table, published, rows))
        return replace(report, published_on=published)

    def _read_comment_links(self, source: Source, found: list[Record], report: FileReport) -> FileReport:
        report = replace(report, kind="ck", title="コメント関連テーブル")
        if len(found[-1].fields) != comment_links.COLUMNS:
            return replace(report, reason="masters.comment-link-form")
        body = found[1:] if not found[0].fields[0].isdigit() else found
        published = published_on(source.name, Counter())
        name = revision_name(published)
        ends_on = revision_validity(name).until if name else None
        return replace(
            self._read_rows(
                source,
                body,
                report,
                lambda record: self.comment_links.append(
                    comment_links.comment_link_of(record.fields, ends_on)
                ),
            ),
            published_on=published,
        )

    def _read_workbook(self, source: Source) -> FileReport:
        report = FileReport(source.name, source.sha256)
        sheets = _sheets(source.data)
        listed: list[ListedPrice] = []
        for rows in sheets:
            below = list(generic_names.rows_below(price_list.HEADER, rows))
            if below:
                published = published_on(source.name, Counter())
                report = self._read_rows(
                    source,
                    [Record(number, cells) for number, cells in below],
                    replace(
                        report, kind="price_list", title="薬価基準収載品目リスト", published_on=published
                    ),
                    lambda record: listed.append(price_list.listed_price_of(record.fields)),
                )
                self.prices.append((published, listed))
                return report
        for rows in sheets:
            below = list(generic_names.rows_below(generic_names.HEADER, rows))
            if below:
                return self._read_generic_names(source, below, report)
        return replace(report, reason="masters.unrecognised")

    def _read_generic_names(
        self, source: Source, below: list[tuple[int, list[str]]], report: FileReport
    ) -> FileReport:
        applied = published_on(_with_century(source.name), Counter())
        return self._read_rows(
            source,
            [Record(number, cells) for number, cells in below],
            replace(report, kind="generic_names", title="一般名処方マスタ", published_on=applied),
            lambda record: self.generic_names.append(generic_names.generic_name_of(record.fields, applied)),
        )


def _with_century(name: str) -> str:
    """版の年 — ippanmeishohoumaster_250814 writes the year with two digits."""
    stem = name.rsplit("/", 1)[-1]
    digits = "".join(c for c in stem if c.isdigit())
    return f"20{digits}" if len(digits) == 6 else name


def _sheets(data: bytes) -> list[list[list[str]]]:
    """表計算の行 — every sheet as rows of text."""
    with warnings.catch_warnings():
        # openpyxl warns of print headers it does not know; nothing in a cell depends on them.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [
            [[_cell(value) for value in row] + [""] * 4 for row in sheet.iter_rows(values_only=True)]
            for sheet in book.worksheets
        ]
        book.close()
    return sheets


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def unreadable(name: str, reason: str) -> Finding:
    """読取り不能 — the finding for a file that could not be opened at all."""
    return Finding(
        "masters.unreadable", Severity.BLOCK, Where(file=name), "masters.unreadable", {"reason": reason}
    )
