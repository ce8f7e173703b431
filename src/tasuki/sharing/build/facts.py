# SPDX-License-Identifier: Apache-2.0
"""6情報の事実 — what a clinic knows of a disease, an allergy, a result or a drug, before and after it is FHIR."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Diagnosis
from tasuki.sharing.build.around import VisitFacts


class Information(StrEnum):
    """6情報 — the six kinds of clinical information that are shared."""

    CONDITION = "condition"
    DRUG_ALLERGY = "drug_allergy"
    OTHER_ALLERGY = "other_allergy"
    INFECTION = "infection"
    LABORATORY = "laboratory"
    PRESCRIPTION = "prescription"


INFORMATION_NAMES = {
    Information.CONDITION: "傷病名",
    Information.DRUG_ALLERGY: "薬剤アレルギー等",
    Information.OTHER_ALLERGY: "その他アレルギー等",
    Information.INFECTION: "感染症",
    Information.LABORATORY: "検査",
    Information.PRESCRIPTION: "処方",
}


class Flag(StrEnum):
    """取扱いフラグ — how the service is to treat what it is given.

    Cite: JP-CLINS 1.10.0 JP_ehrshrs_indication
    """

    LONG_KEEPING = "LTS"
    UNINFORMED = "UNINFORMED"
    UNDELIVERED = "UNDELIVERED"


FLAG_NAMES = {Flag.LONG_KEEPING: "長期保存", Flag.UNINFORMED: "未告知", Flag.UNDELIVERED: "未提供"}


class AllergenKind(StrEnum):
    """アレルゲンの種類 — 薬剤 is one information, food and the rest are the other."""

    DRUG = "medication"
    FOOD = "food"
    OTHER = "environment"


class Criticality(StrEnum):
    """危険性 — how dangerous the next exposure may be."""

    LOW = "low"
    HIGH = "high"
    UNKNOWN = "unable-to-assess"


class LabStatus(StrEnum):
    """結果の状態 — of a laboratory result."""

    REGISTERED = "registered"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"


class Withdrawal(StrEnum):
    """取消しの理由 — of a disease or an allergy that was sent and does not hold: ruled out, or entered by mistake."""

    REFUTED = "refuted"
    ERROR = "entered-in-error"


WITHDRAWAL_NAMES = {Withdrawal.REFUTED: "否定", Withdrawal.ERROR: "誤記"}


@dataclass(frozen=True, slots=True)
class Choice:
    """コード型の結果 — one of the answers of an official list (陽性, ２＋, Ａ …)."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """傷病名 — the charted diagnosis; its ``name`` is the whole name as entered, modifiers included.

    ``onset_text`` is for what others sent without a whole day: a year or a month (``2018``, ``2018-05``), or 不明.
    ``diagnosis.since`` is then the first day of it, or the day it was recorded, and says less than it seems to.
    """

    id: str
    diagnosis: Diagnosis
    flags: frozenset[Flag] = frozenset()
    note: str = ""
    recorded_on: date | None = None
    visit: VisitFacts | None = None
    onset_text: str = ""
    withdrawal: Withdrawal | None = None


@dataclass(frozen=True, slots=True)
class AllergyFacts:
    """アレルギー等 — the substance as entered and its code.

    ``code`` is the institution's code of a drug (nine digits), a YJ code (12), or an allergen code of J-FAGY
    (J9F…, J9N…, YCM…, GCM…); empty when the substance has none.
    """

    id: str
    kind: AllergenKind
    substance: str
    code: str = ""
    criticality: Criticality | None = None
    reaction: str = ""
    noted_on: date | None = None
    is_intolerance: bool = False
    is_active: bool = True
    flags: frozenset[Flag] = frozenset()
    note: str = ""
    visit: VisitFacts | None = None
    withdrawal: Withdrawal | None = None


@dataclass(frozen=True, slots=True)
class LabFacts:
    """検査結果・感染症 — one result; the code map decides which of the two it is, or that it is neither.

    ``value`` is a number, an answer of a list, words, or None with ``absent_reason`` saying why.
    """

    id: str
    local_code: str
    local_name: str
    taken_at: datetime
    value: Decimal | Choice | str | None
    unit: str = ""
    comparator: str = ""
    specimen: str = "血清"
    status: LabStatus = LabStatus.FINAL
    low: Decimal | None = None
    high: Decimal | None = None
    interpretation: str = ""
    absent_reason: str = ""
    issued_at: datetime | None = None
    flags: frozenset[Flag] = frozenset()
    note: str = ""
    visit: VisitFacts | None = None


@dataclass(frozen=True, slots=True)
class PrescribedDrug:
    """処方薬 — one drug of one Rp. ``amount`` and ``count`` mean what they mean in an order: 内服 the daily amount and
    days, 屯服 a dose and doses, 外用 the whole amount and 1.
    """

    id: str
    rp: int
    index: int
    kind: OrderKind
    code: str
    name: str
    amount: Decimal | None
    unit: str
    count: int
    usage_text: str
    ordered_at: datetime
    since: date
    usage_code: str = ""
    is_generic_name: bool = False
    categories: tuple[str, ...] = ()
    no_substitution: bool = False
    note: str = ""
    visit: VisitFacts | None = None


Facts: TypeAlias = ConditionFacts | AllergyFacts | LabFacts | PrescribedDrug
