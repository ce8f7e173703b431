# SPDX-License-Identifier: Apache-2.0
"""薬剤情報・診療情報・特定健診情報 — what an answer tells, as rows by day; told by name at whatever depth it stands.

The inside of a period is published in part only. Where it stands (institution, month, day) is taken from the elements
around a drug or an act, under each of the names that are known: of receipts (``MeTr…``), of electronic prescriptions
(``Sh…``) and of dispensing (``Cz…``). What is missing stays empty.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 YZK-IF-002 薬剤情報・診療情報, 特定健診情報
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.numbers import pad_insurer_number
from tasuki.eligibility.requests import CardNumber, Sender
from tasuki.eligibility.times import day_text, read_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date


class Source(StrEnum):
    """情報の出どころ — a receipt, an electronic prescription, or what a pharmacy dispensed."""

    RECEIPT = "receipt"
    PRESCRIBED = "prescribed"
    DISPENSED = "dispensed"


@dataclass(frozen=True, slots=True)
class ToldDrug:
    """薬剤情報の一件 — one drug of one day at one place; numbers stay text, as they came."""

    source: Source
    day: str
    institution: str
    is_inpatient: bool
    code: str
    name: str
    ingredient: str
    quantity: str
    unit: str
    usage: str
    times: str


@dataclass(frozen=True, slots=True)
class ToldAct:
    """診療情報の一件 — one act of one day at one place; ``is_operation`` for 手術情報."""

    day: str
    institution: str
    code: str
    name: str
    times: str
    is_operation: bool


@dataclass(frozen=True, slots=True)
class ToldResult:
    """特定健診の一項目 — of one checkup; ``value_name`` is the meaning of a coded value."""

    day: str
    code: str
    name: str
    value: str
    unit: str
    value_name: str


class _Place(NamedTuple):
    """Where the walk stands: what the elements around say."""

    source: Source
    day: str = ""
    institution: str = ""
    is_inpatient: bool = False


_ROOTS = {"MeTrMonthInf": Source.RECEIPT, "ShPrInf": Source.PRESCRIBED, "CzDiInf": Source.DISPENSED}
_DAYS = ("DiDate", "PrDate", "Day", "EffectiveTime")
_MONTHS = ("MeTrMonth", "DiMonth", "PrMonth")
# Where it was handed over, then where it was prescribed.
_PLACES = ("MeTrDiHNm", "MedicalInstitutionName", "PrlsHNm", "PrHNm")


def read_drugs(message: Message) -> tuple[ToldDrug, ...]:
    """薬剤情報の読取 — the newest day first."""
    found = [each for each in _told(message) if isinstance(each, ToldDrug)]
    return tuple(sorted(found, key=lambda each: each.day, reverse=True))


def read_acts(message: Message) -> tuple[ToldAct, ...]:
    """診療情報・手術情報の読取 — the newest day first."""
    found = [each for each in _told(message) if isinstance(each, ToldAct)]
    return tuple(sorted(found, key=lambda each: each.day, reverse=True))


def read_checkups(message: Message) -> tuple[ToldResult, ...]:
    """特定健診情報の読取 — the newest checkup first, items in their order."""
    rows: list[ToldResult] = []
    for one in message.body.all("SpecificHealthCheckupInfo"):
        day = one.value("EffectiveTime")
        path = ("HealthCheckupResultAndQuestionInfos", "HealthCheckupResultAndQuestionInfo")
        rows += [
            ToldResult(
                day,
                each.value("ItemCode"),
                each.value("ItemName"),
                each.value("DataValue"),
                each.value("Unit"),
                each.value("DataValueName"),
            )
            for each in one.walk(*path)
        ]
    return tuple(sorted(rows, key=lambda each: each.day, reverse=True))


def told_day(text: str) -> date | None:
    """情報の日付 — of a day, or the first of a month; None for neither.

    >>> told_day("202604"), told_day("20260415")
    (datetime.date(2026, 4, 1), datetime.date(2026, 4, 15))
    """
    return read_day(text if len(text) != 6 else f"{text}01")


def _told(message: Message) -> Iterator[ToldDrug | ToldAct]:
    for root, source in _ROOTS.items():
        for node in message.body.all(root):
            yield from _walk(node, _Place(source))


def _walk(node: Node, place: _Place) -> Iterator[ToldDrug | ToldAct]:
    values = {_plain(each.name): each.text for each in node.children if not each.children}
    here = _Place(
        place.source,
        _first(values, _DAYS) or _first(values, _MONTHS) or place.day,
        _first(values, _PLACES) or place.institution,
        values.get("InOut", "") == "1" if "InOut" in values else place.is_inpatient,
    )
    match _plain(node.name):
        case "DrugInf":
            yield _drug(values, here)
        case "MeTrInf":
            yield _act(values, here)
        case _:
            for each in node.children:
                if each.children:
                    yield from _walk(each, here)


def _plain(name: str) -> str:
    """The same item has a prefix of its own in prescriptions and in dispensing."""
    return name[2:] if name[:2] in ("Cz", "Sh") else name


def _first(values: dict[str, str], names: tuple[str, ...]) -> str:
    return next((values[name] for name in names if values.get(name)), "")


def _drug(values: dict[str, str], place: _Place) -> ToldDrug:
    usage = "・".join(each for each in (values.get("UsageN", ""), values.get("SpInst", "")) if each)
    return ToldDrug(
        place.source,
        place.day,
        place.institution,
        place.is_inpatient,
        values.get("DrugC", ""),
        values.get("DrugN", ""),
        values.get("IngreN", ""),
        values.get("Qua1", ""),
        values.get("Unit", ""),
        usage,
        values.get("Times", ""),
    )


def _act(values: dict[str, str], place: _Place) -> ToldAct:
    return ToldAct(
        place.day,
        place.institution,
        values.get("MeTrC", ""),
        values.get("MeTrN", ""),
        values.get("Times", ""),
        values.get("Operation", "") == "1",
    )


class EmergencyAsk(NamedTuple):
    """救急時医療情報閲覧 — who looks without consent, and why. How the real service is told is not public: the names are ours."""

    operator: str
    reason: str


def ask_information(
    sender: Sender,
    card: CardNumber,
    since: date | None,
    until: date | None,
    emergency: EmergencyAsk | None = None,
) -> Message:
    """薬剤情報・診療情報・特定健診情報の要求 — of one person, as XML; the header names the card in its own way.

    >>> asked = ask_information(Sender("1311234567", "A1"), CardNumber("138057", "", "12"), None, None)
    >>> asked.header.value("InsurerNumber"), asked.header.value("InsuredPersonIdentificationNumber")
    ('  138057', '12')
    """
    head = (
        ("MedicalInstitutionCode", sender.institution_code),
        ("InsurerNumber", pad_insurer_number(card.insurer_number)),
        ("InsuranceCardSymbol", card.symbol),
        ("InsuredPersonIdentificationNumber", card.number),
        ("BranchNumber", card.branch),
        ("ArbitraryFileIdentifier", sender.file_identifier),
        ("CharacterCodeIdentifier", "0"),
    )
    body = (
        ("StartDate", day_text(since) if since is not None else ""),
        ("EndDate", day_text(until) if until is not None else ""),
        ("EmergencyOperator", emergency.operator if emergency else ""),
        ("EmergencyReason", emergency.reason if emergency else ""),
    )
    return Message(Node("XmlMsg", "", (_node("MessageHeader", head), _node("MessageBody", body))))


def _node(name: str, values: tuple[tuple[str, str], ...]) -> Node:
    return Node(name, "", tuple(Node(key, text) for key, text in values if text))
