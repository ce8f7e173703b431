# SPDX-License-Identifier: Apache-2.0
"""保険・公費 — what pays for a patient's care, with the days it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tasuki.kernel.validity import Validity


class InsuranceKind(StrEnum):
    """保険種別 — health insurance, and the kinds billed under their own rules."""

    EMPLOYEES = "employees"  # 社保 (被用者保険)
    NATIONAL = "national"  # 国保
    LATE_ELDERLY = "late_elderly"  # 後期高齢者医療
    PUBLIC_ONLY = "public_only"  # 公費単独 (生活保護など)
    WORK_ACCIDENT = "work_accident"  # 労災
    TRAFFIC_ACCIDENT = "traffic_accident"  # 自賠責
    PRIVATE = "private"  # 自費
    CHECKUP = "checkup"  # 健診 (特定健診など、委託料・契約で支払われるもの)


# Health insurance pays by points of ten yen and asks a share; the rest have unit prices and lists of their own.
HEALTH_KINDS = frozenset(
    {
        InsuranceKind.EMPLOYEES,
        InsuranceKind.NATIONAL,
        InsuranceKind.LATE_ELDERLY,
        InsuranceKind.PUBLIC_ONLY,
    }
)


class IncomeClass(StrEnum):
    """所得区分 — the class that sets a 高額療養費 limit; values are the marks on the card."""

    A = "ア"
    I = "イ"  # noqa: E741
    U = "ウ"
    E = "エ"
    O = "オ"  # noqa: E741
    ACTIVE_3 = "現役並みⅢ"
    ACTIVE_2 = "現役並みⅡ"
    ACTIVE_1 = "現役並みⅠ"
    GENERAL = "一般"
    GENERAL_2 = "一般Ⅱ"
    GENERAL_1 = "一般Ⅰ"
    LOW_2 = "低所得Ⅱ"
    LOW_1 = "低所得Ⅰ"


class ReductionKind(StrEnum):
    """減免区分 — what an insurer does with the share of a person in hardship; values are 別表16."""

    REDUCED = "1"  # 減額
    EXEMPT = "2"  # 免除
    POSTPONED = "3"  # 支払猶予


@dataclass(frozen=True, slots=True)
class ShareReduction:
    """一部負担金減免 — the reduction certificate: a percent off or a yen amount off, only when REDUCED.

    Cite: 国民健康保険法 第44条
    """

    kind: ReductionKind
    percent: int | None = None
    yen: int | None = None
    certificate_number: str = ""


@dataclass(frozen=True, slots=True)
class Insurance:
    """医療保険の資格 — one insurer's cover of one person.

    ``share_percent`` is the share the eligibility answer gives (10, 20, 30); None means "by age".
    ``income_class`` is known only from a certificate or the eligibility answer with consent.
    ``is_limit_halved`` is 高半: a dependant who changed insurer because the insured turned 75 this month
    (a person's own 75th birthday is computed from birth). ``member_since`` is 資格取得年月日: a record may begin later,
    when a share or a class changed.
    """

    kind: InsuranceKind
    insurer_number: str = ""
    symbol: str = ""
    number: str = ""
    branch: str = ""
    is_dependant: bool = False
    share_percent: int | None = None
    income_class: IncomeClass | None = None
    is_repeated_high_cost: bool = False  # 多数回該当
    specific_disease_limit_yen: int | None = None  # 特定疾病療養受療証 (マル長) 10,000 / 20,000
    validity: Validity | None = None
    id: str = ""
    share_reduction: ShareReduction | None = None  # 減免証明書
    is_limit_halved: bool = False  # 高半 (特記事項21)
    member_since: date | None = None  # 資格取得年月日

    @property
    def key(self) -> str:
        """支払者の鍵 — the id, or the kind of a payer that was given none."""
        return self.id or self.kind.value

    @property
    def is_health(self) -> bool:
        """医療保険か — whether points are ten yen and the share rules of health insurance hold."""
        return self.kind in HEALTH_KINDS


@dataclass(frozen=True, slots=True)
class PublicProgramme:
    """公費負担医療 — one programme a person holds.

    ``payer_number`` is the 負担者番号 (8 digits, first two 法別), ``recipient_number`` the 受給者番号.
    ``month_cap_yen`` is 自己負担上限額 of the certificate (本人支払額 of a 生活保護 ticket),
    ``paid_elsewhere_yen`` the sum other institutions wrote into the 上限額管理票 this month.
    ``income_class`` is the 適用区分 printed on certificates of 51, 52 and 54.
    ``local_rule`` names the rule of a 地方単独公費 (the number alone says nothing about it).
    """

    payer_number: str
    recipient_number: str = ""
    month_cap_yen: int | None = None
    paid_elsewhere_yen: int = 0
    validity: Validity | None = None
    id: str = ""
    income_class: IncomeClass | None = None
    local_rule: str = ""

    @property
    def key(self) -> str:
        """公費の鍵 — the id, or the payer number of a programme that was given none."""
        return self.id or self.payer_number

    @property
    def law_code(self) -> str:
        """法別番号 — the first two digits of the payer number."""
        return self.payer_number[:2]


@dataclass(frozen=True, slots=True)
class Coverage:
    """保険組合せ — the set of payers of one visit: at most one insurer and up to four programmes.

    ``others`` are payers of another kind beside it (労災, 自賠責, 自費, 健診): an order names one of them by its
    key, else the first payer bears it. ``fee_payer`` names the one that bears 初診料 or 再診料 of a mixed
    visit; empty is the first.
    """

    insurance: Insurance | None
    programmes: tuple[PublicProgramme, ...] = ()
    others: tuple[Insurance, ...] = ()
    fee_payer: str = ""
