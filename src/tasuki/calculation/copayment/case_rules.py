# SPDX-License-Identifier: Apache-2.0
"""地方公費の規則ファイル — local rules as JSON, one tagged object per step, and back to rules."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated

from msgspec import Meta, Struct

from tasuki.calculation.copayment.local_programmes import (
    AgeBoundary,
    AgeRange,
    Free,
    InKindUnder,
    InsurerGroup,
    LocalRule,
    MonthCap,
    Occasion,
    OccasionCap,
    PercentOfCost,
    ProgrammePaysUpTo,
    RefundOnly,
    ShareOfRemainder,
    ShareRounding,
    Step,
)
from tasuki.calculation.copayment.programmes import PartClass
from tasuki.kernel.validity import Validity

RuleYen = Annotated[int, Meta(ge=0, le=99_999_999)]
Count = Annotated[int, Meta(ge=1, le=99)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class _StepWire(Struct, forbid_unknown_fields=True, frozen=True, tag_field="kind"):
    pass


class FreeWire(_StepWire, frozen=True, tag="free"):
    """全額助成 — the patient pays nothing."""


class OccasionCapWire(_StepWire, frozen=True, tag="occasion_cap"):
    """1回・1日の上限 — the most per visit, day, or department and day, and how often a month."""

    yen: RuleYen
    occasion: Occasion = Occasion.VISIT
    times_per_month: Count | None = None
    first_visits_only: bool = False
    counted_days_only: bool = False


class MonthCapWire(_StepWire, frozen=True, tag="month_cap"):
    """1月の上限 — the most in a month."""

    yen: RuleYen


class PercentWire(_StepWire, frozen=True, tag="percent_of_cost"):
    """医療費の定率 — a percent of the whole cost."""

    percent: Percent


class ShareWire(_StepWire, frozen=True, tag="share_of_remainder"):
    """自己負担の一部 — a share such as "1/2" of what is left to the patient."""

    share: Annotated[str, Meta(pattern=r"^[1-9][0-9]?/[1-9][0-9]?$")]
    rounding: ShareRounding


class PaysUpToWire(_StepWire, frozen=True, tag="programme_pays_up_to"):
    """公費側の月上限 — the programme pays up to an amount a month."""

    yen: RuleYen


class InKindUnderWire(_StepWire, frozen=True, tag="in_kind_under"):
    """現物給付の限度 — in kind only under an amount of the month."""

    yen: RuleYen | None = None
    ends_at_high_cost: bool = False


class RefundOnlyWire(_StepWire, frozen=True, tag="refund_only"):
    """償還払い — nothing in kind."""


StepWire = (
    FreeWire
    | RefundOnlyWire
    | OccasionCapWire
    | MonthCapWire
    | PercentWire
    | ShareWire
    | PaysUpToWire
    | InKindUnderWire
)


class AgesWire(Struct, forbid_unknown_fields=True, frozen=True):
    """対象年齢 — first and last age in years, and from which day a new age counts."""

    since_years: int = 0
    until_years: int | None = None
    boundary: AgeBoundary = AgeBoundary.BIRTHDAY


class RuleWire(Struct, forbid_unknown_fields=True, frozen=True):
    """地方単独公費の規則 — one programme as an institution meets it."""

    id: str
    name: str
    steps: Annotated[tuple[StepWire, ...], Meta(min_length=1)]
    cite: str
    prefecture: str = ""
    insurers: tuple[InsurerGroup, ...] | None = None
    ages: AgesWire | None = None
    part_class: PartClass = PartClass.GENERAL
    is_on_receipt: bool = True
    is_zero_recorded: bool = True
    since: date | None = None
    until: date | None = None


def local_rule(wire: RuleWire) -> LocalRule:
    """地方公費の規則 — from its JSON form.

    Raises ``ValueError`` where a member makes no sense beside another.
    """
    if wire.until is not None and wire.since is None:
        raise ValueError("until には since が要る")
    ages = wire.ages
    return LocalRule(
        id=wire.id,
        name=wire.name,
        steps=tuple(_step(step) for step in wire.steps),
        cite=wire.cite,
        validity=None if wire.since is None else Validity(wire.since, wire.until),
        prefecture=wire.prefecture,
        insurers=None if wire.insurers is None else frozenset(wire.insurers),
        ages=None if ages is None else AgeRange(ages.since_years, ages.until_years, ages.boundary),
        part_class=wire.part_class,
        is_on_receipt=wire.is_on_receipt,
        is_zero_recorded=wire.is_zero_recorded,
    )


def _step(wire: StepWire) -> Step:
    match wire:
        case FreeWire():
            return Free()
        case RefundOnlyWire():
            return RefundOnly()
        case OccasionCapWire():
            return OccasionCap(
                wire.yen, wire.occasion, wire.times_per_month, wire.first_visits_only, wire.counted_days_only
            )
        case MonthCapWire():
            return MonthCap(wire.yen)
        case PercentWire():
            return PercentOfCost(wire.percent)
        case ShareWire():
            share = Fraction(wire.share)
            if share > 1:
                raise ValueError(f"share {wire.share} は1以下")
            return ShareOfRemainder(share, wire.rounding)
        case PaysUpToWire():
            return ProgrammePaysUpTo(wire.yen)
        case InKindUnderWire():
            if wire.yen is None and not wire.ends_at_high_cost:
                raise ValueError("in_kind_under には yen か ends_at_high_cost が要る")
            return InKindUnder(wire.yen, wire.ends_at_high_cost)
