# SPDX-License-Identifier: Apache-2.0
"""在宅療養指導管理料と材料加算 — one fee a month, three of a kind in three months, and CPAP by its hours (C100 to C175)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import Manner
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.home.home_history import days_of
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
OXYGEN, OXYGEN_CYANOTIC = "114003710", "114004110"
CPAP_ONE, CPAP_TWO, CPAP_ONLINE = "114040710", "114040810", "114741710"
CYLINDER, CYLINDER_PORTABLE, CONCENTRATOR = "114006110", "114006310", "114006210"
LIQUID, LIQUID_PORTABLE, DEMAND_VALVE = "114004910", "114005010", "114015710"
STATIONARY = (CYLINDER, CONCENTRATOR, LIQUID)
PORTABLE = (CYLINDER_PORTABLE, LIQUID_PORTABLE)
NOT_FOR_CYANOTIC = frozenset((*STATIONARY, *PORTABLE, DEMAND_VALVE))
OXYGEN_PARTS, CPAP_PARTS = "114041610", "114041710"
CPAP_DEVICES = frozenset(("114041210", "114041310"))
INFANT_PARTS = "114050170"
VENTILATION = "114005410"
ONLINE_ALLOWED = frozenset(
    ("114021010", "114040610", "114028410", "114063110", "114062910", "114063010", CPAP_TWO, CPAP_ONLINE)
)
MOST_IN_THREE_MONTHS = 3
LEAST_MINUTES = 60
MONTHS_OF_USE = 3


def is_management(section: str) -> bool:
    """在宅療養指導管理料か — 第2節第1款, C100 to C121, by the section of the act."""
    return "C100" <= section[:4] <= "C121" and section[:1] == "C"


@rule(
    "C100/family",
    title="看護者のみが来院した日の在宅療養指導管理料",
    cite="通知 第2部第2節第1款 1ただし書",
    since=R6,
    stage=Stage.CONDITION,
    chapters=("C",),
)
def family_only(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """在宅療養指導管理料 — not when only the one who nurses the patient came."""
    if not case.has_flag(Flag.FAMILY_CAME):
        return None
    standing = sorted({act.code for act in draft.acts() if is_management(act.section)})
    return tuple(Denial(code, "", facts(reason="family")) for code in standing) or None


@rule(
    "C100/online",
    title="情報通信機器を用いた在宅療養指導管理",
    cite="医科点数表 C101 注5, C107-2 注4; 通知 第2部第2節第1款 1",
    since=R6,
    stage=Stage.CONDITION,
    chapters=("C",),
)
def online(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """情報通信機器を用いた診療 — only 自己注射 and CPAP have a fee for it."""
    if draft.manner is not Manner.ONLINE:
        return None
    codes = {act.code for act in draft.acts() if is_management(act.section) and not act.is_addition}
    standing = sorted(code for code in codes - ONLINE_ALLOWED if not _is_addition_of(code))
    return tuple(Denial(code, "", facts(reason="online")) for code in standing) or None


def _is_addition_of(code: str) -> bool:
    """加算のコードか — additions of the chapter end in 70."""
    return code.endswith("70")


@rule(
    "C107-2/online",
    title="在宅持続陽圧呼吸療法指導管理料２（情報通信機器）",
    cite="医科点数表 C107-2 注4 (令和6年度は注3); 通知 C107-2 (9)〜(11)",
    since=R6,
    sections=("C107-2",),
)
def cpap_online(case: Case, draft: Draft) -> Proposal | None:
    """CPAPの情報通信機器 — in place of the fee when seen online, once improvement was confirmed face to face."""
    if CPAP_TWO not in draft.codes() or draft.manner is not Manner.ONLINE:
        return None
    return Proposal(CPAP_ONLINE, facts(manner="online"), replaces=CPAP_TWO)


@rule(
    "C107-2/unconfirmed",
    title="情報通信機器によるCPAPの管理と対面での確認",
    cite="通知 C107-2 (10)・(11)",
    since=R6,
    stage=Stage.CHECK,
    sections=("C107-2",),
)
def cpap_unconfirmed(case: Case, draft: Draft) -> Advice | None:
    """CPAPの情報通信機器 — improvement must have been confirmed here face to face; asked where no such fee is known."""
    if CPAP_ONLINE not in draft.codes() or days_of(case, (CPAP_TWO,), date.min):
        return None
    return Advice(CPAP_ONLINE, facts(reason="unconfirmed"))


@rule(
    "C107-2/use",
    title="CPAPの使用時間",
    cite="医科点数表 C107-2 (令和8年度); 通知 C107-2 (6)",
    since=R8,
    stage=Stage.CONDITION,
    sections=("C107-2",),
)
def cpap_use(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """CPAPの使用時間 — no fee after three months of under one hour a day, except in the first three months.

    The devices and parts may still be billed.
    """
    care = case.visit.self_care
    standing = sorted(draft.codes() & {CPAP_TWO, CPAP_ONLINE})
    if care is None or not standing or case.has_flag(Flag.CPAP_BEGUN):
        return None
    months = care.cpap_minutes_a_day[-MONTHS_OF_USE:]
    if len(months) < MONTHS_OF_USE or max(months) >= LEAST_MINUTES:
        return None
    return tuple(
        Denial(code, "", facts(reason="use", minutes=max(months), months=len(months))) for code in standing
    )


@rule(
    "C157/together",
    title="酸素の機器を合わせて3月に3回",
    cite="通知 C157 (3)・(4), C158 (2)・(3), C159 (4)・(5)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C157", "C158", "C159"),
)
def together(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """酸素の機器 — stationary devices together three in three months, portable ones the same."""
    denials: list[Denial] = []
    since = months_before(case.day, MOST_IN_THREE_MONTHS)
    for family in (STATIONARY, PORTABLE):
        standing = [line.code for unit in draft.units for line in unit.lines if line.code in family]
        others = [line for code in family for line in case.history.of(code) if since <= line.day <= case.day]
        if not standing or len({*standing, *(line.code for line in others)}) < 2:
            continue
        times = sum(unit.times for unit in draft.units for line in unit.lines if line.code in family)
        used = sum(line.count for line in others)
        if used + times > MOST_IN_THREE_MONTHS:
            known = facts(used=used, most=MOST_IN_THREE_MONTHS)
            denials += [Denial(code, "", known) for code in sorted(set(standing))]
    return tuple(denials) or None


@rule(
    "C158/cylinder",
    title="酸素濃縮装置加算と酸素ボンベ加算",
    cite="医科点数表 C158 注ただし書",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C157",),
)
def with_concentrator(case: Case, draft: Draft) -> Denial | None:
    """酸素濃縮装置加算 — with it a cylinder that is not portable is not billed."""
    if CYLINDER not in draft.codes():
        return None
    if CONCENTRATOR in draft.codes() or case.billed_this_month((CONCENTRATOR,)) is not None:
        return Denial(CYLINDER, CONCENTRATOR)
    return None


@rule(
    "C157/cyanotic",
    title="チアノーゼ型先天性心疾患の酸素の機器",
    cite="医科点数表 C157〜C159-2 注; 通知 C157 (1), C158 (1), C159 (1)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C157", "C158", "C159", "C159-2"),
)
def cyanotic(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """チアノーゼ型先天性心疾患 — its fee has no device beside it but the parts."""
    has_fee = OXYGEN_CYANOTIC in draft.codes() or case.billed_this_month((OXYGEN_CYANOTIC,)) is not None
    if not has_fee:
        return None
    return tuple(Denial(code, OXYGEN_CYANOTIC) for code in sorted(draft.codes() & NOT_FOR_CYANOTIC)) or None


@rule(
    "C171/parts",
    title="在宅酸素療法・持続陽圧呼吸療法の材料加算",
    cite="医科点数表 C171 の2, C171-2, 第2節第2款 通則1; 通知 C171 (2), C171-2",
    since=R6,
    stage=Stage.CHECK,
    sections=("C103", "C107-2", "C158", "C165"),
)
def parts(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """材料加算 — often forgotten beside a device the institution lends; shown while the three months allow it."""
    codes = draft.codes()
    advice: list[Advice] = []
    since = months_before(case.day, MOST_IN_THREE_MONTHS)
    for code, parents in (
        (OXYGEN_PARTS, {OXYGEN, CONCENTRATOR}),
        (CPAP_PARTS, {CPAP_ONE, CPAP_TWO, *CPAP_DEVICES}),
    ):
        used = sum(line.count for line in case.history.of(code) if since <= line.day <= case.day)
        if codes & parents and code not in codes and used < MOST_IN_THREE_MONTHS:
            advice.append(Advice(code, facts(used=used, most=MOST_IN_THREE_MONTHS)))
    return tuple(advice) or None


@rule(
    "C150/infant_parts",
    title="乳幼児呼吸管理材料加算",
    cite="医科点数表 第2節第2款 通則3; 通知 第2節第2款 6",
    since=R6,
    stage=Stage.CHECK,
    sections=("C103", "C107", "C107-2"),
)
def infant_parts(case: Case, draft: Draft) -> Advice | None:
    """乳幼児呼吸管理材料加算 — under six with a device of its own lent; what was lent is on the claim."""
    parents = {OXYGEN, OXYGEN_CYANOTIC, VENTILATION, CPAP_ONE, CPAP_TWO}
    if case.age.years >= 6 or INFANT_PARTS in draft.codes() or draft.codes().isdisjoint(parents):
        return None
    return Advice(INFANT_PARTS, facts(age=case.age.years))
