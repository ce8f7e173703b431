# SPDX-License-Identifier: Apache-2.0
"""労災診療費請求内訳書・請求書 — an outpatient's month under 労災, and the claim to the 労働局 that sums such sheets.

Cite: 労働者災害補償保険診療費請求内訳書（入院外用）; 労働者災害補償保険診療費請求書; 労災診療費算定基準
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from tasuki.forms.accident import AccidentCell, AccidentFee, AccidentRow
from tasuki.forms.claim_receipt import SummaryUnit
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.kernel.finding import Finding, Severity, Where

_NUMBER_DIGITS = 14
_PENSION_DIGITS = 9
_DESIGNATED_DIGITS = 7


class CareBegun(StrEnum):
    """新継再別 — how the month's care began, as coded on the form."""

    FIRST = "1"  # 初診
    MOVED_HERE = "3"  # 転医始診
    CONTINUED = "5"  # 継続
    RELAPSED = "7"  # 再発


class CareEnded(StrEnum):
    """転帰事由 — how care stood at the end of the month, as coded on the form."""

    CURED = "1"  # 治ゆ
    CONTINUED = "3"  # 継続
    MOVED = "5"  # 転医
    STOPPED = "7"  # 中止
    DIED = "9"  # 死亡


@dataclass(frozen=True, slots=True)
class Workplace:
    """事業場 — its name and place as the worker's claim form names them."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class WorkAccidentStatement:
    """労災診療費請求内訳書 — one worker's month of outpatient care.

    ``labour_number`` is 労働保険番号 (14 digits, or 年金証書番号 of 9), ``nth`` which sheet for the same injury this
    is. ``unit_price_yen`` is the price of a point: 12, or 11.5 of a body that pays no tax. ``designated_number`` is
    指定病院等の番号 of seven digits, which is not the 医療機関コード.
    """

    month: date
    issuer: Issuer
    patient: PatientParty
    rows: dict[AccidentRow, AccidentCell]
    unit_price_yen: Decimal
    fees: tuple[AccidentFee, ...] = ()
    units: tuple[SummaryUnit, ...] = ()
    visit_days: tuple[date, ...] = ()
    diseases: tuple[str, ...] = ()
    course: str = ""
    labour_number: str = ""
    injured_on: date | None = None
    begun: CareBegun | None = None
    ended: CareEnded | None = None
    nth: int | None = None
    workplace: Workplace = Workplace()
    designated_number: str = ""

    @property
    def points(self) -> int:
        """小計 — points of every row, technique and goods alike."""
        return sum(one.technique_points + one.goods_points for one in self.rows.values())

    @property
    def points_yen(self) -> int:
        """小計イ — the points in yen, sen cut.

        Cite: 労災診療費算定基準 診療単価
        """
        return floor(self.points * Fraction(self.unit_price_yen))

    @property
    def fees_yen(self) -> int:
        """小計ロ — what is priced in yen."""
        return sum(fee.yen for fee in self.fees)

    @property
    def total_yen(self) -> int:
        """合計額 — イ＋ロ."""
        return self.points_yen + self.fees_yen


@dataclass(frozen=True, slots=True)
class WorkAccidentClaim:
    """労災診療費請求書 — a month's claim to one 労働局 under one 労働基準監督署: yen and sheets in all.

    ``first_name`` is the worker of the first sheet, ``opener`` 責任者氏名.
    """

    month: date
    issuer: Issuer
    sheets: int
    total_yen: int
    first_name: str
    labour_bureau: str = ""
    inspection_office: str = ""
    opener: str = ""
    claimed_on: date | None = None
    designated_number: str = ""


def check(statement: WorkAccidentStatement) -> list[Finding]:
    """労災内訳書の点検 — something was done, and a number that fits its boxes."""
    reasons = []
    if not (statement.rows or statement.fees):
        reasons.append("請求する診療がありません。")
    number = statement.labour_number
    if number and (not number.isdecimal() or len(number) not in (_PENSION_DIGITS, _NUMBER_DIGITS)):
        reasons.append("労働保険番号は14桁（年金証書番号は9桁）の数字です。")
    reasons += _designated(statement.designated_number)
    return [_refused("work_accident_statement", each) for each in reasons]


def check_claim(claim: WorkAccidentClaim) -> list[Finding]:
    """労災請求書の点検 — at least one sheet, and yen that fit the boxes."""
    reasons = []
    if claim.sheets < 1 or claim.total_yen < 1:
        reasons.append("請求する内訳書がありません。")
    if claim.sheets > 999 or claim.total_yen > 99_999_999:
        reasons.append("内訳書は999枚まで、請求金額は8桁までです。請求書を分けてください。")
    reasons += _designated(claim.designated_number)
    return [_refused("work_accident_claim", each) for each in reasons]


def _designated(number: str) -> list[str]:
    if not number or (number.isdecimal() and len(number) == _DESIGNATED_DIGITS):
        return []
    return ["指定病院等の番号は7桁の数字です。"]


def _refused(form: str, reason: str) -> Finding:
    return Finding("FORM004", Severity.BLOCK, Where(record=form), "form.not_allowed", {"reason": reason})
