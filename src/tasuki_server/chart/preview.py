# SPDX-License-Identifier: Apache-2.0
"""算定の見込み — what this visit would be billed if it were signed now: points, why, why not, and what could be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tasuki.calculation.calculate import calculate
from tasuki.calculation.sentences import kind_sentence
from tasuki.calculation.statement import Line, Statement
from tasuki.chart.visit import VisitKind
from tasuki.kernel.finding import Finding
from tasuki.kernel.messages import registered
from tasuki_server.chart.models import Draft
from tasuki_server.chart.values import history_value, institution_value, visit_value
from tasuki_server.chart.wanted_links import WantedLink, wanted_links
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.reception.models import KIND_LABELS, Visit
from tasuki_server.reference.reasons import Reason, reasons_of

SECTION_LABELS = {
    "11": "初診",
    "12": "再診",
    "13": "医学管理",
    "14": "在宅",
    "2": "投薬",
    "3": "注射",
    "4": "処置",
    "5": "手術・麻酔",
    "6": "検査・病理",
    "7": "画像診断",
    "8": "その他",
}


class PreviewLine(NamedTuple):
    """見込みの行 — a name, points, and each reason as a sentence with its source."""

    name: str
    points: int
    reasons: tuple[Reason, ...]
    links: tuple[WantedLink, ...] = ()


class PreviewUnit(NamedTuple):
    """見込みの単位 — what is counted together, as the claim counts it."""

    section: str
    names: str
    points: int
    times: int
    lines: tuple[PreviewLine, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """算定の見込み — of an unsaved visit."""

    statement: Statement
    kind: str
    kind_reason: str
    units: tuple[PreviewUnit, ...]
    denied: tuple[PreviewLine, ...]
    advised: tuple[PreviewLine, ...]
    findings: tuple[str, ...]

    @property
    def total_points(self) -> int:
        """合計点数."""
        return self.statement.total_points


def preview(visit: Visit, draft: Draft, institution: Institution) -> Preview:
    """算定の見込み — ``calculate`` on the draft; nothing is saved."""
    value = visit_value(visit, draft)
    statement = calculate(
        value,
        institution_value(institution),
        history_value(visit.patient, visit.arrived_at, visit),
        current_book(),
    )
    return Preview(
        statement=statement,
        kind=KIND_LABELS.get(VisitKind(statement.kind), str(statement.kind)),
        kind_reason=kind_sentence(statement),
        units=tuple(
            PreviewUnit(
                section_label(unit.section),
                "、".join(line.name for line in unit.lines if line.name),
                unit.points,
                unit.times,
                tuple(_line(line) for line in unit.lines),
            )
            for unit in statement.units
        ),
        denied=tuple(_line(line) for line in statement.denied),
        advised=tuple(
            _line(line)._replace(links=wanted_links(line, str(visit.id))) for line in statement.advised
        ),
        findings=tuple(_told(each) for each in statement.findings),
    )


def section_label(section: str) -> str:
    """診療識別の表記."""
    return SECTION_LABELS.get(section) or SECTION_LABELS.get(section[:1], section)


def _told(finding: Finding) -> str:
    """The sentence alone: on this page the order stands right above."""
    return registered()[finding.message_key].format_map(dict(finding.facts))


def _line(line: Line) -> PreviewLine:
    return PreviewLine(line.name or line.text, line.points or line.potential_points, reasons_of(line))
