# SPDX-License-Identifier: Apache-2.0
"""算定内訳 — a statement as text a clerk reads: what is billed and why, what is not, what could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.sections import SECTION_NAMES
from tasuki.calculation.sentences import explain, kind_sentence, label
from tasuki.calculation.statement import LineKind
from tasuki.kernel.messages import sentence as finding_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.statement import Line, Statement, Unit

ORDERED = "order"  # what a human entered needs no reason on the page


def bill_text(statement: Statement) -> str:
    """算定内訳 — sections in the order of the claim, each line with its deciding reason."""
    return "\n".join(_lines(statement)) + "\n"


def _lines(statement: Statement) -> Iterator[str]:
    day = statement.day
    yield f"{day.year}年{day.month}月{day.day}日　{label(statement.kind.value)}　{statement.revision}"
    yield f"  {kind_sentence(statement)}"
    section = ""
    for unit in statement.units:
        if unit.section != section:
            section = unit.section
            yield ""
            yield f"【{section} {SECTION_NAMES.get(section, '')}】"
        yield from _unit(unit)
    yield ""
    yield f"合計 {statement.total_points}点"
    if statement.denied:
        yield ""
        yield "■ 算定できないもの"
        for line in statement.denied:
            yield from _fallen(line)
    if statement.advised:
        yield ""
        yield "■ 確かめれば算定できるもの、確かめるもの"
        for line in statement.advised:
            yield from _fallen(line)
    if statement.findings:
        yield ""
        yield "■ 指摘"
        for finding in statement.findings:
            yield f"  {finding.code} {finding_sentence(finding)}"


def _unit(unit: Unit) -> Iterator[str]:
    for index, line in enumerate(unit.lines):
        mark = "" if line.amount is None else f"　{line.amount.normalize():f}"
        right = f"　{unit.points}×{unit.times}" if index == len(unit.lines) - 1 else ""
        text = f"　{line.text}" if line.text else ""
        yield f"  {line.name}{mark}{text}{right}"
        if line.kind is not LineKind.COMMENT and line.because and line.because[-1].rule_id != ORDERED:
            yield f"      {explain(line)[-1]}"


def _fallen(line: Line) -> Iterator[str]:
    points = f"　{line.potential_points}点" if line.potential_points else ""
    yield f"  {line.name}{points}"
    yield f"      {explain(line)[-1]}"
