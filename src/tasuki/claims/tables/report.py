# SPDX-License-Identifier: Apache-2.0
"""点検結果 — the findings of a month with names, and how many there are by rule, institution and insurer."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.claims.checks.catalogue import CATALOGUE
from tasuki.claims.columns.schema import arrow
from tasuki.claims.content.catalogue import CONTENT_CATALOGUE
from tasuki.claims.tables.messages import ADVICE, MOVED, TABLE_CHECKS
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tasuki.claims.tables.month_run import MonthRun
    from tasuki.masters.book import Book

_EPOCH = date(1970, 1, 1)
_LOW = (1 << 32) - 1


class Told(NamedTuple):
    """点検結果の行 — a finding with whose receipt it is of."""

    file: str
    institution: str
    insurer: str
    number: int | None
    chart_number: str
    month: int
    finding: Finding

    @property
    def title(self) -> str:
        """点検項目 — what kind of finding it is."""
        return TITLES.get(self.finding.code, self.finding.code)


def _pattern(text: str) -> str:
    """A check's first sentence, with … for what a receipt fills in."""
    parts = text.partition("。")[0].split("{")
    return parts[0] + "".join("…" + part.partition("}")[2] for part in parts[1:])


TITLES = {
    **{check.public_code: _pattern(check.sentence) for check in reversed(list(CATALOGUE.values()))},
    **{check.public_code: f"内容（{check.asp_class}）" for check in CONTENT_CATALOGUE.values()},
    **{check.code: check.title for check in TABLE_CHECKS.values()},
}


def told_findings(run: MonthRun, book: Book) -> Iterator[Told]:
    """点検結果 — every finding of the tables, by file and line."""
    found = arrow().concat_tables(list(run.findings()))
    order = [(name, "ascending") for name in ("receipt", "line", "kind", "win", "row_no", "partner_line")]
    receipts = _receipts_of(run, set(found["receipt"].to_pylist()))
    names = _Names(book)
    files = {plan.file: plan.path.rpartition("/")[2] for plan in run.plans}
    sources = run.sources()
    for row in found.sort_by(order).to_pylist():
        receipt = receipts[row["receipt"]]
        file = files[receipt["file"]]
        finding = _finding(row, file, files, names, sources)
        yield Told(
            file, receipt["institution"], receipt["insurer"], receipt["number"], receipt["chart_number"],
            receipt["month"], finding,
        )  # fmt: skip


def _receipts_of(run: MonthRun, wanted: set[int]) -> dict[int, dict[str, Any]]:
    """Only receipts with a finding, partition by partition."""
    pa = arrow()
    import pyarrow.compute as pc

    keys = pa.array(sorted(wanted), pa.int64())
    rows: dict[int, dict[str, Any]] = {}
    columns = ["receipt", "file", "institution", "number", "chart_number", "insurer", "month"]
    for bucket in range(run.buckets):
        table = run.receipts(bucket).select(columns)
        for row in table.filter(pc.is_in(table["receipt"], value_set=keys)).to_pylist():
            rows[row["receipt"]] = row
    return rows


class _Names:
    """The names of acts, whatever the day: a claim may hold a code that ended."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def of(self, code: int) -> str:
        rows = self._book.acts.get(str(code), ())
        return rows[0].name if rows else str(code)


def _finding(
    row: dict[str, Any], file: str, files: dict[int, str], names: _Names, sources: dict[str, list[str]]
) -> Finding:
    check = TABLE_CHECKS[row["kind"], row["win"]]
    is_limit, is_ward = row["kind"] == 3, row["kind"] == 4
    table, place = {3: "limits", 4: "wards"}.get(row["kind"], "pairs"), row["row_no"] - 1
    facts = {
        "act": row["act"], "act_name": names.of(row["act"]), "day": _day(row["day_no"]),
        "partner": row["partner"], "partner_name": names.of(row["partner"]),
        "partner_day": _day(row["partner_day_no"]), "partner_line": row["partner_line"],
        "partner_file": files[row["partner_receipt"] >> 32], "partner_receipt_line": row["partner_receipt"] & _LOW,
        "code": row["code"], "other": row["other"], "count": row["count"], "most": row["most"],
        "source": sources[table][place],
        "partner_more": f"など{row['count']}件" if is_ward and row["count"] > 1 else "",
        "source_more": "など" if is_ward and row["most"] > 1 else "",
        "unit": sources["units"][place] if is_limit else "", "advice": MOVED if is_ward and row["is_doubtful"] else ADVICE[row["is_doubtful"]],
        "cite": check.cite,
    }  # fmt: skip
    severity = Severity.ADVICE if row["is_doubtful"] else Severity.CONFIRM
    return Finding(check.code, severity, Where(file, row["line"], "SI"), check.message_key, facts)


def _day(number: int | None) -> str:
    return "算定日なし" if number is None else (_EPOCH + timedelta(days=number)).isoformat()


class Counts(NamedTuple):
    """件数 — findings by rule, institution and insurer, each by severity."""

    rules: Counter[tuple[str, str, str]]
    institutions: Counter[tuple[str, str]]
    insurers: Counter[tuple[str, str]]

    def add(self, told: Told) -> None:
        """加算 — one finding."""
        severity = told.finding.severity.value
        self.rules[told.finding.code, told.title, severity] += 1
        self.institutions[told.institution, severity] += 1
        self.insurers[told.insurer.strip(), severity] += 1


def no_counts() -> Counts:
    """件数の始め — nothing found yet."""
    return Counts(Counter(), Counter(), Counter())


HEADINGS = (
    "ファイル", "行", "医療機関", "保険者番号", "レセプト番号", "カルテ番号等", "診療年月", "コード", "点検項目",
    "重大度", "指摘", "根拠",
)  # fmt: skip
SEVERITIES = {"block": "提出不可", "confirm": "要確認", "advice": "参考"}
_SIGNS = {"block": "✕", "confirm": "？", "advice": "ｉ"}
_ORDER = list(SEVERITIES)


def csv_row(told: Told) -> tuple[object, ...]:
    """点検結果のCSVの行 — the items of :data:`HEADINGS`."""
    finding = told.finding
    return (
        told.file, finding.where.line or "", told.institution, told.insurer.strip(), told.number or "",
        told.chart_number, told.month or "", finding.code, told.title, SEVERITIES[finding.severity.value],
        sentence(finding), finding.facts.get("cite", ""),
    )  # fmt: skip


def counts_csv(counts: Counts) -> str:
    """件数のCSV — by rule, then institution, then insurer."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("区分", "コード", "名称", "重大度", "件数"))
    for (code, title, severity), count in sorted(counts.rules.items()):
        writer.writerow(("点検項目", code, title, SEVERITIES[severity], count))
    for label, found in (("医療機関", counts.institutions), ("保険者", counts.insurers)):
        for (key, severity), count in sorted(found.items()):
            writer.writerow((label, key, "", SEVERITIES[severity], count))
    return stream.getvalue()


