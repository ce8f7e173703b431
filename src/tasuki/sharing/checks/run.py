# SPDX-License-Identifier: Apache-2.0
"""点検の実行 — one resource being checked: where we are, what was found, what its references mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.sharing.fhirpath.values import Environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.engine import Engine

# (path above, label): made cheaply for every element, written out only for a finding.
Path = tuple[Any, str]
MOST_FINDINGS = 1_000


class TooMany(Exception):
    """指摘の上限 — enough was found."""


def written(path: Path | None) -> str:
    """箇所の表記 — ``Patient.identifier[0].system``."""
    parts: list[str] = []
    while path is not None:
        path, label = path
        parts.append(label)
    return "".join(reversed(parts))


class Run:
    """点検の実行 — findings of one file, in the order met."""

    __slots__ = (
        "asked", "bundle", "closed_kind", "contained", "container", "counts", "done", "engine", "entries", "environment",
        "file", "findings", "questions", "quiet_depth", "record", "scope", "seen", "told", "tried", "within", "written",
    )  # fmt: skip

    def __init__(self, engine: Engine, file: str) -> None:
        self.engine, self.file, self.record = engine, file, ""
        self.findings: list[Finding] = []
        self.seen: set[tuple[str, str, str]] = set()
        self.counts: dict[Severity, int] = {}
        self.environment = Environment({})
        self.container: dict[str, Any] = {}
        self.contained: dict[str, dict[str, Any]] = {}
        self.bundle: dict[str, Any] | None = None
        # 種別: of a Bundle that holds all its urn: references mean, None for any other and for none.
        self.closed_kind: str | None = None
        self.entries: dict[str, dict[str, Any]] = {}
        self.tried: dict[tuple[int, str], bool] = {}
        self.done: set[tuple[int, str]] = set()
        self.quiet_depth = 0
        self.scope = -1
        # See ``remembering``: how often something was told and the surroundings of a value were asked, what its
        # references were found to mean, and the values written out.
        self.told = self.asked = self.within = 0
        self.questions: list[tuple[str, dict[str, Any] | None]] = []
        self.written: dict[int, bytes] = {}

    def tell(self, code: str, severity: Severity, path: Path | None, **facts: object) -> None:
        """指摘 — once for a code, place and facts."""
        self.told += 1
        place = written(path)
        key = (code, place, "" if code == "R-01" else repr(facts))
        if key in self.seen:
            if code == "R-01":
                self._narrow(place, facts)
            return
        self.seen.add(key)
        self.counts[severity] = self.counts.get(severity, 0) + 1
        if self.counts[severity] > MOST_FINDINGS:
            if severity is Severity.BLOCK:
                raise TooMany
            return
        self.findings.append(
            Finding(
                f"FHIR-{code}",
                severity,
                Where(self.file, 0, self.record, place),
                f"sharing.FHIR-{code}",
                facts,
            )
        )

    def _narrow(self, place: str, facts: dict[str, object]) -> None:
        """A profile repeats what its type says of targets with a shorter list: that one is told."""
        for number, each in enumerate(self.findings):
            if each.code == "FHIR-R-01" and each.where.field == place:
                if len(str(facts["wanted"])) < len(str(each.facts["wanted"])):
                    self.findings[number] = replace(each, facts=facts)
                return

    def block(self, code: str, path: Path | None, **facts: object) -> None:
        """誤り — must be put right."""
        self.tell(code, Severity.BLOCK, path, **facts)

    def holds(self, act: Callable[[], None]) -> bool:
        """試し — whether a check finds no error; what it finds is not told."""
        kept, seen, done, counts, told = self.findings, self.seen, self.done, self.counts, self.told
        self.findings, self.seen, self.done, self.counts = [], set(), set(), {}
        self.quiet_depth += 1
        try:
            act()
            return not any(each.severity is Severity.BLOCK for each in self.findings)
        except TooMany:
            return False
        finally:
            self.quiet_depth -= 1
            self.findings, self.seen, self.done, self.counts, self.told = kept, seen, done, counts, told

    def resolve(self, reference: Any) -> dict[str, Any] | None:
        """参照先 — the contained resource or Bundle entry a reference or its text points at."""
        text = reference.get("reference") if type(reference) is dict else reference
        if not isinstance(text, str) or not text:
            return None
        if text[0] == "#":
            found = self.container if text == "#" else self.contained.get(text[1:])
        else:
            found = self.entries.get(text)
            if found is None and self.entries and ":" not in text:
                found = self.entries.get("/" + text.partition("/_history/")[0])
        self.questions.append((text, found))
        return found
