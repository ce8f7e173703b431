# SPDX-License-Identifier: Apache-2.0
"""眼科学的検査 — refraction with corrected vision, and what コンタクトレンズ検査料 shuts out (医科点数表 D255〜D282-3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

REFRACTIONS = frozenset({"160207910", "160208010", "160082530", "160213430"})
VISION, VISION_WITH_PRESCRIPTION = "160179110", "160082810"
CONTACT_LENS_FEES = frozenset({"160208110", "160208210", "160208310", "160208410"})


@rule(
    "D261/with_corrected_vision",
    title="屈折検査と矯正視力検査",
    cite="通知 D261(3)",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=(VISION,),
)
def with_corrected_vision(case: Case, draft: Draft) -> Advice | None:
    """屈折検査と矯正視力検査 — both only at the first suspicion of a refractive error or with a prescription of glasses.

    Under six they may also stand for suspected 弱視 or 不同視 once in three months: a human is asked.
    """
    codes = draft.codes()
    if VISION not in codes or not codes & REFRACTIONS or VISION_WITH_PRESCRIPTION in codes:
        return None
    past = [line.day for code in REFRACTIONS for line in case.history.of(code) if line.day < case.day]
    return Advice(VISION, facts(last_day=max(past, default=None), reason="again" if past else ""))


@rule(
    "D282-3/contact_lens_visit",
    title="コンタクトレンズの装用を目的とする受診の基本診療料",
    cite="医科点数表 D282-3 注3",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=CONTACT_LENS_FEES,
)
def contact_lens_visit(case: Case, draft: Draft) -> Advice | None:
    """コンタクトレンズ検査料 — one who came for lenses before has no 初診料, however long ago that was."""
    if not draft.codes() & CONTACT_LENS_FEES:
        return None
    past = [line.day for code in CONTACT_LENS_FEES for line in case.history.of(code) if line.day < case.day]
    if not draft.is_first or not past or draft.base is None:
        return None
    return Advice(draft.base.code, facts(last_day=max(past)))
