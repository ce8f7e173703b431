# SPDX-License-Identifier: Apache-2.0
"""外来感染対策向上加算 — and the additions that hang on it, once a month over all places that carry it.

Cite: 医科点数表 A000 注11〜注14, A001 注15〜注18
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation import places
from tasuki.calculation.base_fee import (
    FIRST_FAMILY,
    REVISIT_FAMILY,
    Manner,
    base_taking_additions,
)
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Act

R6 = date(2024, 6, 1)
NOTIFIED = "3826"


class Addition(NamedTuple):
    """感染対策の加算 — its codes by place (初診, 再診, 医学管理等, 在宅), and the standard it asks besides."""

    at_first_visit: str
    at_revisit: str
    at_management: str
    standard: str
    at_home: str

    @property
    def codes(self) -> frozenset[str]:
        """コード — of every place; wherever it was billed, it was billed for the month."""
        return _CODES[self.at_first_visit]

    def of(self, base: Act) -> str:
        """コード — for the base it joins."""
        return self.at_first_visit if base.addition_group == FIRST_FAMILY else self.at_revisit


CONTROL = Addition("111014870", "112024370", "113033790", NOTIFIED, "114055090")
FEVER = Addition("111702970", "112708670", "113702590", NOTIFIED, "114704290")
COOPERATION = Addition("111014970", "112024470", "113033890", "3827", "114055190")
SURVEILLANCE = Addition("111015070", "112024570", "113033990", "3828", "114055290")
ANTIBIOTICS = Addition("111703070", "112708770", "113702490", "4034", "114704390")

_CODES = {
    each.at_first_visit: frozenset((each.at_first_visit, each.at_revisit, each.at_management, each.at_home))
    for each in (CONTROL, FEVER, COOPERATION, SURVEILLANCE, ANTIBIOTICS)
}


@rule(
    "A000/infection_control",
    title="外来感染対策向上加算",
    cite="医科点数表 A000 注11, A001 注15; 通知 A000 (25), A001 (14)",
    since=R6,
    families=(FIRST_FAMILY, REVISIT_FAMILY),
    at=places.is_clinic,
)
def infection_control(case: Case, draft: Draft) -> Outcome | None:
    """外来感染対策向上加算 — once a month, at first visit or revisit in person or online, at a clinic."""
    base = _base(case, draft)
    return None if base is None else _once_a_month(case, CONTROL, base)


@rule(
    "A000/infection_control_fever",
    title="発熱患者等対応加算",
    cite="医科点数表 A000 注11ただし書, A001 注15ただし書; 通知 A000 (26)",
    since=R6,
    families=(FIRST_FAMILY, REVISIT_FAMILY),
    needs=(Flag.FEVER,),
    at=places.is_clinic,
)
def fever(case: Case, draft: Draft) -> Outcome | None:
    """発熱患者等対応加算 — on top of 外来感染対策向上加算 for fever, cough, rash and the like.

    Whether it may stand in a month whose 外来感染対策向上加算 is already billed at another visit is
    left to a human: the notes ask that the latter "is billed".
    """
    base = _base(case, draft)
    if base is None or not case.has_standard(NOTIFIED):
        return None
    earlier = case.billed_this_month(CONTROL.codes)
    if earlier is not None and case.billed_this_month(FEVER.codes) is None:
        return Advice(FEVER.of(base), facts(last_day=earlier.day))
    return _once_a_month(case, FEVER, base)


@rule(
    "A000/infection_control_cooperation",
    title="連携強化加算（外来感染対策向上加算）",
    cite="医科点数表 A000 注12, A001 注16; 通知 A000 (27)",
    since=R6,
    families=(FIRST_FAMILY, REVISIT_FAMILY),
    at=places.is_clinic,
)
def cooperation(case: Case, draft: Draft) -> Outcome | None:
    """連携強化加算 — when 外来感染対策向上加算 is billed at this visit and the standard is notified."""
    return _on_top(case, draft, COOPERATION)


@rule(
    "A000/infection_control_surveillance",
    title="サーベイランス強化加算（外来感染対策向上加算）",
    cite="医科点数表 A000 注13, A001 注17; 通知 A000 (28)",
    since=R6,
    families=(FIRST_FAMILY, REVISIT_FAMILY),
    at=places.is_clinic,
)
def surveillance(case: Case, draft: Draft) -> Outcome | None:
    """サーベイランス強化加算 — when 外来感染対策向上加算 is billed at this visit and the standard is notified."""
    return _on_top(case, draft, SURVEILLANCE)


@rule(
    "A000/infection_control_antibiotics",
    title="抗菌薬適正使用体制加算",
    cite="医科点数表 A000 注14, A001 注18; 通知 A000 (29)",
    since=R6,
    families=(FIRST_FAMILY, REVISIT_FAMILY),
    at=places.is_clinic,
)
def antibiotics(case: Case, draft: Draft) -> Outcome | None:
    """抗菌薬適正使用体制加算 — when 外来感染対策向上加算 is billed at this visit and the standard is notified."""
    return _on_top(case, draft, ANTIBIOTICS)


def _base(case: Case, draft: Draft) -> Act | None:
    """Not by telephone (A001 注9), not in a second department (A000 注5, A001 注3)."""
    if draft.manner is Manner.TELEPHONE:
        return None
    return base_taking_additions(draft, FIRST_FAMILY, REVISIT_FAMILY)


def _once_a_month(case: Case, addition: Addition, base: Act) -> Outcome:
    earlier = case.billed_this_month(addition.codes)
    if earlier is not None and case.has_standard(addition.standard):
        return Denial(addition.of(base), earlier.code, facts(last_day=earlier.day))
    return Proposal(addition.of(base), onto=base.code)


def _on_top(case: Case, draft: Draft, addition: Addition) -> Outcome | None:
    """Silent where 外来感染対策向上加算 itself cannot be billed: that line says why."""
    base = _base(case, draft)
    if base is None or CONTROL.of(base) not in draft.codes() or not case.has_standard(NOTIFIED):
        return None
    return _once_a_month(case, addition, base)
