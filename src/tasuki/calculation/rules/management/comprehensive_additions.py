# SPDX-License-Identifier: Apache-2.0
"""包括的な診療料の加算 — what is still added when the basic fee is contained, by its own code of part 1.

The additions of 初・再診料 fall with the contained basic fee; those the note leaves outside stand again under
the code of the comprehensive fee, at its points (小児科外来診療料: less 115 or 70 points).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import FIRST_FAMILY, OUTPATIENT_FAMILY, REVISIT_FAMILY
from tasuki.calculation.rule import Denial, Proposal, rule
from tasuki.calculation.rules.management.comprehensive_codes import (
    COMMUNITY_CARE_FEES,
    PAEDIATRIC_FEES,
    PAEDIATRIC_OUTPATIENT,
)
from tasuki.calculation.time_additions import CODES, TimeAddition, Ward

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
_OUT, _HOLIDAY, _MIDNIGHT, _EMERGENCY = TimeAddition
_ALL, _INFANT, _PAEDIATRIC = Ward
_ANY_AGE = ((_OUT, _ALL), (_HOLIDAY, _ALL), (_MIDNIGHT, _ALL), (_EMERGENCY, _ALL))
_INFANTS = ((_OUT, _INFANT), (_HOLIDAY, _INFANT), (_MIDNIGHT, _INFANT), (_EMERGENCY, _INFANT))
_IN_PAEDIATRICS = ((_OUT, _PAEDIATRIC), (_HOLIDAY, _PAEDIATRIC), (_MIDNIGHT, _PAEDIATRIC))
# Out of hours, holiday, midnight, special case; then the evening of paediatrics.
_OUTPATIENT = {
    FIRST_FAMILY: ("113009670", "113007170", "113007270", "111010770", "113007070"),
    REVISIT_FAMILY: ("113009770", "113007470", "113007570", "112006070", "113007370"),
    OUTPATIENT_FAMILY: ("113009870", "113007770", "113007870", "113005570", "113007670"),
}
_HOME_DOCTOR = {
    FIRST_FAMILY: ("113020170", "113020670", "113020770", "113020470", "113020570"),
    REVISIT_FAMILY: ("113020870", "113021370", "113021470", "113021170", "113021270"),
    OUTPATIENT_FAMILY: ("113021570", "113022070", "113022170", "113021870", "113021970"),
}
_HOME_DOCTOR_FROM_SIX = {
    FIRST_FAMILY: ("113026670", "113026770", "113026870", "113026970"),
    REVISIT_FAMILY: ("113027070", "113027170", "113027270", "113027370"),
    OUTPATIENT_FAMILY: ("113027470", "113027570", "113027670", "113027770"),
}
_COMMUNITY_ALL = ("113016270", "113016370", "113016470", "113016870")
_COMMUNITY_INFANTS = ("113016570", "113016670", "113016770", "113016970")
_COMMUNITY_PAEDIATRICS = ("113017070", "113017170", "113017270")
# 外来感染対策向上加算 and what stands on it: at a first visit, at a revisit, with a management fee.
INFECTION_CONTROL = {
    "111014870": "113033790", "112024370": "113033790", "111702970": "113702590", "112708670": "113702590",
    "111014970": "113033890", "112024470": "113033890", "111015070": "113033990", "112024570": "113033990",
    "111703070": "113702490", "112708770": "113702490",
}  # fmt: skip
FUNCTIONAL_ENHANCEMENT = "111013770"
NIGHT_AND_EARLY = "112015570"


def _times(codes: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    made: dict[str, str] = {}
    for family, (out, holiday, midnight, emergency, evening) in codes.items():
        made |= dict(
            zip((CODES[family][each] for each in _INFANTS), (out, holiday, midnight, emergency), strict=True)
        )
        in_hours = (evening, holiday, midnight)
        made |= dict(zip((CODES[family][each] for each in _IN_PAEDIATRICS), in_hours, strict=True))
    return made


def _all_ages(family: str, codes: tuple[str, ...]) -> dict[str, str]:
    return dict(zip((CODES[family][each] for each in _ANY_AGE), codes, strict=True))


OF_PAEDIATRIC_OUTPATIENT = {**_times(_OUTPATIENT), FUNCTIONAL_ENHANCEMENT: "113028870"}
OF_HOME_DOCTOR = {
    **_times(_HOME_DOCTOR),
    **{
        before: after
        for family, codes in _HOME_DOCTOR_FROM_SIX.items()
        for before, after in _all_ages(family, codes).items()
    },
    FUNCTIONAL_ENHANCEMENT: "113028970",
}
OF_COMMUNITY_CARE = {
    **_all_ages(REVISIT_FAMILY, _COMMUNITY_ALL),
    **dict(zip((CODES[REVISIT_FAMILY][each] for each in _INFANTS), _COMMUNITY_INFANTS, strict=True)),
    **dict(
        zip((CODES[REVISIT_FAMILY][each] for each in _IN_PAEDIATRICS), _COMMUNITY_PAEDIATRICS, strict=True)
    ),
    NIGHT_AND_EARLY: "113017370",
}


@rule(
    "B001-2/still_added",
    title="小児科外来診療料・小児かかりつけ診療料の加算",
    cite="医科点数表 B001-2 注3, B001-2-11 注3, 第1部 通則3〜6; 通知 B001-2 (3)",
    since=R6,
    codes=PAEDIATRIC_FEES,
)
def with_paediatric_fee(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """小児科外来診療料等の加算 — hours, 機能強化加算 and 感染対策 under the codes of the comprehensive fee."""
    fee = min(draft.codes() & PAEDIATRIC_FEES, default=None)
    if fee is None:
        return None
    own = OF_PAEDIATRIC_OUTPATIENT if fee in PAEDIATRIC_OUTPATIENT else OF_HOME_DOCTOR
    return moved(draft, own, fee)


@rule(
    "B001-2-9/still_added",
    title="地域包括診療料の加算",
    cite="医科点数表 B001-2-9 注2, A001 注5〜注7, 第1部 通則3〜6",
    since=R6,
    codes=COMMUNITY_CARE_FEES,
)
def with_community_care(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """地域包括診療料の加算 — hours and 感染対策 under the codes of the comprehensive fee."""
    fee = min(draft.codes() & COMMUNITY_CARE_FEES, default=None)
    return None if fee is None else moved(draft, OF_COMMUNITY_CARE, fee)


def moved(draft: Draft, own: Mapping[str, str], fee: str) -> tuple[Outcome, ...] | None:
    """加算の移し替え — each under the code of the comprehensive fee; the old one falls first, as both stand in one table of exclusions."""
    outcomes: list[Outcome] = []
    for code in sorted(draft.codes()):
        if code in own:
            outcomes += (Denial(code, own[code]), Proposal(own[code]))
        elif code in INFECTION_CONTROL:
            outcomes += (Denial(code, INFECTION_CONTROL[code]), Proposal(INFECTION_CONTROL[code], onto=fee))
    return tuple(outcomes) or None
