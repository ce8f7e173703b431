# SPDX-License-Identifier: Apache-2.0
"""受診ファイル — VISIT.json to the visit, institution and history a calculation takes, or every fault of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from tasuki.calculation.file_payers import FilePayers, file_payers, payer_findings
from tasuki.calculation.visit_wire import VisitFile, VisitRequest
from tasuki.calculation.wire_faults import faults
from tasuki.chart.coverage import HEALTH_KINDS, Coverage, Insurance, PublicProgramme
from tasuki.chart.home_visit import HomeVisit, SelfCare
from tasuki.chart.orders import Item, Order
from tasuki.chart.visit import Diagnosis, History, PastLine, Person, Visit
from tasuki.facility.institution import Institution, NotifiedStandard, OpenHours
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki.kernel.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.visit_wire import DiagnosisWire, InstitutionWire, OrderWire, PastWire

TOKYO = ZoneInfo("Asia/Tokyo")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OLDEST = 130
MOST = Decimal("99999999.99999")
LEAST = Decimal("0.00001")

register(
    {
        "calculation.not_json": "JSONとして読めません（{detail}）。",
        "calculation.member": "{detail}。",
        "calculation.no_coverage": "保険も公費もありません。insurance か programmes を入力してください。",
        "calculation.impossible_moment": "{value} という日時はありません。",
        "calculation.born_after": "生年月日 {born} が受診日 {day} より後です。",
        "calculation.too_old": "生年月日 {born} では受診日に{years}歳を超えます。確かめてください。",
        "calculation.amount_positive": "数量 {amount} は使えません。0より大きい数を入力してください。",
        "calculation.amount_recordable": "数量 {amount} は使えません。整数部8桁、小数部5桁までで入力してください。",
        "calculation.order_named_twice": "オーダの id {id} が二度あります。",
        "calculation.period_backwards": "終わり {until} が始まり {since} より前です。",
        "calculation.after_visit": "{day} は受診日 {visit_day} より後です。",
    }
)


class VisitCase(NamedTuple):
    """受診ファイルの内容 — what :func:`tasuki.calculation.calculate` takes beside the book; ``payers`` asks for an account."""

    visit: Visit
    institution: Institution
    history: History
    payers: FilePayers | None = None


def decode_visit(data: bytes, file: str = "", own: Institution | None = None) -> VisitCase:
    """受診ファイルの復号 — raises :class:`BadInput` with a finding for every fault, each naming its member.

    ``own`` is the institution of a file that names none.
    """
    value = _json(data, file)
    shape: type[VisitFile | VisitRequest] = VisitFile if own is None else VisitRequest
    try:
        # Nearly every file is right: one pass of the decoder says so, and only a wrong one is walked.
        wire = msgspec.convert(value, shape, strict=True)
    except (msgspec.ValidationError, ValueError, ArithmeticError) as wrong:
        found = faults(value, shape)
        if not found:
            raise BadInput(
                [_finding("CAL-0102", "calculation.member", file, "", detail=str(wrong))]
            ) from wrong
        raise BadInput(
            [_finding("CAL-0102", "calculation.member", file, f.path, detail=f.detail) for f in found]
        ) from wrong
    findings = [
        *_findings(wire, file),
        *(replace(each, where=replace(each.where, file=file)) for each in payer_findings(wire)),
    ]
    if findings:
        raise BadInput(findings)
    place = own if wire.institution is None else _institution(wire.institution)
    assert place is not None
    return VisitCase(_visit(wire), place, _history(wire), file_payers(wire))


def _json(data: bytes, file: str) -> Any:
    try:
        return read_strictly(data)
    except NotStrict as wrong:
        raise BadInput([_finding("CAL-0101", "calculation.not_json", file, "", detail=str(wrong))]) from wrong


def _findings(wire: VisitFile | VisitRequest, file: str) -> Iterator[Finding]:
    """What is well formed but cannot be."""

    def found(code: str, key: str, path: str, **pairs: object) -> Finding:
        return _finding(code, f"calculation.{key}", file, path, **pairs)

    if wire.insurance is None and not wire.programmes:
        yield found("CAL-0103", "no_coverage", "insurance")
    for path, text in _moments(wire):
        if _moment(text) is None:
            yield found("CAL-0104", "impossible_moment", path, value=text)
    at = _moment(wire.visit.at)
    day = None if at is None else at.date()
    born = wire.patient.born
    if day is not None and born > day:
        yield found("CAL-0105", "born_after", "patient.born", born=born, day=day)
    elif day is not None and day.year - born.year > OLDEST:
        yield found("CAL-0106", "too_old", "patient.born", born=born, years=OLDEST)
    seen: set[str] = set()
    for index, order in enumerate(wire.orders):
        if order.id and order.id in seen:
            yield found("CAL-0107", "order_named_twice", f"orders[{index}].id", id=order.id)
        seen.add(order.id)
        for place, item in enumerate(order.items):
            for name in ("amount", "unit_price_yen"):
                amount = getattr(item, name)
                path = f"orders[{index}].items[{place}].{name}"
                if amount is not None and not (amount.is_finite() and amount > 0):
                    yield found("CAL-0108", "amount_positive", path, amount=amount)
                elif amount is not None and not _is_recordable(amount):
                    yield found("CAL-0115", "amount_recordable", path, amount=f"{amount:.6E}")
    for path, since, until in _periods(wire):
        if until is not None and until < since:
            yield found("CAL-0109", "period_backwards", path, since=since, until=until)
    for path, past in _past_days(wire):
        if day is not None and past > day:
            yield found("CAL-0110", "after_visit", path, day=past, visit_day=day)


def _moments(wire: VisitFile | VisitRequest) -> Iterator[tuple[str, str]]:
    yield "visit.at", wire.visit.at
    for index, order in enumerate(wire.orders):
        if order.at is not None:
            yield f"orders[{index}].at", order.at


def _periods(wire: VisitFile | VisitRequest) -> Iterator[tuple[str, Any, Any]]:
    if wire.institution is not None:
        for index, standard in enumerate(wire.institution.standards):
            yield f"institution.standards[{index}].until", standard.since, standard.until
        for index, hours in enumerate(wire.institution.hours):
            yield f"institution.hours[{index}].until", hours.since, hours.until
    for index, diagnosis in enumerate(wire.diagnoses):
        yield f"diagnoses[{index}].ended_on", diagnosis.since, diagnosis.ended_on


def _past_days(wire: VisitFile | VisitRequest) -> Iterator[tuple[str, date]]:
    for index, diagnosis in enumerate(wire.diagnoses):
        yield f"diagnoses[{index}].since", diagnosis.since
    for index, line in enumerate(wire.history):
        yield f"history[{index}].day", line.day


def _moment(text: str) -> datetime | None:
    """An aware instant in Japan, None for a day or time that does not exist."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=TOKYO) if moment.tzinfo is None else moment.astimezone(TOKYO)
    except (ValueError, OverflowError):
        return None


