# SPDX-License-Identifier: Apache-2.0
"""FHIR点検 — a resource or Bundle held against FHIR R4, JP Core, JP-CLINS and any imported guide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki.sharing import messages
from tasuki.sharing.builtin import builtin_tables
from tasuki.sharing.checks.bundle import bundle_check, enter_bundle
from tasuki.sharing.checks.engine import Engine
from tasuki.sharing.checks.run import MOST_FINDINGS, Run, TooMany

if TYPE_CHECKING:
    from tasuki.sharing.ig.table import Table

assert messages.READY
MOST_BYTES = 64_000_000
DEPTH = 100


class Validator:
    """FHIR点検 — built once from tables, then used for any number of files, by any number of threads.

    Without ``tables`` it knows FHIR R4, JP Core, JP-CLINS and 健診結果報告書; ``more`` come before them.
    """

    def __init__(self, tables: tuple[Table, ...] | None = None, more: tuple[Table, ...] = ()) -> None:
        self.engine = Engine((*more, *(builtin_tables() if tables is None else tables)))

    def validate(self, data: bytes, file: str = "", profiles: tuple[str, ...] = ()) -> tuple[Finding, ...]:
        """点検 — of JSON as it came; what is wrong comes in the order of the file, the same every time."""
        if len(data) > MOST_BYTES:
            return (_broken(file, f"{MOST_BYTES // 1_000_000}MBを超えています"),)
        try:
            value = read_strictly(data, DEPTH)
        except NotStrict as wrong:
            return (_broken(file, str(wrong)),)
        return self.validate_value(value, file, profiles)

    def validate_value(
        self, value: Any, file: str = "", profiles: tuple[str, ...] = ()
    ) -> tuple[Finding, ...]:
        """点検 — of JSON already read strictly."""
        run = Run(self.engine, file)
        kind = value.get("resourceType") if type(value) is dict else None
        path = (None, kind if type(kind) is str else "")
        try:
            if kind == "Bundle":
                enter_bundle(value, run)
            self.engine.resource(value, path, run, profiles=profiles)
            if kind == "Bundle":
                bundle_check(value, path, run)
        except TooMany:
            run.findings.append(
                Finding(
                    "FHIR-J-02", Severity.BLOCK, Where(file), "sharing.FHIR-J-02", {"limit": MOST_FINDINGS}
                )
            )
        return tuple(run.findings)


def is_valid(findings: tuple[Finding, ...]) -> bool:
    """合否 — no error; questions and advice may remain."""
    return not any(each.severity is Severity.BLOCK for each in findings)


def _broken(file: str, reason: str) -> Finding:
    return Finding("FHIR-J-01", Severity.BLOCK, Where(file), "sharing.FHIR-J-01", {"reason": reason})
