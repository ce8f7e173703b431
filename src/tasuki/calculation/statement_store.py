# SPDX-License-Identifier: Apache-2.0
"""算定結果の保存形 — a statement as JSON and back, every reason and fact with its type.

This is what a bill keeps, so that a claim of last year is built from what was billed then and not from
what today's rules would say. The trace for other systems is another form.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from tasuki.calculation.statement import Line, LineKind, Statement, Unit
from tasuki.chart.visit import VisitKind
from tasuki.kernel.because import Because, Verdict
from tasuki.kernel.finding import Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = "tasuki/stored-statement/1"


def encode_statement(statement: Statement) -> dict[str, Any]:
    """算定結果の符号化 — JSON members only; dates and decimals keep their type by a tag."""
    return {
        "form": FORM,
        "visit_id": statement.visit_id,
        "day": statement.day.isoformat(),
        "revision": statement.revision,
        "kind": statement.kind.value,
        "kind_because": [_because(each) for each in statement.kind_because],
        "department": statement.department,
        "units": [_unit(each) for each in statement.units],
        "denied": [_line(each) for each in statement.denied],
        "advised": [_line(each) for each in statement.advised],
        "findings": [_finding(each) for each in statement.findings],
    }


def decode_statement(value: Mapping[str, Any]) -> Statement:
    """算定結果の復号 — raises ``ValueError`` for a form this release does not know."""
    if value.get("form") != FORM:
        raise ValueError(f"stored statement of form {value.get('form')!r} is not known")
    return Statement(
        visit_id=value["visit_id"],
        day=date.fromisoformat(value["day"]),
        revision=value["revision"],
        kind=VisitKind(value["kind"]),
        kind_because=tuple(_read_because(each) for each in value["kind_because"]),
        department=value["department"],
        units=tuple(_read_unit(each) for each in value["units"]),
        denied=tuple(_read_line(each) for each in value["denied"]),
        advised=tuple(_read_line(each) for each in value["advised"]),
        findings=tuple(_read_finding(each) for each in value["findings"]),
    )


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "section": unit.section,
        "group": unit.group,
        "lines": [_line(each) for each in unit.lines],
        "points": unit.points,
        "times": unit.times,
        "order_id": unit.order_id,
        "programme_ids": None if unit.programme_ids is None else list(unit.programme_ids),
        "yen": unit.yen,
        "site": unit.site,
    }


def _read_unit(value: Mapping[str, Any]) -> Unit:
    programmes = value["programme_ids"]
    return Unit(
        value["section"],
        value["group"],
        tuple(_read_line(each) for each in value["lines"]),
        value["points"],
        value["times"],
        value["order_id"],
        None if programmes is None else tuple(programmes),
        value["yen"],
        value["site"],
    )


def _line(line: Line) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": line.name,
        "kind": line.kind.value,
        "amount": None if line.amount is None else str(line.amount),
        "points": line.points,
        "verdict": line.verdict.value,
        "because": [_because(each) for each in line.because],
        "text": line.text,
        "potential_points": line.potential_points,
    }


def _read_line(value: Mapping[str, Any]) -> Line:
    return Line(
        value["code"],
        value["name"],
        LineKind(value["kind"]),
        None if value["amount"] is None else Decimal(value["amount"]),
        value["points"],
        Verdict(value["verdict"]),
        tuple(_read_because(each) for each in value["because"]),
        value["text"],
        value["potential_points"],
    )


def encode_because(because: Because) -> list[Any]:
    """算定理由の符号化 — rule, verdict, facts with their types, citation, row."""
    return _because(because)


def decode_because(value: list[Any]) -> Because:
    """算定理由の復号 — the inverse of :func:`encode_because`."""
    return _read_because(value)


def _because(because: Because) -> list[Any]:
    facts = [[name, _fact(each)] for name, each in because.facts]
    return [because.rule_id, because.verdict.value, facts, because.cite, because.row]


def _read_because(value: list[Any]) -> Because:
    rule_id, verdict, facts, cite, row = value
    return Because(
        rule_id, Verdict(verdict), tuple((name, _read_fact(each)) for name, each in facts), cite, row
    )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "where": {each.name: getattr(finding.where, each.name) for each in fields(Where)},
        "message_key": finding.message_key,
        "facts": [[name, _fact(each)] for name, each in finding.facts.items()],
    }


def _read_finding(value: Mapping[str, Any]) -> Finding:
    facts = {name: _read_fact(each) for name, each in value["facts"]}
    return Finding(
        value["code"], Severity(value["severity"]), Where(**value["where"]), value["message_key"], facts
    )


def _fact(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, tuple | list | frozenset):
        return {"list": [_fact(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]}
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"a fact of type {type(value).__name__} cannot be stored")


def _read_fact(value: Any) -> object:
    if not isinstance(value, dict):
        return value
    ((tag, content),) = value.items()
    if tag == "instant":
        return datetime.fromisoformat(content)
    if tag == "day":
        return date.fromisoformat(content)
    if tag == "decimal":
        return Decimal(content)
    return tuple(_read_fact(each) for each in content)