def report_html(counts: Counts, shown: Sequence[Told], totals: dict[str, object]) -> str:
    """点検結果のHTML — one page without script that a plain browser reads and prints."""
    heaviest = sorted(counts.rules.items(), key=lambda each: (_ORDER.index(each[0][2]), -each[1], each[0]))
    rules = [
        (code, title, f"{_SIGNS[s]} {SEVERITIES[s]}", f"{n:,}")
        for (code, title, s), n in heaviest[:MOST_ROWS]
    ]
    institutions = [(key, SEVERITIES[s], f"{n:,}") for (key, s), n in _most(counts.institutions)]
    insurers = [(key, SEVERITIES[s], f"{n:,}") for (key, s), n in _most(counts.insurers)]
    weights = {key: sum(n for (_, _, s), n in counts.rules.items() if s == key) for key in SEVERITIES}
    summary = [
        *totals.items(),
        *((f"{_SIGNS[key]} {SEVERITIES[key]}", f"{n:,}") for key, n in weights.items()),
    ]
    body = [
        "<h1>レセプトの点検結果</h1>",
        "<p>✕ 提出不可は直すまで出せません。？ 要確認は人が確かめます。ｉ 参考は知らせるだけです。</p>",
        _table("点検したもの", ("項目", "値"), summary),
        _table("点検項目別の件数", ("コード", "点検項目", "重大度", "件数"), rules),
        _table("医療機関別の件数（多い順、1,000行まで）", ("医療機関", "重大度", "件数"), institutions),
        _table("保険者別の件数（多い順、1,000行まで）", ("保険者番号", "重大度", "件数"), insurers),
        _table(
            f"指摘（はじめの{len(shown):,}件。全件は findings.csv）",
            HEADINGS,
            [csv_row(one) for one in shown],
        ),
    ]
    return _PAGE.format(body="\n".join(body))


MOST_ROWS = 1_000


def _most(counter: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counter.items(), key=lambda each: (-each[1], each[0]))[:MOST_ROWS]


def _table(title: str, headings: Iterable[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    lines = "\n".join(
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>" for row in rows
    )
    if not rows:
        return f"<h2>{escape(title)}</h2>\n<p>ありません。</p>"
    return (
        f"<h2>{escape(title)}</h2>\n<table><thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table>"
    )


_PAGE = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><title>レセプトの点検結果</title>
<style>
body {{ font-family: sans-serif; line-height: 1.5; margin: 1.5rem; color: #1a1a1a; background: #fff; }}
table {{ border-collapse: collapse; font-size: .9rem; }}
th, td {{ border: 1px solid #8a8a8a; padding: .2rem .5rem; text-align: left; vertical-align: top; }}
th {{ background: #eef2f5; position: sticky; top: 0; white-space: nowrap; }}
td {{ font-variant-numeric: tabular-nums; }}
tbody tr:nth-child(even) {{ background: #f7f9fa; }}
@media print {{ body {{ margin: 0; font-size: 9pt; }} th {{ position: static; }} thead {{ display: table-header-group; }} tr {{ break-inside: avoid; }} }}
@page {{ size: A4 landscape; margin: 10mm; }}
</style></head><body>
{body}
</body></html>
"""
