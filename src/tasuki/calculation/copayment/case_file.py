# SPDX-License-Identifier: Apache-2.0
"""負担事案ファイル — one person's month as JSON: the wire shape, its schema, and reading it into visits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from tasuki.calculation.copayment.case_rules import RuleWire, local_rule
from tasuki.calculation.copayment.case_shape import case_finding, shape_finding
from tasuki.calculation.copayment.check_visit import limit_findings, visit_findings
from tasuki.calculation.copayment.ledger import CopayVisit, MonthLedger
from tasuki.calculation.copayment.local_file import known_rules
from tasuki.calculation.copayment.programmes import LEGAL_ORDER, OLDER_ORDER
from tasuki.calculation.copayment.settings import (
    AtCap,
    CopaymentSettings,
    IncomeMark,
    ReceiptAmount,
    SpecificDiseaseScope,
    TuberculosisAmount,
)
from tasuki.calculation.payers.case_parts import OutsideWire, VisitOutside, price_outside
from tasuki.calculation.payers.payers_wire import ContractWire, contract_findings
from tasuki.calculation.payers.payers_wire import settings_of as payer_settings_of
from tasuki.chart.coverage import (
    Coverage,
    IncomeClass,
    Insurance,
    InsuranceKind,
    PublicProgramme,
    ReductionKind,
    ShareReduction,
)
from tasuki.chart.visit import Person, Sex
from tasuki.kernel.finding import BadInput, Finding, Where
from tasuki.kernel.validity import Validity

Yen = Annotated[int, Meta(ge=0, le=99_999_999)]
Points = Annotated[int, Meta(ge=0, le=99_999_999, description="点数")]
Month = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="診療年月 YYYY-MM")]


class PeriodWire(Struct, forbid_unknown_fields=True, frozen=True):
    """有効期間 — both ends included; ``until`` null for open."""

    since: date
    until: date | None = None


class ReductionWire(Struct, forbid_unknown_fields=True, frozen=True):
    """一部負担金減免 — kind 1 減額 (percent or yen), 2 免除, 3 支払猶予."""

    kind: ReductionKind
    percent: int | None = None
    yen: Yen | None = None
    certificate_number: str = ""


class InsuranceWire(Struct, forbid_unknown_fields=True, frozen=True):
    """医療保険 — as the eligibility answer or the card says."""

    kind: InsuranceKind
    insurer_number: str = ""
    symbol: str = ""
    number: str = ""
    share_percent: int | None = None
    income_class: IncomeClass | None = None
    is_repeated_high_cost: bool = False
    specific_disease_limit_yen: Yen | None = None
    is_limit_halved: bool = False
    member_since: date | None = None
    share_reduction: ReductionWire | None = None
    validity: PeriodWire | None = None


class ProgrammeWire(Struct, forbid_unknown_fields=True, frozen=True):
    """公費 — one programme card; ``id`` names it in the points of a visit (else its payer number)."""

    payer_number: str
    id: str = ""
    recipient_number: str = ""
    month_cap_yen: Yen | None = None
    paid_elsewhere_yen: Yen = 0
    income_class: IncomeClass | None = None
    local_rule: str = ""
    validity: PeriodWire | None = None


class PersonWire(Struct, forbid_unknown_fields=True, frozen=True):
    """患者 — birth and sex."""

    born: date
    sex: Sex


class SetWire(Struct, forbid_unknown_fields=True, frozen=True):
    """組合せの点数 — points borne by the insurer together with the named programmes."""

    points: Points
    programmes: tuple[str, ...] = ()


class VisitWire(Struct, forbid_unknown_fields=True, frozen=True):
    """受診 — one visit; a plain number of points is care of the insurer alone (or of every programme without one).

    ``outside`` is what payers other than health insurance bear of the same visit.
    """

    day: date
    points: Points | tuple[SetWire, ...]
    id: str = ""
    department: str = "01"
    is_counted_day: bool = True
    is_first_visit: bool = False
    insurance: InsuranceWire | UnsetType | None = UNSET
    programmes: tuple[ProgrammeWire, ...] | UnsetType = UNSET
    outside: OutsideWire | None = None


class SettingsWire(Struct, forbid_unknown_fields=True, frozen=True):
    """窓口計算の設定 — where payers differ; see the reference page of copayment."""

    at_cap: AtCap = AtCap.EXACT
    specific_disease_scope: SpecificDiseaseScope = SpecificDiseaseScope.BOTH_PARTS
    income_mark: IncomeMark = IncomeMark.SHOWN
    receipt_amount: ReceiptAmount = ReceiptAmount.YEN
    tuberculosis_amount: TuberculosisAmount = TuberculosisAmount.ALL_PAID
    has_older_programme_order: bool = False


class CaseWire(Struct, forbid_unknown_fields=True, frozen=True):
    """負担事案 — one person's month at one institution, outpatient."""

    month: Month
    person: PersonWire
    visits: Annotated[tuple[VisitWire, ...], Meta(min_length=1, max_length=400)]
    insurance: InsuranceWire | None = None
    programmes: tuple[ProgrammeWire, ...] = ()
    local_rules: tuple[RuleWire, ...] = ()
    settings: SettingsWire = SettingsWire()
    contracts: Annotated[tuple[ContractWire, ...], Meta(max_length=50)] = ()


class CaseMonth(NamedTuple):
    """負担事案の内容 — the empty ledger of the month, its visits, and what of each lies outside health insurance."""

    ledger: MonthLedger
    visits: tuple[CopayVisit, ...]
    outside: tuple[VisitOutside, ...]