def _is_recordable(amount: Decimal) -> bool:
    """Whether a claim could carry it: eight digits before the point and five after.

    Cite: オンライン又は光ディスク等による請求に係る記録条件仕様 使用量・特定器材単価
    """
    return amount <= MOST and amount == amount.quantize(LEAST)


def _known_moment(text: str) -> datetime:
    moment = _moment(text)
    if moment is None:
        raise ValueError(text)
    return moment


def _visit(wire: VisitFile | VisitRequest) -> Visit:
    head = wire.visit
    return Visit(
        id=head.id,
        person=Person(wire.patient.born, wire.patient.sex, wire.patient.id),
        at=_known_moment(head.at),
        coverage=_coverage(wire),
        department=head.department,
        kind=head.kind,
        kind_reason=head.kind_reason,
        diagnoses=tuple(_diagnosis(each) for each in wire.diagnoses),
        orders=tuple(_order(index, each) for index, each in enumerate(wire.orders)),
        flags=frozenset(flag.value for flag in head.flags),
        home=None if wire.home is None else HomeVisit(**msgspec.structs.asdict(wire.home)),
        self_care=None if wire.self_care is None else SelfCare(**msgspec.structs.asdict(wire.self_care)),
        minutes=head.minutes,
    )


def _coverage(wire: VisitFile | VisitRequest) -> Coverage:
    insurance = None if wire.insurance is None else Insurance(**msgspec.structs.asdict(wire.insurance))
    cards = tuple(PublicProgramme(**msgspec.structs.asdict(card)) for card in wire.programmes)
    if wire.payers is None:
        return Coverage(insurance, cards)
    others = tuple(Insurance(**msgspec.structs.asdict(one)) for one in wire.payers.others)
    return Coverage(insurance, cards, others, wire.payers.fee_payer)


def _diagnosis(wire: DiagnosisWire) -> Diagnosis:
    return Diagnosis(**msgspec.structs.asdict(wire))


def _order(index: int, wire: OrderWire) -> Order:
    members = msgspec.structs.asdict(wire)
    members["id"] = wire.id or f"order-{index + 1:03}"
    members["items"] = tuple(Item(**msgspec.structs.asdict(item)) for item in wire.items)
    members["comments"] = tuple((comment.code, comment.text) for comment in wire.comments)
    members["at"] = None if wire.at is None else _known_moment(wire.at)
    return Order(**members)


def _institution(place: InstitutionWire) -> Institution:
    members = msgspec.structs.asdict(place)
    members["standards"] = tuple(
        NotifiedStandard(each.code, Validity(each.since, each.until)) for each in place.standards
    )
    members["hours"] = tuple(
        OpenHours(
            WEEKDAYS.index(each.weekday), time.fromisoformat(each.since), time.fromisoformat(each.until)
        )
        for each in place.hours
    )
    members["closed_days"] = frozenset(place.closed_days)
    return Institution(**members)


def _history(wire: VisitFile | VisitRequest) -> History:
    return History(tuple([_past(line) for line in wire.history]))


def _past(wire: PastWire) -> PastLine:
    """Written out: a file has a year of them."""
    payer = "" if wire.payer is None or wire.payer in HEALTH_KINDS else wire.payer.value
    return PastLine(
        wire.day, wire.code, wire.count, wire.visit_id, wire.department, wire.site, payer, wire.amount
    )


def _finding(code: str, key: str, file: str, path: str, **pairs: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(file=file, field=path), key, pairs)
