# SPDX-License-Identifier: Apache-2.0
"""無菌製剤処理料 — with which injections a sterile preparation may be billed (医科点数表 G020)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import done, done_earlier

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

STERILE = frozenset(("G020",))
# 皮内・皮下・筋肉内, 動脈, 局所持続, 肝動脈, 膀胱内, 点滴, 中心静脈, 植込型, 脳脊髄腔: 静脈内注射 is not among them.
PREPARED_FOR = frozenset(("G000", "G002", "G003", "G003-2", "G003-3", "G004", "G005", "G006", "G009"))


@rule(
    "G020/prepared_injection",
    title="無菌製剤処理料の対象となる注射",
    cite="医科点数表 G020 注1",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=STERILE,
)
def prepared_injection(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """無菌製剤処理料 — falls when no injection of the day is one that its note names."""
    if done(draft, PREPARED_FOR) or done_earlier(case, PREPARED_FOR):
        return None
    return tuple(Denial(each.row.code, "", group=each.unit.group) for each in done(draft, STERILE)) or None