def case_schema() -> dict[str, Any]:
    """負担事案のスキーマ — JSON Schema of the case file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "copay-case",
        **msgspec.json.schema(CaseWire),
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return plain


def read_case(data: bytes, file: str = "") -> CaseMonth:
    """負担事案の読込 — the empty ledger of the month and its visits, every one checked.

    Raises :class:`BadInput` naming the member path of everything that is wrong.
    """
    try:
        wire = msgspec.json.decode(data, type=CaseWire)
    except msgspec.ValidationError as wrong:
        raise BadInput([shape_finding(str(wrong), file)]) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise BadInput([case_finding("COPAY-031", "", file, detail=str(wrong))]) from wrong
    settings = settings_of(wire.settings, wire.local_rules, file)
    year, month = (int(part) for part in wire.month.split("-"))
    ledger = MonthLedger((year, month), settings)
    visits = tuple(_visit(wire, visit) for visit in wire.visits)
    findings: dict[tuple[str, str], Finding] = {}
    for index, visit in enumerate(visits):
        for finding in list(visit_findings(ledger, visit)) or limit_findings(ledger, visit):
            placed = _placed(finding, wire.visits[index], index, file)
            findings.setdefault((placed.code, placed.where.field), placed)
        if index and visit.day < visits[index - 1].day:
            path = f"visits[{index}].day"
            last = visits[index - 1].day.isoformat()
            findings[("COPAY-004", path)] = case_finding(
                "COPAY-004", path, file, day=visit.day.isoformat(), last=last
            )
    outside, wrong_prices = _outside(wire, file)
    if findings or wrong_prices:
        raise BadInput([*findings.values(), *wrong_prices])
    return CaseMonth(ledger, visits, outside)


def _outside(wire: CaseWire, file: str) -> tuple[tuple[VisitOutside, ...], list[Finding]]:
    """The parts of other payers, priced only when the contracts are sound."""
    found = list(contract_findings(wire.contracts, "contracts"))
    if found:
        return (), [replace(each, where=replace(each.where, file=file)) for each in found]
    settings = payer_settings_of(wire.contracts)
    priced: list[VisitOutside] = []
    for index, visit in enumerate(wire.visits):
        outside, wrong = price_outside(
            visit.outside or OutsideWire(), visit.day, settings, f"visits[{index}].outside"
        )
        priced.append(outside)
        found.extend(replace(each, where=replace(each.where, file=file)) for each in wrong)
    return tuple(priced), found


def settings_of(
    settings: SettingsWire, local_rules: tuple[RuleWire, ...] = (), file: str = ""
) -> CopaymentSettings:
    """窓口計算の設定 — from the wire, with the local rules it brings. Raises :class:`BadInput` naming a rule that is none."""
    rules = dict(known_rules())
    for index, rule in enumerate(local_rules):
        try:
            rules[rule.id] = local_rule(rule)
        except ValueError as wrong:
            path = f"local_rules[{index}]"
            raise BadInput([case_finding("COPAY-030", path, file, detail=str(wrong))]) from wrong
    chosen = msgspec.structs.asdict(settings)
    order = OLDER_ORDER if chosen.pop("has_older_programme_order") else LEGAL_ORDER
    return CopaymentSettings(**chosen, programme_order=order, local_rules=rules)


def _visit(case: CaseWire, visit: VisitWire) -> CopayVisit:
    insurance = case.insurance if visit.insurance is UNSET else visit.insurance
    cards = case.programmes if visit.programmes is UNSET else visit.programmes
    coverage = Coverage(insurance_of(insurance), tuple(programme_of(card) for card in cards))
    if isinstance(visit.points, int):
        everything = tuple(card.key for card in coverage.programmes) if coverage.insurance is None else ()
        points = {everything: visit.points}
    else:
        points = {}
        for one in visit.points:
            points[one.programmes] = points.get(one.programmes, 0) + one.points
    return CopayVisit(
        day=visit.day,
        person=Person(case.person.born, case.person.sex),
        coverage=coverage,
        points_by_payer_set=points,
        is_counted_day=visit.is_counted_day,
        is_first_visit=visit.is_first_visit,
        department=visit.department,
        id=visit.id,
    )


def insurance_of(wire: InsuranceWire | None) -> Insurance | None:
    """医療保険の資格 — from the wire."""
    if wire is None:
        return None
    members = msgspec.structs.asdict(wire)
    members["validity"] = _period(wire.validity)
    reduction = wire.share_reduction
    if reduction is not None:
        members["share_reduction"] = ShareReduction(**msgspec.structs.asdict(reduction))
    return Insurance(**members)


def programme_of(wire: ProgrammeWire) -> PublicProgramme:
    """公費負担医療 — from the wire."""
    return PublicProgramme(**(msgspec.structs.asdict(wire) | {"validity": _period(wire.validity)}))


def _period(wire: PeriodWire | None) -> Validity | None:
    return None if wire is None else Validity(wire.since, wire.until)


def _placed(finding: Finding, visit: VisitWire, index: int, file: str) -> Finding:
    """The finding with the path of the member as the file has it: the card of the case or of the visit."""
    field = finding.where.field
    member = field.split(".")[0].split("[")[0]
    is_of_case = member in ("insurance", "programmes") and getattr(visit, member) is UNSET
    if isinstance(visit.points, int) and member == "points":
        field = "points"
    path = field if is_of_case else f"visits[{index}].{field}"
    return replace(finding, where=Where(file=file, field=path))
