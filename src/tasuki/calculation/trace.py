# SPDX-License-Identifier: Apache-2.0
"""算定結果の記録 — a statement as versioned JSON for other systems, every line with its reasons and sentences.

What a bill keeps for itself is :mod:`tasuki.calculation.statement_store`, which also reads it back.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tasuki.calculation.sentences import kind_sentence, sentence
from tasuki.kernel.messages import sentence as finding_sentence

if TYPE_CHECKING:
    from tasuki.calculation.statement import Line, Statement, Unit
    from tasuki.kernel.because import Because
    from tasuki.kernel.finding import Finding

FORM = "tasuki/statement/1"


def trace_of(statement: Statement) -> dict[str, Any]:
    """算定結果の記録 — plain JSON members; days as ISO text, decimals as text, points as numbers."""
    return {
        "schema": FORM,
        "visit": statement.visit_id,
        "day": statement.day.isoformat(),
        "revision": statement.revision,
        "department": statement.department,
        "kind": str(statement.kind),
        "kind_sentence": kind_sentence(statement),
        "kind_because": [_because(each) for each in statement.kind_because],
        "total_points": statement.total_points,
        "units": [_unit(each) for each in statement.units],
        "denied": [_line(each) for each in statement.denied],
        "advised": [_line(each) for each in statement.advised],
        "findings": [finding_trace(each) for each in statement.findings],
    }


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "section": unit.section,
        "group": unit.group,
        "order": unit.order_id,
        "points": unit.points,
        "times": unit.times,
        "total_points": unit.total_points,
        "yen": unit.yen,
        "programmes": None if unit.programme_ids is None else list(unit.programme_ids),
        "site": unit.site,
        "lines": [_line(each) for each in unit.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": line.name,
        "record": str(line.kind),
        "amount": None if line.amount is None else str(line.amount),
        "points": line.points,
        "potential_points": line.potential_points,
        "verdict": str(line.verdict),
        "text": line.text,
        "because": [{**_because(each), "sentence": sentence(line, each)} for each in line.because],
    }


def _because(because: Because) -> dict[str, Any]:
    return {
        "rule": because.rule_id,
        "verdict": str(because.verdict),
        "facts": {name: _plain(value) for name, value in because.facts},
        "cite": because.cite,
        "row": because.row,
    }


def finding_trace(finding: Finding) -> dict[str, Any]:
    """指摘の記録 — with its place and its Japanese message."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "line": finding.where.line,
        "record": finding.where.record,
        "field": finding.where.field,
        "facts": {name: _plain(value) for name, value in finding.facts.items()},
        "message": finding_sentence(finding),
    }


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list | frozenset):
        return [_plain(each) for each in value]
    return value
