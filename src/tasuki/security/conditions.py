# SPDX-License-Identifier: Apache-2.0
"""閲覧の条件 — what about a patient changes whether an act is allowed, as one table.

A row names the condition, the acts it touches and what follows. Rows that forbid stand for every institution; the
others may be made stricter or looser there. Sources are clauses of the guideline or, where none decides, our choice.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 10②、11①、14④、17①
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple

from tasuki.security.permissions import Permission


class Effect(IntEnum):
    """効果 — of a rule; the strongest wins."""

    ALLOW = 0
    NOTE = 1
    ASK = 2
    FORBID = 3

    @property
    def label(self) -> str:
        """効果名 — as screens show it."""
        return _EFFECT_LABELS[self]


_EFFECT_LABELS = {
    Effect.ALLOW: "許可",
    Effect.NOTE: "許可して記録に印",
    Effect.ASK: "理由を求める（緊急閲覧）",
    Effect.FORBID: "禁止",
}


class Condition(StrEnum):
    """条件 — what holds between a member of staff and a patient."""

    NO_CARE_RELATION = "no_care_relation"
    SEALED = "sealed"
    VIP = "vip"
    OWN_RECORD = "own_record"
    FAMILY = "family"
    COLLEAGUE = "colleague"
    CONSENT_WITHDRAWN = "consent_withdrawn"

    @property
    def label(self) -> str:
        """条件名 — as screens show it."""
        return _CONDITION_LABELS[self]


_CONDITION_LABELS = {
    Condition.NO_CARE_RELATION: "診療の関係がない患者",
    Condition.SEALED: "閲覧制限のある患者",
    Condition.VIP: "要配慮の患者",
    Condition.OWN_RECORD: "本人の記録",
    Condition.FAMILY: "家族・同じ世帯の記録",
    Condition.COLLEAGUE: "同僚の記録",
    Condition.CONSENT_WITHDRAWN: "外部提供の同意の撤回",
}


class Touch(StrEnum):
    """触れるもの — which part of a patient's data an act reaches."""

    NOTHING = "nothing"
    IDENTITY = "identity"
    CHART = "chart"
    MONEY = "money"
    # To others than the institution and the payers whom the law names: no permission does so yet.
    OUTSIDE = "outside"


_P = Permission
_TOUCHED = {
    Touch.IDENTITY: (
        _P.RECEPTION_VIEW,
        _P.RECEPTION_MANAGE,
        _P.PATIENT_VIEW,
        _P.PATIENT_EDIT,
        _P.COVERAGE_EDIT,
        _P.PORTAL_CODE,
        _P.ELIGIBILITY_VIEW,
        _P.ELIGIBILITY_ASK,
    ),
    Touch.CHART: (
        _P.MEDICAL_INFORMATION_VIEW,
        _P.CHART_VIEW,
        _P.CHART_WRITE,
        _P.CHART_SIGN,
        _P.DISEASE_EDIT,
        _P.ORDER_ENTER,
        _P.ORDER_PERFORM,
        _P.ORDER_SET_EDIT,
        _P.DOCUMENT_PRINT,
    ),
    Touch.MONEY: (
        _P.BILLING_VIEW,
        _P.BILLING_SETTLE,
        _P.PAYMENT_TAKE,
        _P.PAYMENT_REFUND,
        _P.CLAIMS_VIEW,
        _P.CLAIMS_BUILD,
        _P.CLAIMS_NARRATE,
        _P.CLAIMS_EXPORT,
    ),
}
TOUCHES = {permission: touch for touch, permissions in _TOUCHED.items() for permission in permissions}
# Acts that nobody does to a record of their own.
OWN_HANDS_OFF = frozenset(
    {
        _P.CHART_WRITE,
        _P.CHART_SIGN,
        _P.DISEASE_EDIT,
        _P.ORDER_ENTER,
        _P.ORDER_PERFORM,
        _P.BILLING_SETTLE,
        _P.PAYMENT_REFUND,
        # Nobody looks at their own papers.
        _P.PORTAL_CODE,
    }
)
OUR_CHOICE = "襷の既定"


class ConditionRule(NamedTuple):
    """条件の規則 — a row; ``permissions`` narrows the touch to some acts when it is not empty."""

    rule_id: str
    condition: Condition
    touches: frozenset[Touch]
    effect: Effect
    source: str
    permissions: frozenset[Permission] = frozenset()

    @property
    def may_be_changed(self) -> bool:
        """変更の可否 — an institution may change every row but those that forbid."""
        return self.effect is not Effect.FORBID

    def applies_to(self, permission: Permission, touch: Touch) -> bool:
        """適用の有無 — to an act."""
        return touch in self.touches and (not self.permissions or permission in self.permissions)


_ANY = frozenset({Touch.IDENTITY, Touch.CHART, Touch.MONEY, Touch.OUTSIDE})
_CHART = frozenset({Touch.CHART, Touch.OUTSIDE})
_GL10 = "安全管理GL 6.0 システム運用編 10②"
_GL14 = "安全管理GL 6.0 システム運用編 14④"
_GL17 = "安全管理GL 6.0 システム運用編 17①"

CONDITION_RULES = (
    ConditionRule(
        "unrelated/chart", Condition.NO_CARE_RELATION, _CHART, Effect.ASK, f"{_GL14}、{OUR_CHOICE}"
    ),
    ConditionRule(
        "unrelated/identity",
        Condition.NO_CARE_RELATION,
        frozenset({Touch.IDENTITY}),
        Effect.NOTE,
        f"{_GL17}、{OUR_CHOICE}",
        frozenset({_P.PATIENT_VIEW}),
    ),
    ConditionRule(
        "sealed/identity", Condition.SEALED, frozenset({Touch.IDENTITY}), Effect.ASK, f"{_GL10}、{OUR_CHOICE}"
    ),
    ConditionRule("sealed/chart", Condition.SEALED, _CHART, Effect.ASK, f"{_GL10}、{OUR_CHOICE}"),
    ConditionRule(
        "sealed/money", Condition.SEALED, frozenset({Touch.MONEY}), Effect.ASK, f"{_GL10}、{OUR_CHOICE}"
    ),
    ConditionRule("vip", Condition.VIP, _ANY, Effect.NOTE, f"{_GL17}、{OUR_CHOICE}"),
    ConditionRule("own/view", Condition.OWN_RECORD, _ANY, Effect.NOTE, f"{_GL17}、{OUR_CHOICE}"),
    ConditionRule("own/change", Condition.OWN_RECORD, _ANY, Effect.FORBID, OUR_CHOICE, OWN_HANDS_OFF),
    ConditionRule("family", Condition.FAMILY, _ANY, Effect.NOTE, f"{_GL17}、{OUR_CHOICE}"),
    ConditionRule("colleague", Condition.COLLEAGUE, _ANY, Effect.NOTE, f"{_GL17}、{OUR_CHOICE}"),
    ConditionRule(
        "consent/outside",
        Condition.CONSENT_WITHDRAWN,
        frozenset({Touch.OUTSIDE}),
        Effect.FORBID,
        OUR_CHOICE,
    ),
)
RULES_BY_ID = {rule.rule_id: rule for rule in CONDITION_RULES}
