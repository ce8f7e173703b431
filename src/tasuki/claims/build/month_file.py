# SPDX-License-Identifier: Apache-2.0
"""請求月ファイル — a month as JSON: the wire shape, its schema, and reading it into :class:`MonthInput`.

The units are those a calculation granted, by visit; the copayment is computed here from the coverage, so
that HO and KO can say their amounts.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from tasuki.calculation.copayment import MonthLedger, close_month, visit_copayment
from tasuki.calculation.copayment.case_file import (
    InsuranceWire,
    ProgrammeWire,
    SettingsWire,
    insurance_of,
    programme_of,
    settings_of,
)
from tasuki.calculation.copayment.case_rules import RuleWire
from tasuki.calculation.copayment.from_statement import copay_visit
from tasuki.calculation.copayment.settings import CopaymentSettings
from tasuki.calculation.statement import Line, LineKind, Statement, Unit
from tasuki.chart.coverage import Coverage
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.chart.visit import Diagnosis, Outcome, Person, Sex, Visit, VisitKind
from tasuki.claims.build.month import BilledVisit, MonthInput, Narrative, PatientMonth
from tasuki.claims.codes import with_sign
from tasuki.claims.item_values import Month
from tasuki.facility.institution import Institution, InstitutionKind
from tasuki.kernel.because import Verdict
from tasuki.kernel.finding import BadInput, Finding, Severity, Where

_TOKYO = ZoneInfo("Asia/Tokyo")
MonthText = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="YYYY-MM")]
Code9 = Annotated[str, Meta(pattern=r"^[0-9]{9}$")]


class CardWire(InsuranceWire, forbid_unknown_fields=True, frozen=True):
    """医療保険 — with the branch number of the card (枝番) and whose it is."""

    branch: str = ""
    is_dependant: bool = False


class LineWire(Struct, forbid_unknown_fields=True, frozen=True):
    """明細 — one code; ``kind`` SI, IY, TO or CO; amounts as text; price and product of bought materials."""

    code: Code9
    kind: LineKind
    amount: Decimal | None = None
    text: str = ""
    unit_price: Decimal | None = None
    product_name: str = ""


class UnitWire(Struct, forbid_unknown_fields=True, frozen=True):
    """算定単位 — lines of one points × times; equal ``group`` makes one 剤; ``programmes`` null: all of the visit."""

    section: Annotated[str, Meta(pattern=r"^[0-9]{2}$")]
    points: Annotated[int, Meta(ge=0)]
    lines: Annotated[tuple[LineWire, ...], Meta(min_length=1)]
    times: Annotated[int, Meta(ge=1, le=999)] = 1
    group: str = ""
    programmes: tuple[str, ...] | None = None


class VisitWire(Struct, forbid_unknown_fields=True, frozen=True):
    """受診 — one visit with its granted units; a coverage of its own only when it differs from the patient's."""

    day: date
    units: tuple[UnitWire, ...]
    id: str = ""
    department: str = "01"
    is_counted_day: bool = True
    is_first_visit: bool = False
    insurance: CardWire | UnsetType | None = UNSET
    programmes: tuple[ProgrammeWire, ...] | UnsetType = UNSET


class DiagnosisWire(Struct, forbid_unknown_fields=True, frozen=True):
    """病名 — code of seven digits with its modifiers; a name only for 0000999."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{7}$")]
    since: date
    modifiers: tuple[str, ...] = ()
    name: str = ""
    is_main: bool = False
    outcome: Outcome = Outcome.CONTINUING
    ended_on: date | None = None


class NarrativeWire(Struct, forbid_unknown_fields=True, frozen=True):
    """症状詳記 — one paragraph."""

    text: str
    kind: str = ""


class PatientWire(Struct, forbid_unknown_fields=True, frozen=True):
    """患者の請求月 — one person's month."""

    id: str
    name: str
    born: date
    sex: Sex
    month: MonthText
    visits: Annotated[tuple[VisitWire, ...], Meta(min_length=1, max_length=400)]
    diagnoses: tuple[DiagnosisWire, ...]
    kana: str = ""
    chart_number: str = ""
    insurance: CardWire | None = None
    programmes: tuple[ProgrammeWire, ...] = ()
    marks: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    narratives: tuple[NarrativeWire, ...] = ()
    claim_note: str = ""


class InstitutionWire(Struct, forbid_unknown_fields=True, frozen=True):
    """保険医療機関 — as IR names it."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{7}$")]
    prefecture: Annotated[str, Meta(pattern=r"^[0-9]{2}$")]
    name: str
    telephone: str = ""
    kind: InstitutionKind = InstitutionKind.CLINIC
    beds: int = 0


class MonthWire(Struct, forbid_unknown_fields=True, frozen=True):
    """請求月 — an institution's month of claim."""

    claim_month: MonthText
    institution: InstitutionWire
    patients: tuple[PatientWire, ...]
    settings: SettingsWire = SettingsWire()
    local_rules: tuple[RuleWire, ...] = ()


