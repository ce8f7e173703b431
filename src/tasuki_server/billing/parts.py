# SPDX-License-Identifier: Apache-2.0
"""支払者ごとの会計の記録 — the parts outside health insurance as the bill keeps and the desk shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tasuki.calculation import Statement
from tasuki.calculation.payers import VisitAccount, explain_payer, payer_name
from tasuki.calculation.statement_store import (
    decode_because,
    decode_statement,
    encode_because,
    encode_statement,
)
from tasuki.kernel.because import Because


@dataclass(frozen=True, slots=True)
class BilledPart:
    """支払者の分 — one payer's part of a bill: its statement, its yen, and why."""

    payer: str
    kind: str
    statement: Statement
    points_yen: int
    act_yen: int
    tax_yen: int
    patient_yen: int
    because: tuple[Because, ...]

    @property
    def label(self) -> str:
        """支払者の呼び名."""
        return payer_name(self.kind)

    @property
    def total_yen(self) -> int:
        """請求額 — points, acts in yen and tax."""
        return self.points_yen + self.act_yen + self.tax_yen

    @property
    def payer_yen(self) -> int:
        """支払者への請求 — what the patient does not pay."""
        return self.total_yen - self.patient_yen

    @property
    def reasons(self) -> tuple[str, ...]:
        """理由の文 — how the yen came about."""
        return tuple(explain_payer(each) for each in self.because)


def parts_of(account: VisitAccount) -> tuple[BilledPart, ...]:
    """支払者の分 — of an account, those outside health insurance."""
    return tuple(
        BilledPart(
            part.payer.key,
            part.payer.kind.value,
            part.statement,
            part.points_yen,
            part.act_yen,
            part.tax_yen,
            part.patient_yen or 0,
            part.because,
        )
        for part in account.others
        if part.payer is not None
    )


def encode_parts(account: VisitAccount) -> list[dict[str, Any]]:
    """支払者の分の符号化 — as the bill keeps them."""
    return [
        {
            "payer": part.payer,
            "kind": part.kind,
            "statement": encode_statement(part.statement),
            "points_yen": part.points_yen,
            "act_yen": part.act_yen,
            "tax_yen": part.tax_yen,
            "patient_yen": part.patient_yen,
            "because": [encode_because(each) for each in part.because],
        }
        for part in parts_of(account)
    ]


def decode_parts(stored: Iterable[dict[str, Any]]) -> tuple[BilledPart, ...]:
    """支払者の分の読取り — as they were confirmed."""
    return tuple(
        BilledPart(
            each["payer"],
            each["kind"],
            decode_statement(each["statement"]),
            each["points_yen"],
            each["act_yen"],
            each["tax_yen"],
            each["patient_yen"],
            tuple(decode_because(one) for one in each["because"]),
        )
        for each in stored
    )
