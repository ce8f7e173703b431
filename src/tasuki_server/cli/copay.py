# SPDX-License-Identifier: Apache-2.0
"""窓口負担 — `./tasuki copay CASE.json`: what each visit of a month pays, and why.

`./tasuki copay programmes list` shows the local programmes known by number, `programmes check FILE` reads a file of
a municipality's own.
"""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.given_files import read_given
from tasuki_server.cli.words import Stop, say

NAME = "copay"
HELP = ("窓口負担と公費・高額療養費を計算します", "calculate the copayment of a case")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the case file, or - for standard input."""
    parser.add_argument(
        "case",
        metavar="CASE.json",
        nargs="?",
        help=say("負担事案（- は標準入力）、または programmes", "case file (- for stdin), or programmes"),
    )
    parser.add_argument(
        "more",
        nargs="*",
        help=say("programmes list または programmes check FILE.tsv", "programmes list | check FILE"),
    )
    parser.add_argument(
        "--prefecture", help=say("都道府県番号で絞る（list）", "only this prefecture, 01 to 47")
    )
    parser.add_argument("--law-code", help=say("法別番号で絞る（list）", "only this 法別番号"))
    parser.add_argument(
        "--schema",
        action="store_true",
        help=say("事案ファイルのJSON Schemaを出す", "print the schema of a case"),
    )


def run(args: argparse.Namespace) -> int:
    """実行 — charges the visits in order and prints the month; findings of the file raise BadInput."""
    from tasuki.calculation.copayment import close_month, visit_copayment
    from tasuki.calculation.copayment.case_file import case_schema, read_case
    from tasuki.calculation.copayment.report import month_text, month_trace

    if args.schema:
        print(json.dumps(case_schema(), ensure_ascii=False, indent=2))
        return 0
    if args.case == "programmes":
        return _programmes(args)
    if args.more:
        raise Stop(f"余分な引数があります: {' '.join(args.more)}", f"Unexpected: {' '.join(args.more)}")
    if args.case is None:
        raise Stop("事案ファイルを指定してください。", "Name a case file.")
    ledger, visits, outside = read_case(read_given(args.case), args.case)
    for visit in visits:
        _, ledger = visit_copayment(ledger, visit)
    result = close_month(ledger)
    if args.format == "json":
        print(json.dumps(month_trace(ledger, result, outside), ensure_ascii=False, indent=2))
    else:
        print(month_text(ledger, result, outside))
    return 0


def _programmes(args: argparse.Namespace) -> int:
    """地方公費の制度 — known by number, or those of a file after it was checked."""
    from tasuki.calculation.copayment.local_file import listed_rules, read_local_rules, steps_text

    match args.more:
        case [] | ["list"]:
            rules = listed_rules()
        case ["check", name]:
            rules = read_local_rules(read_given(name), name)
        case _:
            raise Stop(
                "programmes list か programmes check FILE.tsv を指定してください。",
                "Say programmes list or programmes check FILE.",
            )
    shown = [
        rule
        for rule in rules
        if (args.prefecture in (None, rule.prefecture)) and (args.law_code in (None, rule.law_code))
    ]
    if args.format == "json":
        members = ("id", "prefecture", "law_code", "name", "is_confirmed", "note", "cite")
        rows = [{m: getattr(rule, m) for m in members} | {"steps": steps_text(rule.steps)} for rule in shown]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for rule in shown:
        sign = "確認済" if rule.is_confirmed else "未確認"
        known = steps_text(rule.steps) if rule.steps else "額が未登録"
        print(
            f"{rule.id:<16} {rule.prefecture} {rule.law_code or '--'} {sign} {rule.name}: {known} {rule.note}".rstrip()
        )
    missing = sum(not rule.steps for rule in shown)
    print(
        say(
            f"{len(shown)}制度（額が未登録 {missing}）",
            f"{len(shown)} programmes ({missing} without amounts)",
        )
    )
    return 0
