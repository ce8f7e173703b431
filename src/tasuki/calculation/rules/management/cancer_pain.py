# SPDX-License-Identifier: Apache-2.0
"""がん性疼痛緩和指導管理料 — on the day a narcotic is prescribed to a patient with cancer (B001の22)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_under_treatment
from tasuki.calculation.guided_fees import MALIGNANT
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

CODES = ("113012810", "113035210")  # 対面, 情報通信機器
NARCOTIC = "1"  # 医薬品マスター col 14


@rule(
    "B001/22_narcotic",
    title="がん性疼痛緩和指導管理料の麻薬の処方",
    cite="医科点数表 B001の22 注1; 通知 B001 22 (1)",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=CODES,
)
def narcotic(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """がん性疼痛緩和指導管理料 — not on a day without a narcotic prescribed; where no cancer is charted, the disease is asked."""
    standing = sorted(draft.codes().intersection(CODES))
    if not _has_narcotic(case):
        return tuple(Denial(code, "", facts(reason="no_narcotic")) for code in standing) or None
    if is_under_treatment(case, MALIGNANT):
        return None
    return tuple(Advice(code) for code in standing) or None


def _has_narcotic(case: Case) -> bool:
    """Among the drugs of every order, for a pump at home too."""
    rows = (case.book.item(code) for code in case.ordered_codes if case.book.has(code))
    return any(isinstance(row, Drug) and row.controlled == NARCOTIC for row in rows)
