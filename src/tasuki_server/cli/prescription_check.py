# SPDX-License-Identifier: Apache-2.0
"""処方の点検 — `./tasuki prescription check FILE.json`: duplicates, contraindications, allergies, doses, age, pregnancy, kidneys."""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.claims_stream import opened
from tasuki_server.cli.words import Stop, say


def add_check(parser: argparse.ArgumentParser) -> None:
    """引数 — the case."""
    parser.add_argument(
        "file", metavar="FILE.json", help=say("処方の事案（- は標準入力）", "case file (- for stdin)")
    )


def run_check(args: argparse.Namespace) -> int:
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