def month_schema() -> dict[str, Any]:
    """請求月のスキーマ — JSON Schema of the month file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "claim-month",
        **msgspec.json.schema(MonthWire),
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return plain


def read_month(data: bytes, file: str = "") -> MonthInput:
    """請求月の読込 — the month with every person's copayment closed.

    Raises :class:`BadInput` naming the member of everything that is wrong.
    """
    try:
        wire = msgspec.json.decode(data, type=MonthWire)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as wrong:
        message, _, place = str(wrong).partition(" - at `$")
        where = Where(file, field=place.rstrip("`").lstrip("."))
        raise BadInput(
            [Finding("UKE-M-01", Severity.BLOCK, where, "claims.month.UKE-M-01", {"detail": message})]
        ) from wrong
    settings = settings_of(wire.settings, wire.local_rules, file)
    patients: list[PatientMonth] = []
    findings: list[Finding] = []
    for index, patient in enumerate(wire.patients):
        try:
            patients.append(_patient(patient, settings))
        except BadInput as bad:
            findings.extend(_within(finding, file, f"patients[{index}]") for finding in bad.findings)
    if findings:
        raise BadInput(findings)
    clinic = wire.institution
    institution = Institution(
        clinic.code, clinic.prefecture, clinic.name, clinic.telephone, clinic.kind, clinic.beds
    )
    return MonthInput(institution, _month(wire.claim_month), tuple(patients), settings)


def _within(finding: Finding, file: str, path: str) -> Finding:
    where = Where(file, field=f"{path}.{finding.where.field}".rstrip("."))
    return Finding(finding.code, finding.severity, where, finding.message_key, finding.facts)


def _month(text: str) -> Month:
    year, month = text.split("-")
    return Month(int(year), int(month))


def _patient(wire: PatientWire, settings: CopaymentSettings) -> PatientMonth:
    person = Person(wire.born, wire.sex, wire.id)
    month = _month(wire.month)
    diagnoses = tuple(Diagnosis(**msgspec.structs.asdict(one)) for one in wire.diagnoses)
    ledger = MonthLedger((month.year, month.month), settings)
    billed: list[BilledVisit] = []
    for number, visit in sorted(enumerate(wire.visits), key=lambda pair: pair[1].day):
        one = _visit(wire, visit, person, visit.id or f"{wire.id}-{number + 1}")
        billed.append(one)
        charged = copay_visit(one.visit, one.statement, is_counted_day=one.is_counted_day)
        _, ledger = visit_copayment(ledger, charged)
    return PatientMonth(
        person,
        wire.name,
        month,
        tuple(billed),
        diagnoses,
        close_month(ledger),
        wire.kana,
        wire.chart_number or wire.id,
        wire.marks,
        wire.conditions,
        tuple(Narrative(one.kind, one.text) for one in wire.narratives),
        wire.claim_note,
    )


def _visit(patient: PatientWire, wire: VisitWire, person: Person, visit_id: str) -> BilledVisit:
    insurance = patient.insurance if wire.insurance is UNSET else wire.insurance
    cards = patient.programmes if wire.programmes is UNSET else wire.programmes
    coverage = Coverage(insurance_of(insurance), tuple(programme_of(card) for card in cards))
    kind = VisitKind.FIRST if wire.is_first_visit else VisitKind.REVISIT
    orders, units = [], []
    for number, unit in enumerate(wire.units):
        order_id = f"{visit_id}/{number}"
        items = tuple(
            Item(line.code, line.amount, comment=line.product_name, unit_price_yen=line.unit_price)
            for line in unit.lines
        )
        orders.append(Order(order_id, OrderKind.ACT, items, unit.times))
        lines = tuple(
            Line(line.code, "", line.kind, line.amount, 0, Verdict.GRANTED, (), line.text)
            for line in unit.lines
        )
        points = with_sign(unit.points, (line.code for line in unit.lines))
        units.append(Unit(unit.section, unit.group, lines, points, unit.times, order_id, unit.programmes))
    at = datetime.combine(wire.day, time(9), _TOKYO)
    visit = Visit(visit_id, person, at, coverage, wire.department, kind, orders=tuple(orders))
    statement = Statement(visit_id, wire.day, "", kind, (), wire.department, tuple(units), (), ())
    return BilledVisit(visit, statement, wire.is_counted_day)
