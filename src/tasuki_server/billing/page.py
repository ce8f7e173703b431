# SPDX-License-Identifier: Apache-2.0
"""会計の画面の値 — a draft or a confirmed bill as the desk reads it: what, why, why not, and what to collect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from tasuki.calculation import Line, Statement, Unit
from tasuki.calculation.copayment import explain as explain_charge
from tasuki.calculation.copayment.programmes import BY_LAW_CODE
from tasuki.calculation.sentences import kind_sentence, label
from tasuki.calculation.statement_store import decode_because
from tasuki.calculation.wanted import WantedKind, wanted_of
from tasuki.chart.coverage import Coverage
from tasuki.chart.visit import VisitKind
from tasuki.kernel.finding import Finding
from tasuki.kernel.messages import sentence
from tasuki_server.billing.draft import BillDraft
from tasuki_server.billing.models import AccountEntry, Bill
from tasuki_server.billing.parts import BilledPart, decode_parts, parts_of
from tasuki_server.chart.flag_places import AT_RECEPTION
from tasuki_server.chart.preview import section_label
from tasuki_server.chart.wanted_links import WantedLink, wanted_links
from tasuki_server.patients.templatetags.clinic_text import percent_share
from tasuki_server.reception.models import KIND_LABELS
from tasuki_server.reference.reasons import Reason, reasons_of


class BillLine(NamedTuple):
    """会計の行 — ``flag`` names the fact asked at reception that would settle an advised line, "" when none would.

    ``links`` lead to where what it waits for is stated: what the doctor knows is ticked in the chart.
    """

    code: str
    name: str
    amount: str
    points: int
    reasons: tuple[Reason, ...]
    flag: str = ""
    flag_name: str = ""
    links: tuple[WantedLink, ...] = ()


class BillUnit(NamedTuple):
    """会計の単位 — lines counted together."""

    lines: tuple[BillLine, ...]
    points: int
    times: int

    @property
    def total_points(self) -> int:
        """点数計 — points times 回数."""
        return self.points * self.times


class BillSection(NamedTuple):
    """診療識別の区分 — its label, units and points."""

    label: str
    units: tuple[BillUnit, ...]
    points: int


@dataclass(frozen=True, slots=True)
class BillPage:
    """会計の画面の値 — ready to show."""

    sections: tuple[BillSection, ...]
    denied: tuple[BillLine, ...]
    advised: tuple[BillLine, ...]
    kind_label: str
    kind_reason: str
    total_points: int
    revision: str
    findings: tuple[tuple[str, str], ...]


def page_of(statement: Statement, findings: Iterable[Finding]) -> BillPage:
    """会計の画面の値 — of a statement, drafted or confirmed."""
    return BillPage(
        sections=tuple(_sections(statement.units)),
        denied=tuple(_line(line) for line in statement.denied),
        advised=tuple(
            _line(line)._replace(links=wanted_links(line, statement.visit_id)) for line in statement.advised
        ),
        kind_label=KIND_LABELS[VisitKind(statement.kind)],
        kind_reason=kind_sentence(statement),
        total_points=statement.total_points,
        revision=statement.revision,
        findings=tuple((str(each.severity), sentence(each)) for each in findings),
    )


def _sections(units: Iterable[Unit]) -> Iterable[BillSection]:
    grouped: dict[str, list[BillUnit]] = {}
    for unit in units:
        shown = BillUnit(tuple(_line(line) for line in unit.lines), unit.points, unit.times)
        grouped.setdefault(section_label(unit.section), []).append(shown)
    for heading, found in grouped.items():
        yield BillSection(heading, tuple(found), sum(unit.total_points for unit in found))


def _line(line: Line) -> BillLine:
    flags = (each.name for each in wanted_of(line) if each.kind is WantedKind.FLAG)
    flag = next((each for each in flags if each in AT_RECEPTION), "")
    amount = "" if line.amount is None else f"{line.amount.normalize():f}"
    return BillLine(
        line.code,
        line.name or line.text,
        amount,
        line.points or line.potential_points,
        reasons_of(line),
        flag,
        label(flag) if flag else "",
    )


def charge_reasons(source: BillDraft | Bill) -> tuple[str, ...]:
    """窓口負担の理由 — how the amount came about, step by step."""
    if isinstance(source, Bill):
        stored: list[Any] = source.charge["because"] if source.charge else []
        return tuple(explain_charge(decode_because(each)) for each in stored)
    return tuple(explain_charge(each) for each in source.charge.because) if source.charge else ()


def share_label(source: BillDraft | Bill) -> str:
    """負担割合の表記 — the insurance's share; where programmes pay, whose share it is and who pays before the patient.

    What a programme leaves is no tenth of the points, so the share is named as the insurance's.
    """
    if isinstance(source, Bill):
        coverage = msgspec.convert(source.coverage, Coverage)
        percent = source.charge["share_percent"] if source.charge else None
    else:
        coverage = source.coverage
        percent = source.charge.share_percent if source.charge else None
    share = "" if percent is None else percent_share(percent)
    if not coverage.programmes or (source.charge is None):
        return share
    names = "・".join(_programme_name(card.law_code) for card in coverage.programmes)
    return f"保険{share}のうち{names}の負担後" if share else f"{names}の負担後"


def _programme_name(law_code: str) -> str:
    programme = BY_LAW_CODE.get(law_code)
    return f"公費{law_code} {programme.name if programme is not None else '地方公費'}"


def own_lines(source: BillDraft | Bill) -> list[dict[str, Any]]:
    """自費の行 — name, yen, tax percent."""
    if isinstance(source, Bill):
        return list(source.own_items)
    return [
        {"name": i.name, "yen": i.yen, "tax_percent": i.tax_percent, "part": i.part, "code": i.code,
         "billed_to": i.billed_to, "billed_yen": i.billed_yen, "reason": i.reason}
        for i in source.own_items
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartPage:
    """支払者の分の画面の値 — one payer's part with its lines, ready to show."""

    part: BilledPart
    page: BillPage


def part_pages(source: BillDraft | Bill, main: Statement) -> tuple[PartPage, ...]:
    """支払者の分 — of a draft or a bill; the one whose lines the page already shows brings its yen only."""
    parts = decode_parts(source.parts) if isinstance(source, Bill) else parts_of(source.account)
    empty = BillPage((), (), (), "", "", 0, "", ())
    return tuple(
        PartPage(part, empty if part.statement == main else page_of(part.statement, ())) for part in parts
    )


def account_lines(entries: Iterable[AccountEntry]) -> list[tuple[AccountEntry, int]]:
    """収納の経過 — each entry with the balance after it."""
    balance = 0
    lines = []
    for entry in entries:
        balance += entry.yen
        lines.append((entry, balance))
    return lines
