# SPDX-License-Identifier: Apache-2.0
"""作り物の一年と報告の期限 — repeated by its seed, every misdeed planted, and days counted as the guideline counts them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice

import pytest

from tasuki_server.drills.detect_measure import Case, Watched, measure, shuffled
from tasuki_server.drills.made_year.misdeeds import MISDEEDS
from tasuki_server.drills.made_year.year import PER_RULE, YearSize, acts_of, planted
from tasuki_server.watch.incident_items import dues_of


def test_a_seed_makes_the_same_year_and_another_seed_another():
    def begin(seed):
        return list(islice(acts_of(0, seed, YearSize(8), {}), 3_000))

    acts = begin(5)
    assert acts == begin(5)
    assert acts != begin(6)
    assert [act.number for act in acts] == list(range(1, 3_001))
    assert {act.roles[0] for act in acts if act.roles} >= {"doctor", "nurse", "reception", "clerk"}


def test_every_rule_has_its_misdeeds():
    deeds = Counter(deed[:3] for found in planted(3).values() for deed in found)
    assert deeds == dict.fromkeys(MISDEEDS, PER_RULE)


def test_recall_counts_the_right_rule_only_and_blind_labels_lose_it():
    deeds = {number: f"U{number:02d}:0" for number in range(1, 22)}
    cases = [Case(f"U{number:02d}", 0, {number}) for number in range(1, 21)]
    cases.append(Case("U21", 0, {500}))
    watched = Watched(events=600, cases=cases, deeds={0: deeds, 1: {}, 2: {}}, last={0: 600})
    measured = measure(watched)
    assert (measured.found.total(), measured.recall("U21"), measured.recall("U01")) == (20, 0.0, 1.0)
    assert measured.alerts.total() - measured.true.total() == 1
    assert measure(watched, shuffled(watched, 1)).found.total() <= 6


@pytest.mark.parametrize(
    ("known", "is_wilful", "first", "final"),
    [
        (date(2026, 6, 1), False, date(2026, 6, 5), date(2026, 6, 30)),
        # 30日目が土曜: the Monday after.
        (date(2026, 6, 5), False, date(2026, 6, 9), date(2026, 7, 6)),
        # 60日目が大晦日: the first day of office in the new year.
        (date(2026, 11, 2), True, date(2026, 11, 6), date(2027, 1, 4)),
    ],
)
def test_days_of_reports(known, is_wilful, first, final):
    dues = dues_of(known, is_wilful=is_wilful)
    assert (dues.first_by, dues.final_by) == (first, final)
