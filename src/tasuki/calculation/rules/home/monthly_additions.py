# SPDX-License-Identifier: Apache-2.0
"""在宅の月1回の加算 — 外来感染対策向上加算 and 在宅医療DX情報活用加算 on a visit to the home (第2部 通則5〜8, C001 注13)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.calculation.rules.basic.infection_control import (
    ANTIBIOTICS,
    CONTROL,
    COOPERATION,
    FEVER,
    NOTIFIED,
    SURVEILLANCE,
)
from tasuki.calculation.rules.home.home_history import HOME_VISITS
from tasuki.facility.institution import InstitutionKind
from tasuki.facility.standards import HOME_DIGITAL_ONE
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Act

R6 = date(2024, 6, 1)
# 第2部 通則5 イ〜リ.
SECTIONS = ("C001", "C001-2", "C005", "C005-1", "C005-2", "C006", "C008", "C009", "C011")
DIGITAL_ONE, DIGITAL_TWO = "114746310", "114706510"
NOTIFIED_DIGITAL = "4100"
# 医療情報取得加算, 医療DX推進体制整備加算 and 電子的診療情報連携体制整備加算 of the clinic, and those of C003 and C005.
OTHER_DIGITAL = frozenset(
    (
        *("111703270", "112708970", "111703170", "112708870", "111704070", "111704170", "111704270"),
        *("112709570", "111703370", "111703470", "111703570", "111703670", "111703770", "111703870"),
        *("114746410", "114740410", "114741310"),
    )
)


def _base(draft: Draft) -> Act | None:
    return next(
        (
            act
            for act in draft.acts()
            if act.section in SECTIONS and not act.is_addition and "加算" not in act.name
        ),
        None,
    )


@rule(
    "C000/infection_control",
    title="外来感染対策向上加算等（在宅医療）",
    cite="医科点数表 第2部在宅医療 通則5〜8; 通知 第2部 通則3〜7",
    since=R6,
    sections=SECTIONS,
)
def infection_control(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """外来感染対策向上加算 — at a clinic with a visit to the home, once a month over every place that carries it."""
    base = _base(draft)
    if base is None or case.institution.kind is not InstitutionKind.CLINIC:
        return None
    if CONTROL.at_home in draft.codes() or case.billed_this_month(CONTROL.codes) is not None:
        return None
    outcomes: list[Outcome] = [Proposal(CONTROL.at_home, onto=base.code)]
    if case.has_standard(NOTIFIED):
        if case.has_flag(Flag.FEVER):
            outcomes.append(Proposal(FEVER.at_home, onto=base.code))
        outcomes += [
            Proposal(addition.at_home, onto=base.code)
            for addition in (COOPERATION, SURVEILLANCE, ANTIBIOTICS)
            if case.has_standard(addition.standard)
        ]
    return tuple(outcomes)


@rule(
    "C001/digital",
    title="在宅医療DX情報活用加算",
    cite="医科点数表 C001 注13, C001-2 注6; 通知 C001 (24)〜(26)",
    since=R6,
    sections=("C001", "C001-2"),
)
def digital(case: Case, draft: Draft) -> Outcome | None:
    """在宅医療DX情報活用加算 — once a month, when what オンライン資格確認 tells was used for the plan.

    None in a month with the same kind of addition of the clinic or of a nurse's visit.
    """
    if draft.codes().isdisjoint(HOME_VISITS) or not case.has_standard(NOTIFIED_DIGITAL):
        return None
    mine = (DIGITAL_ONE, DIGITAL_TWO)
    if not draft.codes().isdisjoint((*mine, *OTHER_DIGITAL)):
        return None
    if case.billed_this_month((*mine, *OTHER_DIGITAL)) is not None:
        return None
    code = DIGITAL_ONE if HOME_DIGITAL_ONE in case.standards else DIGITAL_TWO
    if not case.has_flag(Flag.MYNA_CARD_USED):
        return Advice(code, facts(missing_flag=Flag.MYNA_CARD_USED.value))
    return Proposal(code, facts(standard=case.standard_names((NOTIFIED_DIGITAL,))[0]))
