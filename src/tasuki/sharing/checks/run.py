# SPDX-License-Identifier: Apache-2.0
"""点検の実行 — one resource being checked: where we are, what was found, what its references mean."""

from __future__ import annotations

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
        "bundle", "contained", "container", "counts", "done", "engine", "entries", "environment", "file", "findings",
        "quiet_depth", "record", "scope", "seen", "tried",
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
        self.entries: dict[str, dict[str, Any]] = {}
        self.tried: dict[tuple[int, str], bool] = {}
        self.done: set[tuple[int, str]] = set()
        self.quiet_depth = 0
        self.scope = -1

    def tell(self, code: str, severity: Severity, path: Path | None, **facts: object) -> None:
        """指摘 — once for a code, place and facts."""
        place = written(path)
        # A profile repeats what its type says of targets, with a shorter list.
        key = (code, place, "" if code == "R-01" else repr(facts))
        if key in self.seen:
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

    def block(self, code: str, path: Path | None, **facts: object) -> None:
        """誤り — must be put right."""
        self.tell(code, Severity.BLOCK, path, **facts)

    def holds(self, act: Callable[[], None]) -> bool:
        """試し — whether a check finds no error; what it finds is not told."""
        kept, seen, done, counts = self.findings, self.seen, self.done, self.counts
        self.findings, self.seen, self.done, self.counts = [], set(), set(), {}
        self.quiet_depth += 1
        try:
            act()
            return not any(each.severity is Severity.BLOCK for each in self.findings)
        except TooMany:
            return False
        finally:
            self.quiet_depth -= 1
            self.findings, self.seen, self.done, self.counts = kept, seen, done, counts

    def resolve(self, reference: Any) -> dict[str, Any] | None:
        """参照先 — the contained resource or Bundle entry a reference or its text points at."""
        text = reference.get("reference") if type(reference) is dict else reference
        if not isinstance(text, str) or not text:
            return None
        if text[0] == "#":
            return self.container if text == "#" else self.contained.get(text[1:])
        if not self.entries:
            return None
        found = self.entries.get(text)
        if found is None and ":" not in text:
            found = self.entries.get("/" + text.partition("/_history/")[0])
        return found
