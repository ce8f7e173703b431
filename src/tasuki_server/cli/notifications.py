# SPDX-License-Identifier: Apache-2.0
"""感染症発生届 — `./tasuki notifications list|import|questionnaire|check|print`: the forms, and notices as FHIR."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.given_files import read_given
from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    from tasuki.notifications.facts import Notification
    from tasuki.notifications.table import Disease

NAME = "notifications"
HELP = (
    "感染症発生届の様式を一覧・取込みし、届出（FHIR）を点検・印刷します",
    "list and import forms of disease notifications, check and print notices (FHIR)",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    listing = verbs.add_parser(
        "list", help=say("届出対象の感染症を一覧にする", "list diseases that must be reported")
    )
    _day(listing)
    listing.set_defaults(verb=_list)
    taking = verbs.add_parser(
        "import", help=say("様式の表（CSV・TSV）を取り込む", "import the sheet of a form (CSV, TSV)")
    )
    taking.add_argument("files", metavar="FILE", nargs="+", type=Path)
    taking.set_defaults(verb=_import)
    asking = verbs.add_parser(
        "questionnaire",
        help=say("様式をFHIR Questionnaireにする", "write a form as a FHIR Questionnaire"),
    )
    asking.add_argument(
        "disease", metavar="DISEASE", help=say("疾患の符号（list で分かる）", "code of the disease")
    )
    _day(asking)
    asking.set_defaults(verb=_questionnaire)
    checking = verbs.add_parser(
        "check", help=say("発生届（QuestionnaireResponse）を点検する", "check a QuestionnaireResponse")
    )
    checking.add_argument("file", metavar="FILE", type=Path)
    checking.set_defaults(verb=_check)
    printing = verbs.add_parser(
        "print", help=say("発生届を様式に印刷する（PDF）", "print a notice as its form (PDF)")
    )
    printing.add_argument("file", metavar="FILE", type=Path)
    printing.add_argument("--out", metavar="PATH", type=Path, required=True)
    printing.set_defaults(verb=_print)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb that was asked for."""
    result: int = args.verb(args)
    return result


def _day(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--on", metavar="DAY", type=date.fromisoformat, default=None,
        help=say("この日の様式（省略時は今日）", "the forms of this day (default: today)"),
    )  # fmt: skip


def _asked_day(args: argparse.Namespace) -> date:
    day: date = args.on or date.today()  # noqa: DTZ011 - the day on the clock of the desk
    return day


def _list(args: argparse.Namespace) -> int:
    from tasuki.notifications.table import OutOfTable
    from tasuki_server.notifications.forms_in_use import current_table

    day = _asked_day(args)
    try:
        rows = current_table().at(day)
    except OutOfTable as outside:
        raise Stop(
            f"{day} の様式がありません（この表は2023-05-26からです）。", f"No form counts on {day}."
        ) from outside
    if args.format == "json":
        print(json.dumps([_told(each) for each in rows], ensure_ascii=False))
        return 0
    for each in rows:
        name = say("氏名あり", "named") if each.has_identity else say("氏名なし", "no name")
        items = say("項目あり", "items") if each.items else say("共通欄のみ", "common boxes")
        print(
            "\t".join(
                (each.code, each.category.label, each.form, each.name, each.deadline.label, name, items)
            )
        )
    return 0


def _told(disease: Disease) -> dict[str, Any]:
    return {
        "code": disease.code,
        "category": disease.category.value,
        "form": disease.form,
        "name": disease.name,
        "deadline": disease.deadline.value,
        "identity": disease.has_identity,
        "subjects": [each.value for each in disease.subjects],
        "icd10": list(disease.icd10),
        "since": disease.validity.since.isoformat(),
        "items": len(disease.items),
        "source": disease.source,
    }


def _import(args: argparse.Namespace) -> int:
    from tasuki_server.notifications.forms_in_use import keep_sheet

    kept = [keep_sheet(read_given(path), path.name) for path in args.files]
    if args.format == "json":
        print(json.dumps([_told(each) for each in kept], ensure_ascii=False))
        return 0
    for each in kept:
        print(
            say(
                f"{each.name}（{each.code}）の様式を {each.validity.since} から使います（項目 {len(each.items)}）。",
                f"{each.code}: form kept from {each.validity.since} ({len(each.items)} items).",
            )
        )
    return 0


def _questionnaire(args: argparse.Namespace) -> int:
    from tasuki.notifications.questionnaire import questionnaire
    from tasuki.notifications.table import OutOfTable
    from tasuki_server.notifications.forms_in_use import current_table

    day = _asked_day(args)
    try:
        found = current_table().disease(args.disease, day)
    except OutOfTable as outside:
        raise Stop(
            f"疾患「{args.disease}」の {day} の様式がありません。`tasuki notifications list` で確かめてください。",
            f"No form of {args.disease} counts on {day}; see `tasuki notifications list`.",
        ) from outside
    print(json.dumps(questionnaire(found), ensure_ascii=False, indent=2))
    return 0


def _check(args: argparse.Namespace) -> int:
    from tasuki.kernel.finding import Severity
    from tasuki.kernel.messages import sentence
    from tasuki.notifications.checks import check

    found = check(*_read(args.file))
    if args.format == "json":
        told = [
            {
                "code": each.code,
                "severity": each.severity.value,
                "field": each.where.field,
                "text": sentence(each),
            }
            for each in found
        ]
        print(json.dumps(told, ensure_ascii=False))
    else:
        words = {Severity.BLOCK: "誤り", Severity.CONFIRM: "確認", Severity.ADVICE: "情報"}
        for each in found:
            print(f"{each.code}\t{words[each.severity]}\t{sentence(each)}")
        print(say(f"{len(found)}件", f"{len(found)} findings"))
    return 1 if any(each.severity is not Severity.ADVICE for each in found) else 0


def _print(args: argparse.Namespace) -> int:
    from tasuki.forms import render
    from tasuki.notifications.print_data import print_data
    from tasuki_server.cli.writing import write_all

    write_all([(args.out, render("disease_notification", print_data(*_read(args.file))))])
    return 0


def _read(path: Path) -> tuple[Notification, Disease]:
    from tasuki.kernel.finding import BadInput, Finding, Severity, Where
    from tasuki.kernel.strict_json import NotStrict, read_strictly
    from tasuki.notifications.response import read_response
    from tasuki_server.notifications.forms_in_use import current_table

    try:
        value = read_strictly(read_given(path))
    except NotStrict as wrong:
        where, facts = Where(file=path.name), {"reason": str(wrong)}
        raise BadInput(
            [Finding("NTF-0021", Severity.BLOCK, where, "notifications.NTF-0021", facts)]
        ) from wrong
    return read_response(value, current_table())
