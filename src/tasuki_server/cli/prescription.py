# SPDX-License-Identifier: Apache-2.0
"""処方データ — `./tasuki prescription read|check|sign|verify|…`: data shown, prescriptions checked, documents signed and verified."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tasuki_server.cli.claims_stream import exit_code, opened, plain, tell
from tasuki_server.cli.prescription_cardless import add_approve, add_cardless, run_approve, run_cardless
from tasuki_server.cli.prescription_check import add_check, run_check
from tasuki_server.cli.prescription_knowledge import add_knowledge
from tasuki_server.cli.prescription_signing import (
    add_sign,
    add_test_hpki,
    add_verify,
    run_sign,
    run_test_hpki,
    run_verify,
)
from tasuki_server.cli.words import say
from tasuki_server.cli.writing import write_all

NAME = "prescription"
HELP = (
    "処方箋の２次元シンボル、電子処方箋、お薬手帳のデータを読んで点検し、処方の安全性を確かめ、電子処方箋に署名して検証します",
    "read and check prescription and notebook data, check, sign and verify prescriptions",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    read = verbs.add_parser("read", help=say("処方データを読んで表示する", "read and show prescription data"))
    read.add_argument(
        "file",
        metavar="FILE",
        help=say(
            "JAHIS・SJ1・CJ1・JAHISTC のデータ（- は標準入力）",
            "JAHIS, SJ1, CJ1 or JAHISTC data (- for stdin)",
        ),
    )
    read.set_defaults(verb=_read)
    encode = verbs.add_parser(
        "encode", help=say("処方内容（JSON）からデータを作る", "make data from a prescription as JSON")
    )
    encode.add_argument(
        "file", metavar="JSON", help=say("処方内容（形は schema prescription）", "see schema prescription")
    )
    encode.add_argument(
        "--as",
        dest="made",
        choices=("symbol", "records", "document"),
        default="symbol",
        help=say(
            "２次元シンボル（JAHIS10）、電子処方箋のCSV（SJ1）、署名前の文書",
            "JAHIS10, SJ1, or the unsigned document",
        ),
    )
    encode.add_argument("--out", required=True, metavar="FILE", help=say("書出し先", "where to write"))
    encode.set_defaults(verb=_encode)
    add_knowledge(verbs)
    for name, add, act, words in (
        ("check", add_check, run_check, say("処方を点検する（重複・禁忌・アレルギー・極量・年齢・妊娠・腎機能）", "check a prescription for duplicates, contraindications and doses")),
        ("sign", add_sign, run_sign, say("電子処方箋・調剤情報に署名する", "sign a prescription or a dispensing")),
        ("verify", add_verify, run_verify, say("電子署名を項目ごとに検証する", "verify a signature item by item")),
        ("cardless", add_cardless, run_cardless, say("カードレス署名の代役を動かす", "run a stand-in for remote signing")),
        ("approve", add_approve, run_approve, say("代役への署名の依頼を承認する", "approve what the stand-in is asked")),
        ("test-hpki", add_test_hpki, run_test_hpki, say("試験用の鍵と証明書を作る", "make keys and certificates for tests")),
    ):  # fmt: skip
        verb = verbs.add_parser(name, help=words)
        add(verb)
        verb.set_defaults(verb=act)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _encode(args: argparse.Namespace) -> int:
    from tasuki.prescriptions.contents_file import read_contents
    from tasuki.prescriptions.documents import prescription_document
    from tasuki.prescriptions.reader import MOST_BYTES
    from tasuki.prescriptions.record_making import outside_records, service_records
    from tasuki.prescriptions.writer import write_prescription

    with opened(args.file) as stream:
        contents = read_contents(stream.read(MOST_BYTES + 1), args.file)
    made = outside_records(contents) if args.made == "symbol" else service_records(contents)
    data = write_prescription(made.document)
    write_all([(Path(args.out), prescription_document(data) if args.made == "document" else data)])
    tell(made.findings)
    return exit_code(made.findings)


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
