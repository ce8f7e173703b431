# SPDX-License-Identifier: Apache-2.0
"""自動車損害賠償責任保険診療報酬明細書 — one outpatient's month, in the form agreed by physicians and motor insurers.

Cite: 自動車損害賠償責任保険診療費算定基準（新基準）, 診療報酬明細書（入院外）
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import NamedTuple

from tasuki.forms.accident import AccidentCell, AccidentFee, AccidentFeeKind, AccidentRow
from tasuki.forms.claim_receipt import ClaimDisease, SummaryUnit
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.kernel.finding import Finding, Severity, Where


class AccidentOutcome(StrEnum):
    """転帰 — how care stood at the end of the month."""

    CURED = "cured"  # 治ゆ
    CONTINUED = "continued"  # 継続
    MOVED = "moved"  # 転医
    STOPPED = "stopped"  # 中止
    DIED = "died"  # 死亡


@dataclass(frozen=True, slots=True)
class DocumentFee:
    """文書料 — of a certificate or a statement: how many and yen in all."""

    count: int
    yen: int


class TrafficAmounts(NamedTuple):
    """請求額の計算 — A technique, B goods, C fees in yen, D the rest, and their sum."""

    technique_yen: int
    goods_yen: int
    fee_yen: int
    rest_yen: int

    @property
    def total_yen(self) -> int:
        """合計 — A + B + C + D."""
        return sum(self)


@dataclass(frozen=True, slots=True)
class TrafficStatement:
    """自賠責診療報酬明細書 — one person's month.

    ``unit_price_yen`` and ``technique_percent`` are those of the contract (12 yen, 120 under the 新基準);
    ``fee_percent`` raises what is in yen already. ``tax_yen`` must be 0: the form has no box for it.
    """

    month: date
    issuer: Issuer
    patient: PatientParty
    diseases: tuple[ClaimDisease, ...]
    rows: dict[AccidentRow, AccidentCell]
    unit_price_yen: Decimal
    technique_percent: int
    fees: tuple[AccidentFee, ...] = ()
    units: tuple[SummaryUnit, ...] = ()
    visit_days: tuple[date, ...] = ()
    fee_percent: int = 100
    injured_on: date | None = None
    first_visit_on: date | None = None
    outcome: AccidentOutcome | None = None
    certificate: DocumentFee | None = None
    statement: DocumentFee | None = None
    insurer_name: str = ""
    doctor_name: str = ""
    claimed_on: date | None = None
    beds: int | None = None
    tax_yen: int = 0

    def points(self) -> AccidentCell:
        """点数計 — イ technique and ロ goods."""
        return AccidentCell(
            sum(one.technique_points for one in self.rows.values()),
            sum(one.goods_points for one in self.rows.values()),
        )

    def fee_yen(self, *kinds: AccidentFeeKind) -> int:
        """金額 — of some rows in yen."""
        return sum(fee.yen for fee in self.fees if fee.kind in kinds)

    def amounts(self) -> TrafficAmounts:
        """請求額 — by the formulas printed on the form; a part of a yen is cut in each.

        Cite: 自動車損害賠償責任保険診療費算定基準（新基準）
        """
        points = self.points()
        price = Fraction(self.unit_price_yen)
        basic = self.fee_yen(*_BASIC)
        documents = sum(one.yen for one in (self.certificate, self.statement) if one is not None)
        return TrafficAmounts(
            floor(points.technique_points * price * Fraction(self.technique_percent, 100)),
            floor(points.goods_points * price),
            floor(Fraction(basic * self.fee_percent, 100)),
            self.fee_yen(AccidentFeeKind.OTHER) + documents,
        )


_BASIC = (
    AccidentFeeKind.FIRST,
    AccidentFeeKind.REVISIT,
    AccidentFeeKind.GUIDANCE,
    AccidentFeeKind.EMERGENCY,
)


def check(statement: TrafficStatement) -> list[Finding]:
    """自賠責明細書の点検 — something was done, and no tax that the form could not show."""
    reasons = []
    if not (statement.rows or statement.fees):
        reasons.append("請求する診療がありません。")
    if statement.tax_yen:
        reasons.append("この様式には消費税の欄がありません。契約の消費税の区分を確かめてください。")
    return [
        Finding(
            "FORM004", Severity.BLOCK, Where(record="traffic_statement"), "form.not_allowed", {"reason": each}
        )
        for each in reasons
    ]
