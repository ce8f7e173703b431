# SPDX-License-Identifier: Apache-2.0
"""処方箋の状況 — the states of a registered prescription, and which act leads from which to which.

Cite: 電子処方箋管理サービス 外部インターフェイス仕様書 EPS-IF-217/218 (処方箋取消, 未受付, 調剤中, 調剤済, 回収済)
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class PrescriptionState(StrEnum):
    """処方箋の状況 — as the service tells it to a clinic; ``label`` is the official text."""

    WAITING = "waiting"
    TAKEN = "taken"
    DISPENSED = "dispensed"
    COLLECTED = "collected"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """状況の表記 — the text of ``PrescriptionStatus``."""
        return _LABELS[self]


_LABELS = {
    PrescriptionState.WAITING: "未受付",
    PrescriptionState.TAKEN: "調剤中",
    PrescriptionState.DISPENSED: "調剤済",
    PrescriptionState.COLLECTED: "回収済",
    PrescriptionState.CANCELLED: "処方箋取消",
}


class Act(StrEnum):
    """処方箋への行為 — what moves a prescription from state to state."""

    CANCEL = "cancel"
    REPLACE = "replace"
    RESTORE = "restore"
    RESTORE_REPLACED = "restore_replaced"
    RECEIVE = "receive"
    RELEASE = "release"
    COLLECT = "collect"
    RETURN_COLLECTED = "return_collected"
    DISPENSE = "dispense"
    CANCEL_RESULT = "cancel_result"

    @property
    def label(self) -> str:
        """行為名 — the official name of its operation."""
        return _ACTS[self].term


class Step(NamedTuple):
    """遷移 — from which state, whether only the pharmacy that has it may, and the official name of the act."""

    term: str
    since: PrescriptionState
    to: PrescriptionState
    by_holder: bool = False


_W, _T, _D = PrescriptionState.WAITING, PrescriptionState.TAKEN, PrescriptionState.DISPENSED
_O, _X = PrescriptionState.COLLECTED, PrescriptionState.CANCELLED
# 調剤中から先: the prescription is the pharmacy's until it gives it back, so a clinic cannot take it away from there.
_ACTS = {
    Act.CANCEL: Step("処方箋取消", _W, _X),
    Act.REPLACE: Step("処方箋変更", _W, _X),
    Act.RESTORE: Step("処方箋取消UNDO", _X, _W),
    Act.RESTORE_REPLACED: Step("処方箋変更UNDO", _X, _W),
    Act.RECEIVE: Step("処方箋受付", _W, _T),
    Act.RELEASE: Step("処方箋受付取消", _T, _W, by_holder=True),
    Act.COLLECT: Step("処方箋回収", _T, _O, by_holder=True),
    Act.RETURN_COLLECTED: Step("処方箋回収UNDO", _O, _T, by_holder=True),
    Act.DISPENSE: Step("調剤結果登録", _T, _D, by_holder=True),
    Act.CANCEL_RESULT: Step("調剤結果取消", _D, _T, by_holder=True),
}
ACTS = MappingProxyType(_ACTS)


def next_state(state: PrescriptionState, act: Act) -> PrescriptionState | None:
    """次の状況 — after an act; None where the act is not allowed from there.

    >>> next_state(PrescriptionState.WAITING, Act.RECEIVE).label, next_state(PrescriptionState.TAKEN, Act.CANCEL)
    ('調剤中', None)
    """
    step = ACTS[act]
    return step.to if step.since is state else None


def after_dispensing(round_number: int, rounds: int) -> PrescriptionState:
    """調剤後の状況 — 未受付 again while a refill has rounds left, 調剤済 after the last.

    Cite: 保険医療機関及び保険医療養担当規則 第20条第3号ロ; 令和4年3月4日 保医発0304第1号 リフィル処方箋

    >>> [after_dispensing(n, 3).label for n in (1, 2, 3)]
    ['未受付', '未受付', '調剤済']
    """
    return _W if round_number < rounds else _D
