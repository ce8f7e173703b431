# SPDX-License-Identifier: Apache-2.0
"""診療の数字 — minutes, the visit to a home, numbers of self-care and of the body, kept with a draft and each version of a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

import msgspec

from tasuki.chart.home_visit import HomeVisit, SelfCare
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.prescriptions.safety import Body
from tasuki_server.chart import messages as _messages  # noqa: F401  (registers the sentences)


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """診療の数字 — what the calculation and the check of drugs ask of a visit beside orders and ticked facts."""

    minutes: int | None = None
    home: HomeVisit | None = None
    self_care: SelfCare | None = None
    body: Body | None = None


def encode_facts(facts: VisitFacts) -> dict[str, Any]:
    """診療の数字の符号化 — as JSON; members that carry their default are left out.

    >>> encode_facts(VisitFacts(minutes=30, self_care=SelfCare(injections_a_month=28)))
    {'minutes': 30, 'self_care': {'injections_a_month': 28}}
    """
    encoded: dict[str, Any] = {} if facts.minutes is None else {"minutes": facts.minutes}
    if facts.home is not None:
        encoded["home"] = _without_defaults(facts.home)
    if facts.self_care is not None:
        encoded["self_care"] = _without_defaults(facts.self_care)
    if facts.body is not None:
        encoded["body"] = _without_defaults(facts.body)
    return encoded


def decode_facts(stored: Mapping[str, Any]) -> VisitFacts:
    """診療の数字の復号 — a member this release does not know is refused rather than dropped.

    >>> decode_facts({"minutes": 30, "self_care": {"cpap_minutes_a_day": [50, 70]}}).self_care.cpap_minutes_a_day
    (50, 70)
    """
    for known, given in (
        (VisitFacts, stored),
        (HomeVisit, stored.get("home") or {}),
        (SelfCare, stored.get("self_care") or {}),
        (Body, stored.get("body") or {}),
    ):
        unknown = set(given) - {each.name for each in fields(known)}
        if unknown:
            raise _unreadable(min(unknown), "unknown member")
    try:
        return msgspec.convert(dict(stored), VisitFacts)
    except msgspec.ValidationError as error:
        raise _unreadable("", str(error)) from error


def merge_facts(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> dict[str, Any]:
    """診療の数字の突合せ — who alone changed one wins; where both did, mine stands.

    >>> merge_facts({"minutes": 20}, {"minutes": 20}, {"minutes": 35})
    {'minutes': 35}
    >>> merge_facts({}, {"minutes": 20}, {"home": {"manner": "called"}})
    {'minutes': 20, 'home': {'manner': 'called'}}
    """
    merged = {}
    for each in fields(VisitFacts):
        own, base_value = mine.get(each.name), base.get(each.name)
        value = theirs.get(each.name) if own == base_value else own
        if value is not None:
            merged[each.name] = value
    return merged


def _without_defaults(value: HomeVisit | SelfCare | Body) -> dict[str, Any]:
    encoded = msgspec.to_builtins(value)
    return {
        each.name: encoded[each.name]
        for each in fields(value)
        if each.default is MISSING or getattr(value, each.name) != each.default
    }


def _unreadable(field: str, why: str) -> BadInput:
    where = Where(record="facts", field=field)
    return BadInput([Finding("CHT-0003", Severity.BLOCK, where, "chart.facts_unreadable", {"why": why})])
