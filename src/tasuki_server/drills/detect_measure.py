# SPDX-License-Identifier: Apache-2.0
"""検知の測定 — recall, precision and false alerts by rule over a made-up year."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasuki.security.misuse.engine import Engine
from tasuki.security.misuse.rule_list import RULES
from tasuki_server.drills.made_year.clinic_life import DAYS
from tasuki_server.drills.made_year.year import CLINICS, YearSize, acts_of


@dataclass(slots=True)
class Case:
    """検知の一件 — a case of one rule with all its evidence."""

    rule: str
    clinic: int
    evidence: set[int]


@dataclass(slots=True)
class Watched:
    """一年を見張った結果 — the cases, and by clinic the misdeed of each event's number."""

    events: int = 0
    cases: list[Case] = field(default_factory=list)
    deeds: dict[int, dict[int, str]] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)


def watch_year(seed: int, size: YearSize, knobs: Mapping[str, Mapping[str, int]] | None = None) -> Watched:
    """一年を見張る — an engine for each clinic."""
    found = Watched()
    for clinic in range(CLINICS):
        deeds = found.deeds.setdefault(clinic, {})
        engine = Engine(RULES, knobs=knobs)
        open_cases: dict[tuple[str, str], Case] = {}
        number = 0
        for act in acts_of(clinic, seed, size, deeds):
            found.events += 1
            number = act.number
            for alert in engine.feed(act):
                if alert.continues:
                    open_cases[alert.rule_id, alert.key].evidence.update(alert.evidence)
                    continue
                case = Case(alert.rule_id, clinic, set(alert.evidence))
                open_cases[alert.rule_id, alert.key] = case
                found.cases.append(case)
        found.last[clinic] = number
    return found


@dataclass(slots=True)
class Measured:
    """測定値 — of each rule: misdeeds, found, alerts, true alerts; false alerts a clinic and week."""

    planted: Counter[str]
    found: Counter[str]
    alerts: Counter[str]
    true: Counter[str]

    @property
    def false_a_week(self) -> float:
        """誤報 — of all rules together, a clinic and week."""
        return (self.alerts.total() - self.true.total()) / (CLINICS * DAYS / 7)

    def recall(self, rule: str) -> float:
        """再現率 — of one rule."""
        return self.found[rule] / self.planted[rule] if self.planted[rule] else 0.0

    def rows(self) -> dict[str, Any]:
        """証跡の行 — by rule."""
        rows: dict[str, Any] = {}
        for rule in sorted(self.planted):
            alerts = self.alerts[rule]
            rows[f"recall_{rule}"] = round(self.recall(rule), 3)
            rows[f"precision_{rule}"] = round(self.true[rule] / alerts, 3) if alerts else 0.0
            rows[f"false_{rule}"] = alerts - self.true[rule]
        return rows


def measure(watched: Watched, deeds: Mapping[int, Mapping[int, str]] | None = None) -> Measured:
    """測定 — a misdeed is found by a case of *its* rule; an alert is true when any misdeed is in its evidence."""
    labels = watched.deeds if deeds is None else deeds
    planted = {deed for events in watched.deeds.values() for deed in events.values()}
    found: set[str] = set()
    alerts: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for case in watched.cases:
        hit = {labels[case.clinic][number] for number in case.evidence if number in labels[case.clinic]}
        alerts[case.rule] += 1
        true[case.rule] += bool(hit)
        found |= {deed for deed in hit if deed.startswith(case.rule)}
    return Measured(_by_rule(planted), _by_rule(found), alerts, true)


def shuffled(watched: Watched, seed: int) -> dict[int, dict[int, str]]:
    """入れ替えた札 — the misdeeds stay where they are, but which rule each is for is dealt out blindly."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    deeds = sorted({deed for events in watched.deeds.values() for deed in events.values()})
    dealt = dict(zip(deeds, chosen.sample(deeds, len(deeds)), strict=True))
    return {
        clinic: {number: dealt[deed] for number, deed in events.items()}
        for clinic, events in watched.deeds.items()
    }


def _by_rule(deeds: Iterable[str]) -> Counter[str]:
    return Counter(each[:3] for each in deeds)
