# SPDX-License-Identifier: Apache-2.0
"""外来感染対策向上加算 — and the additions that hang on it, once a month over all places that carry it.

Cite: 医科点数表 A000 注11〜注14, A001 注15〜注18
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from tasuki.calculation import places
from tasuki.calculation.base_fee import (
    FIRST_FAMILY,
    IN_PERSON,
    REVISIT_FAMILY,
    standing_base,
)
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, rule, usual_proposal
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Act

R6 = date(2024, 6, 1)
NOTIFIED = "3826"


class Addition(Struct, frozen=True):
    """感染対策の加算 — its codes at a first visit, a revisit and at home, the standard it asks besides, and its codes of every place.

    Wherever it was billed (初診, 再診, 医学管理等, 在宅), it was billed for the month.
    """

    at_first_visit: str
    at_revisit: str
    at_home: str
    standard: str
    codes: frozenset[str]

    def of(self, base: Act) -> str:
        """コード — for the base it joins."""
        return self.at_first_visit if base.addition_group == FIRST_FAMILY else self.at_revisit


def _addition(
    at_first_visit: str, at_revisit: str, at_management: str, standard: str, at_home: str
) -> Addition:
    codes = frozenset((at_first_visit, at_revisit, at_management, at_home))
    return Addition(at_first_visit, at_revisit, at_home, standard, codes)


CONTROL = _addition("111014870", "112024370", "113033790", NOTIFIED, "114055090")
FEVER = _addition("111702970", "112708670", "113702590", NOTIFIED, "114704290")
COOPERATION = _addition("111014970", "112024470", "113033890", "3827", "114055190")
SURVEILLANCE = _addition("111015070", "112024570", "113033990", "3828", "114055290")
ANTIBIOTICS = _addition("111703070", "112708770", "113702490", "4034", "114704390")
# Not by telephone (A001 注9); the fee of a second department takes none (A000 注5, A001 注3).
_FAMILIES = (FIRST_FAMILY, REVISIT_FAMILY)


@rule(
    "A000/infection_control",
    title="外来感染対策向上加算",
    cite="医科点数表 A000 注11, A001 注15; 通知 A000 (25), A001 (14)",
    since=R6,
    families=_FAMILIES,
    kinds=IN_PERSON,
    at=places.is_clinic,
)
def infection_control(case: Case, draft: Draft) -> Outcome:
    """外来感染対策向上加算 — once a month, at first visit or revisit in person or online, at a clinic."""
    return _once_a_month(case, CONTROL, standing_base(draft))


@rule(
    "A000/infection_control_fever",
    title="発熱患者等対応加算",
    cite="医科点数表 A000 注11ただし書, A001 注15ただし書; 通知 A000 (26)",
    since=R6,
    families=_FAMILIES,
    kinds=IN_PERSON,
    needs=(Flag.FEVER,),
    at=places.is_clinic,
)
def fever(case: Case, draft: Draft) -> Outcome | None:
    """発熱患者等対応加算 — on top of 外来感染対策向上加算 for fever, cough, rash and the like.

    Whether it may stand in a month whose 外来感染対策向上加算 is already billed at another visit is
    left to a human: the notes ask that the latter "is billed".
    """
    if not case.has_standard(NOTIFIED):
        return None
    base = standing_base(draft)
    earlier = case.billed_this_month(CONTROL.codes)
    if earlier is not None and case.billed_this_month(FEVER.codes) is None:
        return Advice(FEVER.of(base), facts(last_day=earlier.day))
    return _once_a_month(case, FEVER, base)


@rule(
    "A000/infection_control_cooperation",
    title="連携強化加算（外来感染対策向上加算）",
    cite="医科点数表 A000 注12, A001 注16; 通知 A000 (27)",
    since=R6,
    families=_FAMILIES,
    kinds=IN_PERSON,
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
    families=_FAMILIES,
    kinds=IN_PERSON,
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
    families=_FAMILIES,
    kinds=IN_PERSON,
    at=places.is_clinic,
)
def antibiotics(case: Case, draft: Draft) -> Outcome | None:
    """抗菌薬適正使用体制加算 — when 外来感染対策向上加算 is billed at this visit and the standard is notified."""
    return _on_top(case, draft, ANTIBIOTICS)


def _once_a_month(case: Case, addition: Addition, base: Act) -> Outcome:
    earlier = case.billed_this_month(addition.codes)
    if earlier is not None and case.has_standard(addition.standard):
        return Denial(addition.of(base), earlier.code, facts(last_day=earlier.day))
    return usual_proposal(addition.of(base), base.code)


def _on_top(case: Case, draft: Draft, addition: Addition) -> Outcome | None:
    """Silent where 外来感染対策向上加算 itself cannot be billed: that line says why."""
    base = standing_base(draft)
    if CONTROL.of(base) not in draft.codes() or not case.has_standard(NOTIFIED):
        return None
    return _once_a_month(case, addition, base)
