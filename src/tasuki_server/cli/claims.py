# SPDX-License-Identifier: Apache-2.0
"""レセプト — `./tasuki claims build|read|rewrite|print|recalculate|check|generate`: receipts to and from claim files."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.claims_check import add_check
from tasuki_server.cli.claims_generate import add_generate
from tasuki_server.cli.claims_recalculate import add_recalculate
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.claims.receipt import ClaimFile, Receipt
    from tasuki.kernel.finding import Finding
    from tasuki.masters.book import Book

NAME = "claims"
HELP = (
    "レセプトを作り、読み、書き直し、印刷し、再算定し、点検します",
    "build, read, rewrite, print, recalculate, check, generate claims",
)
_STARTER = "スターターセット"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    build = verbs.add_parser("build", help=say("請求月から請求ファイルを作る", "make the files of a month"))
    build.add_argument(
        "month",
        metavar="MONTH.json",
        nargs="?",
        help=say("請求月（- は標準入力）", "month file (- for stdin)"),
    )
    build.add_argument(
        "--out", metavar="DIR", type=Path, help=say("書き出す先のフォルダ", "folder to write to")
    )
    build.add_argument(
        "--schema", action="store_true", help=say("請求月のJSON Schemaを出す", "print the schema of a month")
    )
    build.set_defaults(verb=_build)
    read = verbs.add_parser(
        "read", help=say("請求ファイルを読み、点検して表示する", "read, check and show a file")
    )
    _file_argument(read)
    _number_argument(read)
    read.add_argument("--no-check", action="store_true", help=say("点検しない", "do not check"))
    read.set_defaults(verb=_read)
    rewrite = verbs.add_parser("rewrite", help=say("読んだとおりに書き直す", "write what was read"))
    _file_argument(rewrite)
    rewrite.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help=say("書き出すファイル", "file to write")
    )
    rewrite.add_argument(
        "--conform", action="store_true",
        help=say("提出できる形（シフトJIS、CRLF、EOF、西暦、項目数）に直す", "make it what a payer accepts"),
    )  # fmt: skip
    rewrite.set_defaults(verb=_rewrite)
    printing = verbs.add_parser(
        "print", help=say("明細書の様式でPDFにする", "print receipts as the official form")
    )
    _file_argument(printing)
    _number_argument(printing)
    printing.add_argument(
        "--out", metavar="PDF", type=Path, required=True, help=say("書き出すPDF", "PDF to write")
    )
    printing.set_defaults(verb=_print)
    add_recalculate(verbs)
    add_check(verbs)
    add_generate(verbs)


def _file_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help=say("請求ファイル（- は標準入力）", "claim file (- for stdin)")
    )


def _number_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--receipt", metavar="N", type=int, action="append", help=say("レセプト番号（何度でも）", "receipt number (repeatable)")
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _build(args: argparse.Namespace) -> int:
    from tasuki.claims.build import build_month
    from tasuki.claims.build.month_file import month_schema, read_month
    from tasuki_server.cli.writing import write_all
    from tasuki_server.masters_source import current_book

    if args.schema:
        print(json.dumps(month_schema(), ensure_ascii=False, indent=2))
        return 0
    if args.month is None or args.out is None:
        raise Stop("請求月ファイルと --out を指定してください。", "Name a month file and --out.")
    built = build_month(read_month(_bytes_of(args.month), args.month), current_book())
    write_all([(args.out / file.name, file.data) for file in built.files])
    findings = (*built.findings, *(f for one in built.receipts for f in one.findings))
    left_out = [one for one in built.receipts if one.is_left_out]
    if args.format == "json":
        print(
            json.dumps(
                {
                    "files": [
                        {
                            "path": str(args.out / file.name),
                            "payer": file.payer,
                            "receipts": file.receipt_count,
                            **file.totals._asdict(),
                        }
                        for file in built.files
                    ],
                    "left_out": [{"patient": one.patient_id, "receipt": one.key} for one in left_out],
                    "findings": _plain(findings),
                },
                ensure_ascii=False,
            )
        )
    else:
        for file in built.files:
            print(
                f"{args.out / file.name}: {file.receipt_count} {say('件', 'receipts')}, "
                f"{say('総件数', 'payers')} {file.totals.receipt_count}, "
                f"{say('総合計点数', 'points')} {file.totals.total_points:,}"
            )
        for one in left_out:
            print(
                say(
                    f"請求から外しました: 患者 {one.patient_id}（{one.key}）",
                    f"left out: patient {one.patient_id} ({one.key})",
                )
            )
        _tell(findings)
    return _exit_code(findings)


def _read(args: argparse.Namespace) -> int:
    from tasuki.claims.checks.run import check_file
    from tasuki.claims.view import receipt_text, receipt_view
    from tasuki_server.masters_source import current_book

    file = _claim_file(args.file)
    book = current_book()
    findings = file.findings if args.no_check else (*file.findings, *check_file(file, _complete(book)))
    chosen = _chosen(file, args.receipt)
    if args.receipt:
        findings = tuple(finding for finding in findings if _concerns(finding, chosen))
    views = [receipt_view(one, file.institution, book) for one in chosen]
    if args.format == "json":
        print(
            json.dumps(
                {**_summary(file), "receipts": views, "findings": _plain(findings)}, ensure_ascii=False
            )
        )
    else:
        for view in views:
            print(receipt_text(view), end="\n\n")
        summary = _summary(file)
        print(
            f"{args.file}: {summary['receipt_count']} {say('件', 'receipts')}, "
            f"{say('総件数', 'payers')} {summary['payers']}, {say('総合計点数', 'points')} {summary['points']:,}, "
            f"{summary['encoding']}"
        )
        _tell(findings)
    return _exit_code(findings)


def _rewrite(args: argparse.Namespace) -> int:
    from tasuki.claims.rewrite import conform, kept_lines, restore
    from tasuki_server.cli.writing import write_all

    data = _bytes_of(args.file)
    file = _claim_file(args.file, data)
    written = conform(data, args.file) if args.conform else restore(file)
    write_all([(args.out, written)])
    kept = () if args.conform else kept_lines(file)
    result: dict[str, Any] = {
        "path": str(args.out),
        "bytes": len(written),
        "is_equal": written == data,
        "kept_lines": list(kept),
    }
    if args.format == "json":
        print(json.dumps(result, ensure_ascii=False))
    else:
        equal = say("元と同じ", "equal to the input") if written == data else say("元と異なる", "differs")
        print(f"{args.out}: {len(written):,} {say('バイト', 'bytes')}, {equal}")
    return 0


def _print(args: argparse.Namespace) -> int:
    from tasuki.claims.view import receipt_view
    from tasuki.forms import FormsUnavailable, render
    from tasuki_server.cli.writing import write_all
    from tasuki_server.masters_source import current_book

    file = _claim_file(args.file)
    chosen = _chosen(file, args.receipt)
    views = [receipt_view(one, file.institution, current_book()) for one in chosen]
    progress(f"{len(views)} 件を印刷しています…", f"printing {len(views)} receipts…")
    try:
        month = file.institution.claim_month if file.institution else None
        day = month.day(1).isoformat() if month else views[0]["month"] if views else ""
        pdf = render("claim_receipts", {"month": day, "receipts": views})
    except FormsUnavailable as missing:
        raise Stop(
            "印刷に必要な部品がありません。tasuki[server] を入れてください。",
            "Printing needs tasuki[server].",
        ) from missing
    write_all([(args.out, pdf)])
    if args.format == "json":
        print(json.dumps({"path": str(args.out), "receipts": len(views)}))
    else:
        print(f"{args.out}: {len(views)} {say('件', 'receipts')}")
    return 0


def _claim_file(name: str, data: bytes | None = None) -> ClaimFile:
    from tasuki.claims.reader import read

    return read(_bytes_of(name) if data is None else data, name)


def _chosen(file: ClaimFile, numbers: list[int] | None) -> tuple[Receipt, ...]:
    if not numbers:
        return file.receipts
    found = tuple(one for one in file.receipts if one.header.receipt_number in numbers)
    missing = set(numbers) - {one.header.receipt_number for one in found}
    if missing:
        text = ", ".join(str(number) for number in sorted(missing))
        raise Stop(f"レセプト番号 {text} はありません。", f"There is no receipt {text}.")
    return found


def _concerns(finding: Finding, chosen: Iterable[Receipt]) -> bool:
    """Whether a finding is about the whole file or about one of the receipts shown."""
    line = finding.where.line
    return line == 0 or any(one.records[0].line <= line <= one.records[-1].line for one in chosen)


def _complete(book: Book) -> Book | None:
    # A code that the starter set lacks is no error of the claim: only full masters can say so.
    if any(revision.source.startswith(_STARTER) for revision in book.revisions):
        progress(
            "マスターを取り込んでいないため、コードの点検はしません。",
            "Codes are not checked: no official masters are imported.",
        )
        return None
    return book


def _summary(file: ClaimFile) -> dict[str, Any]:
    from tasuki.claims.points import file_totals

    totals = file_totals(file.receipts)
    head = file.institution
    return {
        "file": file.name,
        "encoding": file.facts.encoding,
        "institution": head.institution_code if head else "",
        "claim_month": head.record.value(8) if head else "",
        "receipt_count": len(file.receipts),
        "payers": totals.receipt_count,
        "points": totals.total_points,
    }


def _plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    from tasuki.kernel.messages import sentence

    return [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "owner": finding.where.file,
            "line": finding.where.line,
            "record": finding.where.record,
            "field": finding.where.field,
            "message": sentence(finding),
        }
        for finding in findings
    ]


def _tell(findings: Iterable[Finding]) -> None:
    from tasuki.kernel.messages import sentence

    marks = {
        "block": say("提出不可", "BLOCK"),
        "confirm": say("要確認", "CONFIRM"),
        "advice": say("参考", "ADVICE"),
    }
    for finding in findings:
        print(f"{marks[finding.severity.value]} {finding.code} {sentence(finding)}")


def _exit_code(findings: Iterable[Finding]) -> int:
    return 1 if any(finding.severity.value != "advice" for finding in findings) else 0


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as trouble:
        raise Stop(
            f"{name} を読めません（{trouble.strerror}）。", f"Cannot read {name} ({trouble.strerror})."
        ) from trouble
