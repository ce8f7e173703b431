# SPDX-License-Identifier: Apache-2.0
"""訓練 — `./tasuki drill NAME…|all`: attacks on a database of its own, with a control that must turn red."""

from __future__ import annotations

import argparse
import json
import secrets
import time
import traceback
from pathlib import Path

from tasuki_server.cli.words import Stop, progress, say
from tasuki_server.drills.drill import Drill, Finding, Tier, evidence_of, write_evidence, write_papers
from tasuki_server.drills.mutants import TARGETS, choose_rooms
from tasuki_server.drills.registry import DRILLS

NAME = "drill"
HELP = ("安全の訓練を行い、証跡を残します", "run security drills and keep their evidence")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the drill, its size, its seed and where the evidence goes."""
    parser.add_argument(
        "drills", nargs="+", choices=[*DRILLS, "all"], metavar="NAME", help="、".join([*DRILLS, "all"])
    )
    parser.add_argument(
        "--tier",
        choices=[each.value for each in Tier],
        default=Tier.PUSH.value,
        help=say("規模: push はテストのたび、long は求めに応じて", "push with every run, long on demand"),
    )
    parser.add_argument(
        "--seed", type=int, help=say("乱数の種（省けば新しい種）", "seed; a new one if absent")
    )
    parser.add_argument(
        "--but",
        action="append",
        default=[],
        choices=list(DRILLS),
        metavar="NAME",
        help=say("all から除く訓練（何度でも）", "a drill that all leaves out, any number of times"),
    )
    parser.add_argument(
        "--room",
        action="append",
        default=[],
        metavar="MODULE",
        help=say(
            "mutants だけ: この部屋だけを点検する（何度でも。証跡は残せない）",
            "mutants alone: only this module of the core, any number of times; no evidence of it",
        ),
    )
    parser.add_argument(
        "--evidence", type=Path, help=say("証跡を残すフォルダ", "folder that keeps the evidence")
    )


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when a drill failed or did not see its planted fault, or when the only one asked for could not be run."""
    if args.room:
        _choose_rooms(args)
    asked = DRILLS if "all" in args.drills else dict.fromkeys(args.drills)
    chosen = [DRILLS[name] for name in asked if name not in args.but]
    seed = secrets.randbelow(2**31) if args.seed is None else args.seed
    is_alone = args.drills != ["all"] and len(chosen) == 1
    found = [_one(drill, Tier(args.tier), seed, args, is_alone=is_alone) for drill in chosen]
    not_run = sum(bool(each.not_run) for each in found)
    passed = sum(each.is_passed for each in found)
    failed = len(found) - passed - not_run
    if not is_alone and args.format == "text":
        print(
            say(
                f"合格 {passed}、不合格 {failed}、実施せず {not_run}",
                f"{passed} passed, {failed} failed, {not_run} not run",
            )
        )
    return 1 if failed or (not_run and is_alone) else 0


def _choose_rooms(args: argparse.Namespace) -> None:
    """A part of the core proves nothing of the whole: it leaves no evidence."""
    if args.drills != ["mutants"] or args.evidence is not None:
        raise Stop(
            "--room は mutants だけに、証跡（--evidence）なしで使います。",
            "--room goes with mutants alone, and without --evidence.",
        )
    unknown = choose_rooms(args.room)
    if unknown:
        names = "、".join(each.module for each in TARGETS)
        raise Stop(
            f"「{'、'.join(unknown)}」という部屋はありません。あるのは: {names}",
            f"There is no room {', '.join(unknown)}; there are: {names}",
        )


def _one(drill: Drill, tier: Tier, seed: int, args: argparse.Namespace, *, is_alone: bool) -> Finding:
    begin = time.monotonic()
    try:
        finding = drill.run(tier, seed, lambda line: progress(line, line))
    except Exception as error:
        if is_alone:
            raise
        # One that broke off has failed; the others are still asked.
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__}、{Path(place.filename).name}:{place.lineno}"
        finding = Finding({}, (f"途中で止まりました（{where}）。",))
    evidence = evidence_of(drill, tier, seed, finding, time.monotonic() - begin)
    if args.evidence is not None:
        write_evidence(args.evidence, evidence)
        for path in write_papers(args.evidence, drill, tier, finding):
            progress(f"書類: {path}", f"paper: {path}")
    if args.format == "json":
        print(json.dumps(evidence, ensure_ascii=False))
        return finding
    if finding.not_run:
        print(f"{drill.name} {drill.title}: {say('実施せず', 'NOT RUN')} — {finding.not_run}")
        return finding
    state = say("合格", "passed") if finding.is_passed else say("不合格", "FAILED")
    print(f"{drill.name} {drill.title}: {state} ({evidence['seconds']}s, seed {seed})")
    for name, count in finding.counts.items():
        print(f"  {name}: {count}")
    for name, count in finding.control.items():
        print(f"  {say('対照', 'control')} {name}: {count}")
    for fault in finding.faults:
        print(f"  {fault}")
    if not finding.control_is_red:
        print("  " + say("対照（わざと入れた欠陥）が見つかりません。", "the planted fault was not seen"))
    return finding
