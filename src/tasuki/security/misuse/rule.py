# SPDX-License-Identifier: Apache-2.0
"""検知ルールの形 — which acts a rule listens to, its thresholds as data, and the function that judges one act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from tasuki.security.misuse.act import Act, ActKind, Mark

# The window a rule keeps between acts: JSON values only, so that it can lie in a row of the database.
State = dict[str, Any]
Knobs = Mapping[str, int]
MOST_EVIDENCE = 100
EVERY = frozenset(ActKind)
RECORDS = frozenset({ActKind.VIEW, ActKind.WRITE, ActKind.PRINT, ActKind.EXPORT, ActKind.API})


class Severity(StrEnum):
    """重さ — how soon a person has to look."""

    NOTICE = "notice"
    REVIEW = "review"
    URGENT = "urgent"


class Suspicion(NamedTuple):
    """疑い — what a rule found: ``key`` names whose case it is, so that an hour of acts is one alert with its evidence."""

    key: str
    facts: Mapping[str, int | str]
    evidence: tuple[int, ...]


class Rule(NamedTuple):
    """検知ルール — ``quiet_minutes``: so long after an alert, more of the same only adds evidence to it."""

    id: str
    listens: frozenset[ActKind]
    knobs: Knobs
    severity: Severity
    quiet_minutes: int
    judge: Callable[[Act, int, State, Knobs], Suspicion | None]
    is_immediate: bool = False


def on_patient(act: Act, facts: Mapping[str, int | str]) -> Suspicion:
    """一人の患者への疑い — one case for a person and a patient."""
    return Suspicion(f"{act.actor}:{act.patient}", facts, (act.number,))


def is_usual_work(act: Act, knobs: Knobs) -> bool:
    """通常の仕事か — a visit of that day, or the month's receipts, unless the clinic wants to hear of those too."""
    if Mark.VISIT_TODAY in act.marks and not knobs["on_visit_days_too"]:
        return True
    return act.room == "claims" and not knobs["receipts_too"]
