# SPDX-License-Identifier: Apache-2.0
"""検知エンジン — feeds acts in the order of the trail to every rule that listens, and keeps each rule's window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import MOST_EVIDENCE, Rule, State

# Once a day the cases that are quiet again are forgotten.
SWEEP_SECONDS = 86_400


class Alert(NamedTuple):
    """検知 — a rule's finding; ``continues`` when it only adds evidence to the case that the key names."""

    rule_id: str
    key: str
    at: datetime
    actor: str
    account: str
    patient: str
    facts: Mapping[str, int | str]
    evidence: tuple[int, ...]
    continues: bool


class Engine:
    """検知エンジン — of one institution; ``states`` come from the last time and are changed in place.

    ``changed`` names the rules whose window moved since it was last emptied, so that only those are stored.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        states: dict[str, State] | None = None,
        knobs: Mapping[str, Mapping[str, int]] | None = None,
    ) -> None:
        self.states: dict[str, State] = {} if states is None else states
        self.changed: set[str] = set()
        given = knobs or {}
        self._listening: dict[ActKind, list[tuple[Rule, State, Mapping[str, int]]]] = {}
        for rule in rules:
            state = self.states.setdefault(rule.id, {})
            state.setdefault("cases", {})
            entry = (rule, state, {**rule.knobs, **given.get(rule.id, {})})
            for kind in rule.listens:
                self._listening.setdefault(kind, []).append(entry)

    def feed(self, act: Act) -> Iterator[Alert]:
        """行為を渡す — what each rule says of it."""
        now = int(act.at.timestamp())
        for rule, state, knobs in self._listening.get(act.kind, ()):
            self.changed.add(rule.id)
            found = rule.judge(act, now, state, knobs)
            if found is None:
                continue
            cases = state["cases"]
            last = cases.get(found.key)
            quiet = rule.quiet_minutes * 60
            continues = last is not None and now - last < quiet
            if not continues:
                cases[found.key] = now
                self._sweep(state, now, quiet)
            evidence = found.evidence[-MOST_EVIDENCE:]
            yield Alert(
                rule.id,
                found.key,
                act.at,
                act.actor,
                act.account,
                act.patient,
                found.facts,
                evidence,
                continues,
            )

    def _sweep(self, state: State, now: int, quiet: int) -> None:
        if now - state.get("swept", 0) < SWEEP_SECONDS:
            return
        state["swept"] = now
        cases = state["cases"]
        for key in [key for key, since in cases.items() if now - since >= quiet]:
            del cases[key]
