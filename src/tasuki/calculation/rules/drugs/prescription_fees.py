# SPDX-License-Identifier: Apache-2.0
"""処方料・処方箋料 — exactly one tier for each prescription (医科点数表 F100, F400)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from tasuki.calculation.flags import Flag
from tasuki.calculation.prescribed import MANY_KINDS
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.chart.orders import Dispensing
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.prescribed import CountedDrugs, PrescribedDrug
    from tasuki.calculation.rule import Outcome


class Tier(StrEnum):
    """処方の区分 — the three tiers, the second by two grounds with codes of their own."""

    PSYCHOTROPICS = "向精神薬多剤投与"
    MANY_KINDS = "７種類以上内服薬"
    LONG_TERM = "向精神薬長期処方"
    OTHER = "その他"


_OTHER = Tier.OTHER
_EXCEPTED, _LONG_TERM = Flag.PSYCHOTROPIC_EXCEPTION, Flag.LONG_TERM_ANXIOLYTIC
IN_HOUSE = {
    Tier.PSYCHOTROPICS: "120003610", Tier.MANY_KINDS: "120002610", Tier.LONG_TERM: "120004410",
    Tier.OTHER: "120001210",
}  # fmt: skip
OUTSIDE = {
    Tier.PSYCHOTROPICS: "120003710", Tier.MANY_KINDS: "120002710", Tier.LONG_TERM: "120004610",
    Tier.OTHER: "120002910",
}  # fmt: skip
REFILL = {
    Tier.PSYCHOTROPICS: "120004710", Tier.MANY_KINDS: "120004810", Tier.LONG_TERM: "120004910",
    Tier.OTHER: "120005010",
}  # fmt: skip
IN_HOUSE_FEES = frozenset(IN_HOUSE.values())
OUTSIDE_FEES = frozenset((*OUTSIDE.values(), *REFILL.values()))
GARGLES = "226"  # 薬効分類 含嗽剤
COMMUNITY_CARE = ("112017270", "112017570", "112021770", "112021870")  # 地域包括診療加算, 1日につき
COMMUNITY_CARE_MONTH = ("113015810", "113018410", "113024810", "113025710")  # 地域包括診療料, 月1回


class Prescription(Struct, frozen=True, gc=False):
    """処方 — the drugs of one place of dispensing, its tier, what decided it, and the tier a human may choose."""

    drugs: tuple[PrescribedDrug, ...]
    tier: Tier
    kinds: int
    instead: Tier | None = None

    @property
    def is_refill(self) -> bool:
        """リフィルか — whether every drug is on a refill prescription."""
        return not [drug for drug in self.drugs if not drug.order.is_refill]


def in_house(case: Case, draft: Draft) -> Prescription | None:
    """院内処方 — None when nothing is dispensed here."""
    return _prescription(case, draft, case.dispensed_here, "prescription in house")


def outside(case: Case, draft: Draft) -> Prescription | None:
    """院外処方 — None when no prescription is handed out."""
    return _prescription(case, draft, case.prescribed_outside, "prescription outside")


def is_charged_in_house(case: Case) -> bool:
    """処方料を算定するか — dispensed here, nothing prescribed outside, not gargles alone, not billed before today."""
    return case.keep("charged_in_house", _is_charged_in_house)


def _is_charged_in_house(case: Case) -> bool:
    found = case.dispensed_here
    if found is None or is_gargle_only(case, found.drugs) or _was_billed(case):
        return False
    return case.prescribed_outside is None


def is_charged_outside(case: Case) -> bool:
    """処方箋料を算定するか — a prescription was handed out, not gargles alone, not billed before today."""
    return case.keep("charged_outside", _is_charged_outside)


def _is_charged_outside(case: Case) -> bool:
    found = case.prescribed_outside
    return found is not None and not is_gargle_only(case, found.drugs) and not _was_billed(case)


def is_gargle_only(case: Case, drugs: Iterable[PrescribedDrug]) -> bool:
    """うがい薬のみか — unless a human recorded that it treats the disease.

    Cite: 医科点数表 第5部投薬 通則4; 通知 第5部 通則9
    """
    for drug in drugs:
        if not drug.row.price_list_code.startswith(GARGLES):
            return False
    return not case.has_flag(Flag.GARGLE_FOR_TREATMENT)


def has_community_care(case: Case, draft: Draft) -> bool:
    """地域包括診療加算・料 — with them seven kinds of drugs bring no lower tier."""
    if not draft.codes().isdisjoint(COMMUNITY_CARE) or not draft.codes().isdisjoint(COMMUNITY_CARE_MONTH):
        return True
    return case.keep("community_care", lambda _: case.billed_this_month(COMMUNITY_CARE_MONTH) is not None)


def _prescription(case: Case, draft: Draft, counted: CountedDrugs | None, place: str) -> Prescription | None:
    if counted is None:
        return None
    if counted.kinds.regular >= MANY_KINDS:
        return _tiered(case, counted, keeps_tier=has_community_care(case, draft))
    # Whatever stands, fewer kinds are not asked about: once for all rules of the visit.
    return case.keep(place, lambda _: _tiered(case, counted, keeps_tier=False))


def _tiered(case: Case, counted: CountedDrugs, *, keeps_tier: bool) -> Prescription:
    """With ``keeps_tier`` many kinds bring no lower tier."""
    count = counted.kinds
    flags = case.visit.flags
    is_excepted = _EXCEPTED in flags
    instead = None
    if counted.has_many_psychotropics and not is_excepted:
        tier = Tier.PSYCHOTROPICS
    elif count.is_many and not keeps_tier:
        tier = Tier.MANY_KINDS
    elif _LONG_TERM in flags:
        tier = Tier.LONG_TERM
    else:
        tier = _OTHER
    if counted.may_have_many_psychotropics and not is_excepted and tier is not Tier.PSYCHOTROPICS:
        instead = Tier.PSYCHOTROPICS
    elif count.is_unsure and tier is Tier.MANY_KINDS:
        instead = Tier.OTHER
    return Prescription(counted.drugs, tier, count.regular, instead)


@rule(
    "F400/prescription",
    title="処方箋料",
    cite="医科点数表 F400の1〜3 注1; 通知 F400(2)・(3)・(5)・(6)",
    since=date(2024, 6, 1),
    orders=(Dispensing.OUTSIDE,),
)
def outside_fee(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """処方箋料 — one tier for all that is prescribed outside at the visit, the lowest that fits first."""
    found = outside(case, draft)
    if found is None or not draft.codes().isdisjoint(OUTSIDE_FEES) or not is_charged_outside(case):
        return None
    codes = REFILL if found.is_refill else OUTSIDE
    return _answer(found, codes)


@rule(
    "F100/prescription",
    title="処方料",
    cite="医科点数表 F100の1〜3 注1; 通知 F100(2)〜(6), F400(9)",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
)
def in_house_fee(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """処方料 — one tier for all that is dispensed here; none beside a prescription for a pharmacy."""
    found = in_house(case, draft)
    if found is None or draft.codes() & IN_HOUSE_FEES or not is_charged_in_house(case):
        return None
    return _answer(found, IN_HOUSE)


def _answer(found: Prescription, codes: dict[Tier, str]) -> tuple[Outcome, ...]:
    tier, instead = found.tier, found.instead
    return _of_tier(tier, found.kinds, codes[tier], "" if instead is None else codes[instead])


@lru_cache(maxsize=256)
def _of_tier(tier: Tier, kinds: int, code: str, instead: str) -> tuple[Outcome, ...]:
    known = facts(tier=tier.value, kinds=kinds)
    proposal = Proposal(code, known)
    return (proposal, Advice(instead, known)) if instead else (proposal,)


def _was_billed(case: Case) -> bool:
    """一連の診療 — the same department already billed a prescription on this day."""
    if not case.today:
        return False
    department = case.visit.department
    return any(
        line.code in IN_HOUSE_FEES | OUTSIDE_FEES and line.department in ("", department)
        for line in case.today
    )
