# SPDX-License-Identifier: Apache-2.0
"""安全管理室 — `./tasuki office register|forms`: the register of controls, and the drafts that are made from it."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    from tasuki.security.controls import Judgement
    from tasuki_server.office.drafts import OwnAnswer

_TOKYO = ZoneInfo("Asia/Tokyo")
NAME = "office"
HELP = (
    "管理策の台帳を判定し、開示書の案を作ります",
    "judge the register of controls and write drafts of the forms",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    listed = verbs.add_parser("register", help=say("台帳の判定を表示する", "show how the rows are judged"))
    listed.add_argument(
        "--answer",
        metavar="ANSWER",
        help=say("この判定の行だけ（例: しない）", "rows judged so, e.g. しない"),
    )
    listed.set_defaults(verb=_register)
    forms = verbs.add_parser(
        "forms", help=say("書類の案をPDFとCSVで書き出す", "write the drafts as PDF and CSV")
    )
    forms.add_argument("out", nargs="?", default="office-forms", type=Path, metavar="OUT")
    forms.add_argument(
        "--institution",
        metavar="CODE",
        help=say("医療機関コード（その回答を載せる）", "institution whose own answers are printed"),
    )
    forms.set_defaults(verb=_forms)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb; 1 when a row is red."""
    return int(args.verb(args))


def _register(args: argparse.Namespace) -> int:
    from tasuki_server.office.drafts import DRAFTS, judged
    from tasuki_server.office.evidence import known_here

    known = known_here()
    if known is None:
        raise Stop(
            "この設置には試験のフォルダがなく、台帳を判定できません。", "there are no tests here to judge by"
        )
    rows = judged(DRAFTS["register"], known)
    chosen = [each for each in rows if args.answer in (None, each.proved.value)]
    if args.format == "json":
        print(json.dumps([_told(each) for each in chosen], ensure_ascii=False))
    else:
        for each in chosen:
            print(f"{each.proved.value}\t{each.control.key}\t{each.control.asked}\t{each.control.words}")
        counts = Counter(each.proved.value for each in rows)
        print("、".join(f"{name} {count}" for name, count in counts.items()))
    return 1 if any(each.is_red for each in rows) else 0


def _told(row: Judgement) -> dict[str, object]:
    return {
        "key": row.control.key,
        "level": row.control.level.value,
        "asked": row.control.asked,
        "answer": row.proved.value,
        "words": row.control.words,
        "proofs": row.control.proofs,
        "missing": row.missing,
        "failed": row.failed,
        "shown_on": row.shown_on.isoformat(),
    }


def _forms(args: argparse.Namespace) -> int:
    from tasuki.forms import render
    from tasuki_server.office.drafts import DRAFTS, csv_of, judged, sheet_of
    from tasuki_server.office.evidence import known_here

    own: dict[str, OwnAnswer] = {}
    organisation = say("（医療機関名）", "(institution)")
    if args.institution:
        organisation, own = _answers_of(args.institution)
    known, is_red = known_here(), False
    args.out.mkdir(parents=True, exist_ok=True)
    for draft in DRAFTS.values():
        rows = judged(draft, known)
        sheet = sheet_of(draft, rows, own, organisation, datetime.now(_TOKYO).date())
        (args.out / f"{draft.name}.pdf").write_bytes(render("control_sheet", sheet))
        (args.out / f"{draft.name}.csv").write_bytes(csv_of(sheet))
        is_red |= any(each.is_red for each in rows)
        print(f"{args.out / draft.name}.pdf, .csv: {draft.title} {len(rows)}")
    return 1 if is_red else 0


def _answers_of(code: str) -> tuple[str, dict[str, OwnAnswer]]:
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.audit.trail import record
    from tasuki_server.cli.words import progress
    from tasuki_server.database.session import connected
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    with connected(progress, with_owner=True):
        found = next((each for each in all_institutions() if each.code == code), None)
        if found is None:
            raise Stop(
                f"医療機関コード {code} はこの設置にありません。", f"There is no institution {code} here."
            )
        with as_institution(found.id, system_actor(found.id)):
            from tasuki_server.office.answers import own_answers

            record("office.forms", detail={"drafts": "all"})
            return found.name, own_answers()
