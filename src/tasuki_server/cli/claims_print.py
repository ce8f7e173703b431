# SPDX-License-Identifier: Apache-2.0
"""帳票印刷 — `./tasuki claims print`: the receipts of a claim file, its invoice or its 総括表 as PDF."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.claims_stream import (
    chosen_receipts,
    file_argument,
    institution_of,
    number_argument,
    opened,
)
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki.claims.reader import ClaimReader
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import IR

RECEIPTS, INVOICE, TOTALS = "receipts", "invoice", "totals"


def add_print(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """印刷の引数 — the file, which form, and where to."""
    parser = verbs.add_parser(
        "print",
        help=say(
            "明細書・請求書・総括表を様式でPDFにする",
            "print receipts, the invoice or the totals as the official form",
        ),
    )
    file_argument(parser)
    number_argument(parser)
    parser.add_argument(
        "--form",
        choices=(RECEIPTS, INVOICE, TOTALS),
        default=RECEIPTS,
        help=say(
            "receipts 明細書（既定）、invoice 診療報酬請求書、totals 総括表（国保・後期）",
            "receipts (default), invoice, or totals (国保 and 後期)",
        ),
    )
    parser.add_argument(
        "--claimed-on",
        metavar="YYYY-MM-DD",
        type=date.fromisoformat,
        help=say("請求書の日付（既定 空欄）", "day on the invoice (default: left blank)"),
    )
    parser.add_argument(
        "--opener", default="", metavar="NAME", help=say("開設者氏名", "name of who opened the institution")
    )
    parser.add_argument(
        "--out", metavar="PDF", type=Path, required=True, help=say("書き出すPDF", "PDF to write")
    )
    parser.set_defaults(verb=_print)


def _print(args: argparse.Namespace) -> int:
    from tasuki.claims.reader import ClaimReader
    from tasuki.forms import FormsUnavailable, render
    from tasuki_server.cli.writing import write_all

    with opened(args.file) as stream:
        reader = ClaimReader(stream, args.file)
        chosen = [_on_its_sheet(reader, one) for one in chosen_receipts(reader, args.receipt)]
        head = institution_of(reader)
    progress(f"{len(chosen)} 件を印刷しています…", f"printing {len(chosen)} receipts…")
    form, data = _receipts(chosen, head) if args.form == RECEIPTS else _invoice(args, chosen, head)
    try:
        pdf = render(form, data)
    except FormsUnavailable as missing:
        raise Stop(
            "印刷に必要な部品がありません。tasuki[server] を入れてください。",
            "Printing needs tasuki[server].",
        ) from missing
    write_all([(args.out, pdf)])
    if args.format == "json":
        print(json.dumps({"path": str(args.out), "form": form, "receipts": len(chosen)}))
    else:
        print(f"{args.out}: {len(chosen)} {say('件', 'receipts')}")
    return 0


def _receipts(chosen: Sequence[Receipt], head: IR | None) -> tuple[str, dict[str, Any]]:
    from tasuki.claims.view import receipt_view
    from tasuki_server.masters_source import current_book

    book = current_book()
    views = [receipt_view(one, head, book) for one in chosen]
    month = head.claim_month if head else None
    day = month.day(1).isoformat() if month else views[0]["month"] if views else ""
    return "claim_receipts", {"month": day, "receipts": views}


def _invoice(
    args: argparse.Namespace, chosen: Sequence[Receipt], head: IR | None
) -> tuple[str, dict[str, Any]]:
    from tasuki.claims.invoice import invoices_by_insurer, is_social, social_invoice
    from tasuki_server.masters_source import current_book

    book = current_book()
    if is_social(head, chosen):
        if args.form == TOTALS:
            raise Stop(
                "総括表は国保・後期の請求のものです。社保の請求は --form invoice で印刷してください。",
                "The totals belong to claims of 国保 and 後期; print this file with --form invoice.",
            )
        made = social_invoice(chosen, head, book, claimed_on=args.claimed_on, opener=args.opener)
        return "social_invoice", made
    made = invoices_by_insurer(chosen, head, book, claimed_on=args.claimed_on, opener=args.opener)
    return ("claim_totals" if args.form == TOTALS else "payer_invoices"), made


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
