# SPDX-License-Identifier: Apache-2.0
"""医薬品知識の表 — one value per row of a drug-knowledge table in our own layout, each naming its source.

A row names its drugs by a token: the name of a group (薬の群), a code of nine digits, or the head of a
薬価基準収載医薬品コード, whose first four characters are 薬効分類, seven ingredient and route, nine also form and strength.
A cell may hold several tokens, joined by ``|``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from tasuki.kernel.validity import Validity

# Rows of facts that hold whenever they are read: the day a package insert was changed is given where it is known.
ALWAYS = Validity(date.min, None)


class Tier(StrEnum):
    """警告の段階 — 禁忌 waits for a reason, 注意 is to be looked at, 情報 says what could not be judged or is good to know."""

    STOP = "stop"
    CAUTION = "caution"
    INFO = "info"


class GroupKind(StrEnum):
    """群の種類 — 成分: one active ingredient whatever the product; 系統: an effect class not given twice; 群: only a name."""

    INGREDIENT = "成分"
    CLASS = "系統"
    PLAIN = "群"


class State(StrEnum):
    """妊娠・授乳 — the state of a woman that a row speaks of."""

    PREGNANT = "妊娠"
    LACTATING = "授乳"


class Measure(StrEnum):
    """腎機能の指標 — eGFR in mL/min/1.73㎡, CCr (クレアチニンクリアランス) in mL/min."""

    EGFR = "eGFR"
    CCR = "CCr"


class KnowledgeRow(msgspec.Struct, frozen=True, kw_only=True):
    """医薬品知識の行 — what every row says beside its fact: where it is written, and the days it holds."""

    source: str
    validity: Validity = ALWAYS

    def holds_on(self, day: date) -> bool:
        """有効か — on a day."""
        return self.validity is ALWAYS or day in self.validity


class GroupMember(KnowledgeRow, frozen=True, kw_only=True):
    """薬の群 — a head that belongs to a group."""

    group: str
    kind: GroupKind
    head: str
    name: str = ""


class Interaction(KnowledgeRow, frozen=True, kw_only=True):
    """相互作用 — two drugs not to be given together (禁忌), or with care (注意)."""

    drug: str
    other: str
    tier: Tier
    text: str = ""


class DiseaseCaution(KnowledgeRow, frozen=True, kw_only=True):
    """病名の禁忌 — a disease a drug must not, or only with care, be given with: heads of ICD-10 (``N17-N19`` for
    a range of them) or codes of seven digits, joined by ``|``."""

    drug: str
    disease: str
    disease_name: str
    tier: Tier
    text: str = ""


class DoseLimit(KnowledgeRow, frozen=True, kw_only=True):
    """極量・上限 — the most of a day and of a dose in ``unit``, of a kilogram of body weight where ``is_per_kg``;
    ``age_to`` is the last whole year."""

    drug: str
    name: str
    unit: str
    most_a_day: Decimal | None = None
    most_a_dose: Decimal | None = None
    is_per_kg: bool = False
    age_from: int = 0
    age_to: int | None = None
    tier: Tier = Tier.CAUTION
    text: str = ""


class Strength(KnowledgeRow, frozen=True, kw_only=True):
    """含量 — how much of an ingredient one unit of a product holds, where its name does not say so."""

    head: str
    drug: str
    amount: Decimal
    unit: str


class AgeCaution(KnowledgeRow, frozen=True, kw_only=True):
    """年齢の制限 — whole years of age, both ends included, at which a drug is 禁忌 or given with care."""

    drug: str
    tier: Tier
    age_from: int = 0
    age_to: int | None = None
    text: str = ""


class StateCaution(KnowledgeRow, frozen=True, kw_only=True):
    """妊婦・授乳婦への注意 — of one drug in one state."""

    drug: str
    state: State
    tier: Tier
    text: str = ""


class KidneyCaution(KnowledgeRow, frozen=True, kw_only=True):
    """腎機能の制限 — what holds from ``at_least`` up to, and without, ``below``."""

    drug: str
    measure: Measure
    below: Decimal
    at_least: Decimal = Decimal(0)
    tier: Tier = Tier.CAUTION
    text: str = ""


class AllergyClass(KnowledgeRow, frozen=True, kw_only=True):
    """アレルギー群 — an allergen known by its words or as a group of drugs, and the drugs it warns of."""

    allergen: str
    words: str
    drug: str
    tier: Tier
    text: str = ""
