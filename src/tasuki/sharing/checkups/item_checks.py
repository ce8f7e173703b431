# SPDX-License-Identifier: Apache-2.0
"""健診項目の点検 — a result against its line of the item table: kind, unit, digits, answers, method, length.

Cite: XML用特定健診項目情報 第4期 (データタイプ、最大文字数・小数桁、結果コードOID、検査方法コード)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.items import ItemFact, choice_names, item_facts
from tasuki.sharing.checkups.messages import told
from tasuki.sharing.checkups.values import ITEM_SYSTEM, Absence, CheckupItem, ChosenValue, MeasuredValue

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {"PQ": "数値（PQ）", "CD": "コード（CD）", "CO": "順序のあるコード（CO）", "ST": "文字（ST）"}
# Two sources name the method of ALP その他 differently: either is taken.
SAME_METHODS = {"3B07020009": "3B07030009"}
# Written with other letters, meant the same.
_UNITS = {"ml/min/1.73m2": "mL/min/1.73m2", "fl": "fL"}


def check_item(item: CheckupItem, file: str) -> Iterator[Finding]:
    """健診項目の点検 — of one result; items of other tables (JLAC10 of one's own) are not judged."""
    if item.system != ITEM_SYSTEM:
        return
    fact = item_facts().get(item.code)
    where = Where(file, 0, f"項目{item.code}", item.name or (fact.name if fact else ""))
    if fact is None:
        yield told("CHK-C-01", where, Severity.CONFIRM, code=printable(item.code, 20))
        return
    yield from _value(item, fact, where)
    if item.method and fact.method and not _is_same_method(item.method, fact.method):
        yield told("CHK-C-07", where, Severity.CONFIRM, found=printable(item.method, 20), wanted=fact.method)


def _is_same_method(found: str, wanted: str) -> bool:
    return SAME_METHODS.get(found, found) == SAME_METHODS.get(wanted, wanted)


def _value(item: CheckupItem, fact: ItemFact, where: Where) -> Iterator[Finding]:
    value = item.value
    if value is None:
        if item.absence is Absence.NONE and not item.beyond:
            yield told("CHK-C-23", where, name="結果の値")
        return
    found = kind_of_value(value)
    if found != fact.type and {found, fact.type} != {"CD", "CO"}:
        yield told("CHK-C-02", where, found=_KINDS[found], wanted=_KINDS[fact.type])
    elif isinstance(value, MeasuredValue):
        if fact.unit and _UNITS.get(value.unit, value.unit) != _UNITS.get(fact.unit, fact.unit):
            yield told("CHK-C-03", where, found=printable(value.unit, 20) or "なし", wanted=fact.unit)
        exponent = value.number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > fact.decimals:
            yield told("CHK-C-04", where, found=f"{value.number:f}", wanted=fact.decimals)
    elif isinstance(value, ChosenValue):
        yield from _choice(value, fact, where)
    elif fact.most_characters:
        length = sum(1 if ord(letter) < 128 else 2 for letter in value)
        if length > fact.most_characters:
            yield told("CHK-C-06", where, found=length, most=fact.most_characters)


def _choice(value: ChosenValue, fact: ItemFact, where: Where) -> Iterator[Finding]:
    system = value.system or fact.choices
    if fact.choices and system != fact.choices:
        yield told("CHK-C-08", where, found=printable(system, 40), wanted=fact.choices)
        return
    known = choice_names().get(fact.choices, {})
    if known and value.code not in known:
        names = "、".join(f"{code}:{name}" for code, name in known.items())
        yield told("CHK-C-05", where, found=printable(value.code, 20), names=names)


def kind_of_value(value: MeasuredValue | ChosenValue | str) -> str:
    """値の型 — as XML names it.

    >>> from decimal import Decimal
    >>> kind_of_value(MeasuredValue(Decimal("162.3"), "cm")), kind_of_value("所見")
    ('PQ', 'ST')
    """
    if isinstance(value, MeasuredValue):
        return "PQ"
    if isinstance(value, ChosenValue):
        return "CO" if value.is_ordinal else "CD"
    return "ST"
