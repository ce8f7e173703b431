# SPDX-License-Identifier: Apache-2.0
"""復旧計画 — `./tasuki recovery-plan show|check|write`: the order of return, and what makes a plan impossible."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from tasuki.security.recovery_plan import Returning, System

NAME = "recovery-plan"
HELP = ("復旧計画（戻す順序）を表示し、点検します", "show and check the plan of recovery")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    show = verbs.add_parser("show", help=say("戻す順序を表示する", "show the order of return"))
    write = verbs.add_parser("write", help=say("計画をTOMLで書き出す", "write the plan as TOML"))
    for each in (show, write):
        each.add_argument(
            "--institution",
            metavar="CODE",
            help=say(
                "医療機関コード（省けば始まりの案）", "an institution's own plan; the proposal if absent"
            ),
        )
    show.set_defaults(verb=lambda args: _show(_plan(args.institution), args.format))
    write.set_defaults(verb=_write)
    check = verbs.add_parser("check", help=say("計画のファイルを点検する", "check a plan kept in a file"))
    check.add_argument("file", type=Path, metavar="PLAN.toml")
    check.set_defaults(verb=lambda args: _show(_file(args.file), args.format))


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when something in the plan cannot be or is lacking."""
    return int(args.verb(args))


def _file(path: Path) -> tuple[System, ...]:
    from tasuki.security.recovery_plan import read_plan

    try:
        return read_plan(path.read_bytes(), path.name)
    except OSError as trouble:
        raise Stop(f"{path} を読めません（{trouble.strerror}）。", f"Cannot read {path}.") from trouble


def _plan(code: str | None) -> tuple[System, ...]:
    from tasuki.security.recovery_plan import read_plan

    if code is None:
        from tasuki_server import continuity

        return read_plan((Path(continuity.__file__).parent / "starter_plan.toml").read_bytes())
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.audit.bringing import all_institutions
        from tasuki_server.continuity.plan import plan_of_institution
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        for each in all_institutions():
            if each.code == code:
                with as_institution(each.id, system_actor(each.id)):
                    return plan_of_institution()[0]
    raise Stop(f"医療機関コード {code} はこの設置にありません。", f"There is no institution {code} here.")


def _write(args: argparse.Namespace) -> int:
    from tasuki.security.recovery_plan import write_plan

    print(write_plan(_plan(args.institution)).decode(), end="")
    return 0


def _show(systems: tuple[System, ...], form: str) -> int:
    from tasuki.kernel.messages import sentence
    from tasuki.security.recovery_plan import order_of_return

    returning = order_of_return(systems)
    if form == "json":
        print(json.dumps(_as_json(returning), ensure_ascii=False))
    else:
        for line in plan_lines(returning):
            print(line)
        for finding in returning.conflicts:
            print(f"{finding.code} {sentence(finding)}")
    return 1 if returning.conflicts else 0


def plan_lines(returning: Returning) -> list[str]:
    """戻す順序の行 — as the terminal shows them."""
    from tasuki.security.recovery_plan import minutes_text

    names = {step.system.code: step.system.name for step in returning.steps}
    lines = []
    for step in returning.steps:
        goal = "—" if step.system.back_by_minutes is None else minutes_text(step.system.back_by_minutes)
        needs = "、".join(names.get(need, need) for need in step.system.needs)
        lines.append(
            f"{step.number:>2}. [{step.system.priority}] {step.system.name}"
            f" — {say(f'{goal}以内', f'within {goal}')}、{step.system.to_point}"
            + (f"（{say('先に', 'after')}: {needs}）" if needs else "")
        )
    lines += [
        f" -. [{each.priority}] {each.name} — {say('順序が決まらない', 'no order')}"
        for each in returning.left
    ]
    return lines


def _as_json(returning: Returning) -> dict[str, object]:
    from tasuki.kernel.messages import sentence

    return {
        "sound": returning.is_sound,
        "steps": [
            {"number": each.number, "stage": each.stage, **asdict(each.system)} for each in returning.steps
        ],
        "left": [each.code for each in returning.left],
        "conflicts": [
            {
                "code": each.code,
                "severity": each.severity,
                "system": each.where.record,
                "message": sentence(each),
            }
            for each in returning.conflicts
        ],
    }
