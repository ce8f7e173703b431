# SPDX-License-Identifier: Apache-2.0
"""レセプト作成の途中 — collects the records and findings of one receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tasuki.claims.records import Record
from tasuki.claims.writer import Value, compose
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(slots=True)
class Composing:
    """作成中のレセプト — records in order and findings; ``owner`` is the patient's id in every finding."""

    owner: str
    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, record_id: str, items: Mapping[str, Value]) -> None:
        """レコードの追加 — with what cannot be written."""
        made = compose(record_id, items, self.owner)
        self.records.append(made.record)
        line = len(self.records)
        self.findings.extend(replace(found, where=replace(found.where, line=line)) for found in made.findings)

    def report(
        self, finding_code: str, severity: Severity, record_id: str = "", item: str = "", **facts: object
    ) -> None:
        """指摘の追加 — about building itself."""
        where = Where(self.owner, 0, record_id, item)
        self.findings.append(Finding(finding_code, severity, where, f"claims.build.{finding_code}", facts))

    @property
    def is_blocked(self) -> bool:
        """提出不可 — whether a finding keeps the receipt from the file."""
        return any(finding.severity is Severity.BLOCK for finding in self.findings)
