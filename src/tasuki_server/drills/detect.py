# SPDX-License-Identifier: Apache-2.0
"""検知の訓練 — a made-up year of three clinics with twenty misdeeds a rule, and the same labels dealt out blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.security.misuse.rule_list import RULES
from tasuki_server.drills.detect_delay import measure_delays
from tasuki_server.drills.detect_measure import measure, shuffled, watch_year
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.made_year.year import YearSize

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = {Tier.PUSH: YearSize(visits=7), Tier.LONG: YearSize(visits=70)}
OPENINGS = {Tier.PUSH: 3, Tier.LONG: 20}
MOST_SECONDS = 10.0
FEWEST_EVENTS = {Tier.PUSH: 150_000, Tier.LONG: 1_000_000}
# おとり・保守・記録への干渉は、一件も見逃さない。
WITHOUT_MISS = frozenset({"U10", "U11", "U12", "U15"})
LEAST_RECALL = 0.95
MOST_FALSE_A_WEEK = 3.0
# 札を入れ替えた再現率: one of twenty-one by chance; other rules see the same misdeed too.
MOST_BY_CHANCE = 0.25


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """検知の訓練 — measures the rules on the year, then on labels that mean nothing."""
    watched = watch_year(seed, SIZES[tier])
    tell(f"events: {watched.events}")
    measured = measure(watched)
    faults = []
    if watched.events < FEWEST_EVENTS[tier]:
        faults.append(f"一年の行為が{watched.events}件しかありません。")
    for rule in RULES:
        least = 1.0 if rule.id in WITHOUT_MISS else LEAST_RECALL
        if measured.recall(rule.id) < least:
            faults.append(
                f"{rule.id}: {measured.planted[rule.id]}件のうち{measured.found[rule.id]}件しか検知していません。"
            )
    if measured.false_a_week > MOST_FALSE_A_WEEK:
        faults.append(f"誤報が1医療機関・1週間あたり{measured.false_a_week:.2f}件あります。")
    delays = measure_delays(OPENINGS[tier])
    slowest = max(delays.seconds)
    tell(f"delay: {slowest:.1f} s")
    if slowest > MOST_SECONDS:
        faults.append(f"おとりカルテの検知に{slowest:.1f}秒かかりました。")
    if delays.sessions_left:
        faults.append(f"おとりカルテに触れた人のセッションが{delays.sessions_left}件残っています。")
    control = measure(watched, shuffled(watched, seed + 1))
    by_chance = control.found.total() / control.planted.total()
    return Finding(
        counts={
            "events": watched.events,
            "misdeeds": measured.planted.total(),
            "found": measured.found.total(),
            "false_alerts": measured.alerts.total() - measured.true.total(),
            "false_alerts_a_clinic_week": round(measured.false_a_week, 2),
            "openings_of_decoys": len(delays.seconds),
            "slowest_alert_seconds": round(slowest, 1),
            "sessions_left": delays.sessions_left,
            **measured.rows(),
        },
        faults=tuple(faults),
        control={"recall_of_shuffled_labels": round(by_chance, 3)},
        control_is_red=by_chance <= MOST_BY_CHANCE,
    )


DETECT = Drill(
    "detect",
    "不正利用の検知",
    "作り物の一年（3医療機関、職員50人）で、21のルールの再現率が95％以上（おとり・保守・記録は100％）、"
    "誤報が1医療機関1週間あたり3件以下、おとりの検知が10秒以内",
    run,
)
