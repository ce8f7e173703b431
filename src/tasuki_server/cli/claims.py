# SPDX-License-Identifier: Apache-2.0
"""レセプト — `./tasuki claims build|read|rewrite|print|diff|recalculate|check|generate`: receipts to and from claim files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.claims_check import add_check
from tasuki_server.cli.claims_diff import add_diff
from tasuki_server.cli.claims_generate import add_generate
from tasuki_server.cli.claims_read import add_read
from tasuki_server.cli.claims_recalculate import add_recalculate
from tasuki_server.cli.claims_rewrite import add_rewrite
from tasuki_server.cli.claims_stream import (
    chosen_receipts,
    exit_code,
    file_argument,
    institution_of,
    number_argument,
    opened,
    plain,
    tell,
)
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from tasuki.claims.reader import ClaimReader
    from tasuki.claims.receipt import Receipt

NAME = "claims"
HELP = (
    "レセプトを作り、読み、書き直し、比べ、印刷し、再算定し、点検します",
    "build, read, rewrite, compare, print, recalculate, check, generate claims",
)


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
    add_read(verbs)
    add_rewrite(verbs)
    add_diff(verbs)
    printing = verbs.add_parser(
        "print", help=say("明細書の様式でPDFにする", "print receipts as the official form")
    )
    file_argument(printing)
    number_argument(printing)
    printing.add_argument(
        "--out", metavar="PDF", type=Path, required=True, help=say("書き出すPDF", "PDF to write")
    )
    printing.set_defaults(verb=_print)
    add_recalculate(verbs)
    add_check(verbs)
    add_generate(verbs)


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
    with opened(args.month) as stream:
        data = stream.read()
    built = build_month(read_month(data, args.month), current_book())
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
                    "findings": plain(findings),
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
        tell(findings)
    return exit_code(findings)


def _on_its_sheet(reader: ClaimReader, receipt: Receipt) -> Receipt:
    """様式の有無 — 医科 has a sheet for outpatients and one for inpatients; a stay by DPC has another form."""
    from tasuki.claims.fee_tables import FeeTable, fee_table_of

    table = fee_table_of(reader.before, receipt)
    if table is FeeTable.MEDICAL and (receipt.type is None or receipt.type.fee_table == "1"):
        return receipt
    header = receipt.header
    number = header.receipt_number
    name = "DPC" if table is FeeTable.DPC else "医科以外"
    raise Stop(
        f"{number}番のレセプト（種別{header.receipt_type}）は{name}のため、様式第二（医科）には印刷できません。"
        "--receipt で医科のレセプトを選んでください。",
        f"Receipt {number} (type {header.receipt_type}) is not 医科 and has no sheet here; choose others with --receipt.",
    )


def _print(args: argparse.Namespace) -> int:
    from tasuki.claims.reader import ClaimReader
    from tasuki.claims.view import receipt_view
    from tasuki.forms import FormsUnavailable, render
    from tasuki_server.cli.writing import write_all
    from tasuki_server.masters_source import current_book

    with opened(args.file) as stream:
        reader = ClaimReader(stream, args.file)
        book = current_book()
        chosen = [_on_its_sheet(reader, one) for one in chosen_receipts(reader, args.receipt)]
        views = [receipt_view(one, institution_of(reader), book) for one in chosen]
        head = institution_of(reader)
    progress(f"{len(views)} 件を印刷しています…", f"printing {len(views)} receipts…")
    try:
        month = head.claim_month if head else None
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
