# SPDX-License-Identifier: Apache-2.0
"""並べる項目 — one disease, allergy, result or drug of ours or of another institution, in the same form, with its keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tasuki.kernel.finding import BadInput
from tasuki.sharing.build import names
from tasuki.sharing.build.codes import StandardCode
from tasuki.sharing.build.facts import (
    FLAG_NAMES,
    WITHDRAWAL_NAMES,
    AllergyFacts,
    Choice,
    ConditionFacts,
    Criticality,
    Facts,
    Information,
    LabFacts,
    LabStatus,
    PrescribedDrug,
)
from tasuki.sharing.build.information import read, read_codes
from tasuki.sharing.build.parts import Resource, identifier, said
from tasuki.sharing.item_key import ItemKey, keys_of
from tasuki_server.chart.models import OUTCOME_LABELS
from tasuki_server.orders.labels import COUNT_UNITS

_CRITICAL = {Criticality.HIGH: "危険性 高", Criticality.LOW: "危険性 低"}
_UNSETTLED = {
    LabStatus.REGISTERED: "結果待ち",
    LabStatus.PRELIMINARY: "中間報告",
    LabStatus.CANCELLED: "取消",
}
_MARKS = {"H": "高", "L": "低", "HH": "異常高値", "LL": "異常低値", "A": "異常"}


@dataclass(frozen=True, slots=True)
class SideItem:
    """並べる項目 — ``source`` is its identifier at the institution it comes from; ours has the id of its record instead."""

    keys: tuple[ItemKey, ...]
    title: str
    detail: str
    on: date | None
    facts: Facts
    flags: tuple[str, ...] = ()
    source: str = ""
    source_version: str = ""
    source_number: str = ""
    source_name: str = ""
    record_id: UUID | None = None
    codes: tuple[StandardCode, ...] = ()

    @property
    def information(self) -> Information:
        """情報の種類."""
        return self.keys[0].information

    @property
    def is_ours(self) -> bool:
        """自院か."""
        return not self.source_number

    @property
    def mark(self) -> str:
        """基準範囲外などの印 — a letter, never a colour alone."""
        code = self.facts.interpretation if isinstance(self.facts, LabFacts) else ""
        return _MARKS.get(code, "")


def own_item(
    facts: Facts, codes: Sequence[StandardCode], record_id: UUID | None, flags: Iterable[str] = ()
) -> SideItem:
    """自院の項目."""
    return SideItem(
        keys=keys_of(facts, codes),
        title=title_of(facts),
        detail=detail_of(facts),
        on=day_of(facts),
        facts=facts,
        flags=tuple(flags),
        record_id=record_id,
        codes=tuple(codes),
    )


def others_item(resource: Resource, number: str, name: str) -> SideItem | None:
    """他院の項目 — None for a resource that is none of the six, or that cannot be read; a withdrawn one is shown as such."""
    try:
        facts = read(resource)
    except BadInput:
        return None
    if facts is None:
        return None
    codes = read_codes(resource)
    return SideItem(
        keys=keys_of(facts, codes),
        title=title_of(facts) or "（名称なし）",
        detail=detail_of(facts),
        on=day_of(facts),
        facts=facts,
        flags=tuple(FLAG_NAMES[each] for each in FLAG_NAMES if each in facts.flags)
        if not isinstance(facts, PrescribedDrug)
        else (),
        source=identifier(resource, names.RESOURCE_NUMBER) or f"{number}^{said(resource, 'id')}",
        source_version=said(resource, "meta", "versionId") or said(resource, "meta", "lastUpdated"),
        source_number=number,
        source_name=name,
        codes=codes,
    )


def title_of(facts: Facts) -> str:
    """項目の名称."""
    match facts:
        case ConditionFacts():
            return facts.diagnosis.name
        case AllergyFacts():
            return facts.substance
        case LabFacts():
            return facts.local_name
        case _:
            return facts.name


def day_of(facts: Facts) -> date | None:
    """項目の日付 — the day a thing began, was noted, taken or prescribed."""
    match facts:
        case ConditionFacts():
            return facts.diagnosis.since
        case AllergyFacts():
            return facts.noted_on
        case LabFacts():
            return facts.taken_at.date()
        case _:
            return facts.since


def detail_of(facts: Facts) -> str:
    """項目の内容 — in one line."""
    match facts:
        case ConditionFacts():
            return _joined(_condition(facts))
        case AllergyFacts():
            return _joined(_allergy(facts))
        case LabFacts():
            return _joined(_result(facts))
        case _:
            return _joined(_drug(facts))


def value_text(facts: LabFacts) -> str:
    """結果の表記 — as it was reported, with its unit.

    >>> from datetime import datetime, UTC
    >>> value_text(LabFacts("1", "", "CRP", datetime(2026, 1, 1, tzinfo=UTC), Decimal("0.10"), "mg/dL", "<"))
    '<0.10 mg/dL'
    """
    value = facts.value
    if value is None:
        return facts.absent_reason or "結果なし"
    if isinstance(value, Choice):
        return value.display
    shown = f"{value:f}" if isinstance(value, Decimal) else value
    return f"{facts.comparator}{shown} {facts.unit}".strip()


def _condition(facts: ConditionFacts) -> list[str]:
    given = facts.diagnosis
    since = facts.onset_text or f"{given.since:%Y-%m-%d}"
    told = [f"{since} 開始"]
    if given.is_suspected:
        told.insert(0, "疑い")
    if given.ended_on:
        told.append(f"{given.ended_on:%Y-%m-%d} {OUTCOME_LABELS[given.outcome]}")
    return [*told, WITHDRAWAL_NAMES[facts.withdrawal] if facts.withdrawal else "", facts.note]


def _allergy(facts: AllergyFacts) -> list[str]:
    return [
        _CRITICAL.get(facts.criticality, "") if facts.criticality else "",
        "不耐性" if facts.is_intolerance else "",
        facts.reaction,
        f"{facts.noted_on:%Y-%m-%d} 確認" if facts.noted_on else "",
        "" if facts.is_active else "いまは当てはまらない",
        WITHDRAWAL_NAMES[facts.withdrawal] if facts.withdrawal else "",
        facts.note,
    ]


def _result(facts: LabFacts) -> list[str]:
    low, high = facts.low, facts.high
    ranged = f"基準 {_plain(low)}〜{_plain(high)}" if low is not None or high is not None else ""
    return [value_text(facts), ranged, facts.specimen, _UNSETTLED.get(facts.status, ""), facts.note]


def _drug(facts: PrescribedDrug) -> list[str]:
    amount = f"{_plain(facts.amount)}{facts.unit}" if facts.amount is not None else ""
    count = f"{facts.count}{COUNT_UNITS[facts.kind]}" if facts.kind in COUNT_UNITS else ""
    return [amount, facts.usage_text, count, facts.note]


def _plain(value: Decimal | None) -> str:
    return f"{value.normalize():f}" if value is not None else ""


def _joined(parts: Iterable[Any]) -> str:
    return "・".join(str(each) for each in parts if each)
