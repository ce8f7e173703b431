# SPDX-License-Identifier: Apache-2.0
"""訓練「管理策の台帳」 — every row has an answer that something still shows; a deleted test turns its rows red."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from tasuki.security.controls import Document, Judgement, Known, Level, Proved, judge_all, register
from tasuki_server.drills.drill import Drill, Finding, Tier

# How many rows each document had when it was written out: a row that goes away is a fault too.
ROWS = {
    Document.GUIDELINE: 59,
    Document.CHECKLIST: 18,
    Document.STANDARD: 66,
    Document.MANAGEMENT: 10,
    Document.PRIVACY: 17,
    Document.ASVS: 253,
}
GOALS = {Level.L1: 1.0, Level.L2: 0.95}
DELETIONS = {Tier.PUSH: 40, Tier.LONG: 100_000}


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """実行 — judges the register of this checkout, then deletes tests from what is known."""
    from tasuki_server.office.evidence import known_here

    known = known_here()
    if known is None:
        return Finding({}, not_run="この設置には試験のフォルダがなく、台帳を判定できません。")
    rows = register()
    judged = judge_all(rows, known)
    counts: Counter[str] = Counter(rows=len(rows), tests=len(known.tests))
    faults = [*_short(judged)]
    for each in judged:
        counts[_NAMES[each.proved]] += 1
        if each.is_red:
            faults.append(f"{each.control.key} 証跡がありません: {'、'.join((*each.missing, *each.failed))}")
    told: dict[str, int | float] = dict(counts)
    for level, goal in GOALS.items():
        share = _asvs_share(judged, level, lambda each: each.is_answered)
        told[f"asvs_{level.lower()}_answered_percent"] = _percent(share)
        told[f"asvs_{level.lower()}_met_percent"] = _percent(
            _asvs_share(judged, level, lambda each: each.is_met)
        )
        if share < goal:
            faults.append(f"ASVS {level}: 証跡か組織の回答のある行は{share:.1%}です（目標{goal:.0%}）。")
    deleted, seen = _delete_tests(judged, known, seed, DELETIONS[tier])
    tell(f"rows: {len(rows)}, tests deleted in turn: {deleted}")
    return Finding(
        told,
        tuple(faults),
        control={"tests_deleted": deleted, "rows_turned_red": seen},
        control_is_red=0 < deleted == seen,
    )


def _percent(share: float) -> float:
    return int(share * 1000) / 10


def _asvs_share(
    judged: tuple[Judgement, ...], level: Level, is_counted: Callable[[Judgement], bool]
) -> float:
    """Of the applicable rows of a level of the ASVS."""
    rows = [
        each
        for each in judged
        if each.control.document is Document.ASVS
        and each.control.level is level
        and each.proved is not Proved.NOT_APPLICABLE
    ]
    return sum(is_counted(each) for each in rows) / len(rows) if rows else 0.0


def _short(judged: tuple[Judgement, ...]) -> list[str]:
    found = Counter(each.control.document for each in judged)
    return [
        f"{document.label}: {found[document]}行（{count}行のはず）"
        for document, count in ROWS.items()
        if found[document] != count
    ]


def _delete_tests(judged: tuple[Judgement, ...], known: Known, seed: int, most: int) -> tuple[int, int]:
    """How many tests were taken away one at a time, and how often exactly the rows that name it turned red."""
    users: dict[str, set[str]] = {}
    for each in judged:
        for proof in each.control.proofs:
            if proof in known.tests and not each.is_red:
                users.setdefault(proof, set()).add(each.control.key)
    names = sorted(users)
    random.Random(seed).shuffle(names)  # noqa: S311 - picks what to plant, guards nothing
    rows = [each.control for each in judged if not each.is_red]
    seen = 0
    for name in names[:most]:
        without = replace(known, tests=known.tests - {name})
        red = {each.control.key for each in judge_all(rows, without) if each.is_red}
        seen += red == users[name]
    return len(names[:most]), seen


_NAMES = {
    Proved.MET: "met",
    Proved.PARTLY: "partly",
    Proved.NOT_MET: "not_met",
    Proved.NOT_APPLICABLE: "not_applicable",
    Proved.ORGANISATION: "organisation",
    Proved.BROKEN: "red",
}

REGISTER = Drill(
    "register",
    "管理策の台帳",
    "ガイドライン、チェックリスト、標準仕様書、経営ガイドライン、安全管理措置、ASVSのすべての行に回答があり、試験が一つ消えればその行だけが赤くなる",
    run,
)
