# SPDX-License-Identifier: Apache-2.0
"""マスターの取込み — reads files and folders, keeps the store, and reports every file and every bad row."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.kernel.finding import Finding
    from tasuki.masters.official.importing import FileReport, Import
    from tasuki.masters.point_list import PointList

# Files that are certainly not masters; a folder may hold thousands beside them.
_PASSED_OVER = frozenset({".pdf", ".md", ".yaml", ".yml", ".json", ".html", ".png", ".jpg", ".py"})


def import_masters(args: argparse.Namespace) -> int:
    """取込み — exit code 1 when a row was bad; stops when nothing could be read."""
    from tasuki.masters.layering import layer_starter
    from tasuki.masters.official.compiling import compile_tables
    from tasuki.masters.official.importing import Import
    from tasuki.masters.point_list import lay_points
    from tasuki.masters.starter import starter_tables
    from tasuki.masters.store import StoredSource, encode_store
    from tasuki_server.masters_source import keep_store

    started = time.perf_counter()
    listed = _point_list(args.points)
    reading, seconds = Import(), {}
    for shown, path in _files(args.paths):
        began = time.perf_counter()
        reports = _read(reading, shown, path)
        for report in reports:
            seconds[report.name] = (time.perf_counter() - began) / len(reports)
            if report.is_read:
                progress(
                    f"{report.name}: {report.title} {report.rows_read} 行",
                    f"{report.name}: {report.title}, {report.rows_read} rows",
                )
    if not any(report.is_read for report in reading.reports):
        _say_unread(reading.reports)
        _say_findings(tuple(reading.findings))
        raise Stop(
            "マスターとして読めるファイルがありませんでした。",
            "None of the files could be read as a master.",
        )
    progress("履歴を編成しています…", "Putting the histories together…")
    compiled = compile_tables(reading)
    tables, filled = compiled.tables, ()
    if not args.no_starter_r8:
        tables, filled = layer_starter(tables, starter_tables())
    laid = 0
    if listed is not None and all(each.name != "R8" for each in compiled.tables.revisions):
        tables, laid = lay_points(tables, compiled.tables.acts, listed)
    sources = tuple(
        StoredSource(
            r.name, r.kind, r.title, r.published_on, r.is_full, r.sha256, r.rows_read, r.rows_kept, r.rows_bad
        )
        for r in reading.reports
        if r.is_read
    )
    path = keep_store(encode_store(tables, sources, filled))
    total = time.perf_counter() - started
    findings = (*reading.findings, *compiled.findings, *(listed.findings if listed else ()))
    if args.format == "json":
        report = _import_json(reading, findings, tables, filled, seconds, total)
        if listed is not None:
            report["point_list"] = {"file": listed.file, "used": laid, "left_out": dict(listed.left_out), "is_official": False}  # fmt: skip
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print_import(reading, findings, tables, filled, seconds)
        if listed is not None:
            _say_point_list(listed, laid)
        print(say(f"{total:.1f} 秒。保存先 {path}", f"{total:.1f} seconds. Kept in {path}"))
    return 1 if any(report.rows_bad for report in reading.reports) or (listed and listed.findings) else 0


def _point_list(path: Path | None) -> PointList | None:
    """点数一覧 — read first: a list that cannot be used stops the import before anything is kept."""
    from tasuki.kernel.finding import BadInput
    from tasuki.kernel.messages import sentence
    from tasuki.masters.point_list import read_point_list

    if path is None:
        return None
    try:
        return read_point_list(path.name, path.read_bytes())
    except OSError as error:
        raise Stop(f"{path} を開けません。", f"{path} cannot be opened.") from error
    except BadInput as error:
        text = "".join(sentence(finding) for finding in error.findings)
        raise Stop(f"{path.name}: {text}", f"{path.name}: {text}") from error


def _say_point_list(listed: PointList, laid: int) -> None:
    left = "、".join(f"{evidence} {count}" for evidence, count in listed.left_out.items())
    print(
        say(
            f"点数一覧 {listed.file}: {laid} 件を令和8年度の点数に使いました。公式の点数ではありません。使わないもの: {left or 'なし'}",
            f"Point list {listed.file}: {laid} used as fees of R8. They are not official. Left out: {left or 'none'}",
        )
    )


def _files(paths: list[Path]) -> Iterator[tuple[str, Path]]:
    for path in paths:
        if path.is_dir():
            for each in sorted(path.rglob("*")):
                if each.is_file() and each.suffix.lower() not in _PASSED_OVER:
                    yield str(each.relative_to(path)), each
        else:
            yield path.name, path


def _read(reading: Import, shown: str, path: Path) -> list[FileReport]:
    from tasuki.masters.official.importing import FileReport, unreadable

    try:
        return reading.read(shown, path.read_bytes())
    except OSError as error:
        reading.findings.append(unreadable(shown, error.strerror or type(error).__name__))
        report = FileReport(shown, "", rows_bad=1, reason="masters.unreadable")
        reading.reports.append(report)
        return [report]


def _counts(tables: Any) -> dict[str, int]:
    return {name: len(value) for name, value in tables._asdict().items() if name != "revisions"}


def _import_json(
    reading: Import,
    findings: tuple[Finding, ...],
    tables: Any,
    filled: tuple[str, ...],
    seconds: dict[str, float],
    total: float,
) -> dict[str, Any]:
    return {
        "files": [
            {
                "file": r.name,
                "kind": r.kind,
                "title": r.title,
                "published_on": str(r.published_on or ""),
                "is_full": r.is_full,
                "sha256": r.sha256,
                "rows_read": r.rows_read,
                "rows_kept": r.rows_kept,
                "rows_bad": r.rows_bad,
                "reason": r.reason,
                "seconds": round(seconds.get(r.name, 0), 3),
            }
            for r in reading.reports
        ],
        "findings": [_finding_json(f) for f in findings],
        "revisions": [
            {"name": r.name, "since": str(r.validity.since), "until": str(r.validity.until or ""), "source": r.source}
            for r in tables.revisions
        ],
        "rows": _counts(tables),
        "filled_from_starter": list(filled),
        "seconds": round(total, 3),
    }  # fmt: skip


def _finding_json(finding: Finding) -> dict[str, Any]:
    from tasuki.kernel.messages import sentence

    where = finding.where
    return {
        "code": finding.code,
        "severity": finding.severity,
        "file": where.file,
        "line": where.line,
        "record": where.record,
        "field": where.field,
        "message": sentence(finding),
    }


def _print_import(
    reading: Import, findings: tuple[Finding, ...], tables: Any, filled: tuple[str, ...], seconds: dict[str, float]
) -> None:  # fmt: skip
    print(
        say("版\t全件\t読込\t採用\t不良\t秒\t種別\tファイル", "vintage\tfull\tread\tkept\tbad\ts\tkind\tfile")
    )
    for r in reading.reports:
        if r.is_read:
            full = say("全件", "full") if r.is_full else say("差分", "diff")
            print(
                f"{r.published_on or '-'}\t{full}\t{r.rows_read}\t{r.rows_kept}\t{r.rows_bad}"
                f"\t{seconds.get(r.name, 0):.2f}\t{r.title}\t{r.name}"
            )
    _say_unread(reading.reports)
    _say_findings(findings)
    print(
        say("収録: ", "rows: ")
        + ", ".join(f"{name} {count}" for name, count in _counts(tables).items() if count)
    )
    for each in tables.revisions:
        print(f"{each.name} {each.validity.since} 〜 {each.validity.until or ''} {each.source}")
    for each in filled:
        print(
            say(f"スターターセットで補いました: {_FILLED[each][0]}", f"From the starter: {_FILLED[each][1]}")
        )


def _say_findings(findings: tuple[Finding, ...]) -> None:
    """指摘の表示 — every bad row; advice of one kind in one file is counted after its first three."""
    from tasuki.kernel.finding import Severity
    from tasuki.kernel.messages import sentence

    shown: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        group = (finding.code, finding.where.file)
        shown[group] += 1
        if finding.severity is Severity.BLOCK or shown[group] <= 3:
            print(f"{finding.code} {sentence(finding)}", file=sys.stderr)
    for (code, file), count in shown.items():
        if count > 3:
            print(say(f"{code} {file}: 全 {count} 件", f"{code} {file}: {count} in all"), file=sys.stderr)


_FILLED = {
    "R8": (
        "令和8年度改定の診療行為（公式の令和8年度マスターがないため）",
        "acts of R8, no official R8 master",
    ),
    "02": ("包括テーブル（告示が部・区分で定めるもの）", "inclusions the notice names by section"),
    "03-1": ("背反テーブル１（１日につき）の一部", "part of the exclusions within a day"),
}


def _say_unread(reports: list[FileReport]) -> None:
    from tasuki.kernel.messages import registered

    # A file that could not be opened has a finding of its own, which says why.
    reasons = Counter(report.reason for report in reports if report.reason and not report.rows_bad)
    for reason, count in reasons.items():
        names = [report.name for report in reports if report.reason == reason]
        shown = "、".join(names[:5]) + (f" ほか{count - 5}件" if count > 5 else "")
        text = registered().get(reason, reason)
        print(say(f"取り込まないファイル {count} 件: ", f"{count} not imported: ") + f"{text} {shown}", file=sys.stderr)  # fmt: skip
