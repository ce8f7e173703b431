# SPDX-License-Identifier: Apache-2.0
"""レセプト — `./tasuki claims build|read|rewrite|print|diff|recalculate|check|generate`: receipts to and from claim files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tasuki_server.cli.claims_check import add_check
from tasuki_server.cli.claims_diff import add_diff
from tasuki_server.cli.claims_generate import add_generate
from tasuki_server.cli.claims_print import add_print
from tasuki_server.cli.claims_read import add_read
from tasuki_server.cli.claims_recalculate import add_recalculate
from tasuki_server.cli.claims_rewrite import add_rewrite
from tasuki_server.cli.claims_stream import exit_code, opened, plain, tell
from tasuki_server.cli.words import Stop, say

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
    add_print(verbs)
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
