# SPDX-License-Identifier: Apache-2.0
"""処方データ — `./tasuki prescription read|check|knowledge|sign|verify|test-hpki`.

`read` shows the symbol of a prescription, SJ1 or a notebook; `check` checks a prescription for duplicates, contraindications
and doses with the tables of `knowledge`; `sign` and `verify` are of electronic prescriptions.
"""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.claims_stream import exit_code, opened, plain, tell
from tasuki_server.cli.prescription_knowledge import add_knowledge
from tasuki_server.cli.prescription_signing import (
    add_sign,
    add_test_hpki,
    add_verify,
    run_sign,
    run_test_hpki,
    run_verify,
)
from tasuki_server.cli.words import Stop, say

NAME = "prescription"
HELP = (
    "処方箋の２次元シンボル、電子処方箋、お薬手帳のデータを読み、処方を点検し、電子処方箋に署名して検証します",
    "read prescription and notebook data, check prescriptions, sign and verify electronic ones",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    read = verbs.add_parser("read", help=say("処方データを読んで表示する", "read and show prescription data"))
    read.add_argument(
        "file",
        metavar="FILE",
        help=say("JAHIS・SJ1・JAHISTC のデータ（- は標準入力）", "JAHIS, SJ1 or JAHISTC data (- for stdin)"),
    )
    read.set_defaults(verb=_read)
    check = verbs.add_parser(
        "check",
        help=say(
            "処方を点検する（重複・禁忌・アレルギー・極量・年齢・妊娠・腎機能）",
            "check a prescription for duplicates, contraindications and doses",
        ),
    )
    check.add_argument(
        "file", metavar="FILE.json", help=say("処方の事案（- は標準入力）", "case file (- for stdin)")
    )
    check.set_defaults(verb=_check)
    add_knowledge(verbs)
    for name, add, act, words in (
        ("sign", add_sign, run_sign, say("電子処方箋・調剤情報に署名する", "sign a prescription or a dispensing")),
        ("verify", add_verify, run_verify, say("電子署名を項目ごとに検証する", "verify a signature item by item")),
        ("test-hpki", add_test_hpki, run_test_hpki, say("試験用の鍵と証明書を作る", "make keys and certificates for tests")),
    ):  # fmt: skip
        verb = verbs.add_parser(name, help=words)
        add(verb)
        verb.set_defaults(verb=act)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _read(args: argparse.Namespace) -> int:
    from tasuki.prescriptions.reader import MOST_BYTES, read_prescription
    from tasuki.prescriptions.view import document_text, document_view

    with opened(args.file) as stream:
        # One byte more than may be read is refused as too large.
        data = stream.read(MOST_BYTES + 1)
    document = read_prescription(data, args.file)
    if args.format == "json":
        print(
            json.dumps({**document_view(document), "findings": plain(document.findings)}, ensure_ascii=False)
        )
    else:
        print(document_text(document))
        tell(document.findings)
    return exit_code(document.findings)


def _check(args: argparse.Namespace) -> int:
    """処方の点検 — 1 when anything of 禁忌 or 注意 is told."""
    from tasuki.masters.book import OutOfBook
    from tasuki.prescriptions.safety import Tier, check
    from tasuki.prescriptions.safety.case_file import alerts_text, alerts_view, read_case
    from tasuki_server.masters_source import current_book
    from tasuki_server.orders.drug_knowledge import current_knowledge

    with opened(args.file) as stream:
        data = stream.read()
    try:
        case = read_case(data, current_book(), args.file)
    except OutOfBook as outside:
        raise Stop(
            f"{args.file}: {outside.day} のマスターがありません。day を確かめるか、マスターを取り込んでください。",
            f"{args.file}: no master covers {outside.day}.",
        ) from outside
    alerts = check(
        case.prescription, case.patient, case.history, case.shared_history, current_knowledge(), case.day
    )
    if args.format == "json":
        print(json.dumps({"day": case.day.isoformat(), "alerts": alerts_view(alerts)}, ensure_ascii=False))
    else:
        print(alerts_text(case, alerts))
    return int(any(each.tier is not Tier.INFO for each in alerts))
