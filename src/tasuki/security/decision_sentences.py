# SPDX-License-Identifier: Apache-2.0
"""判断の文 — what a person is told about a decision, by the id of the row that decided."""

from __future__ import annotations

from tasuki.security.decision import Decision
from tasuki.security.permissions import Permission

_SENTENCES = {
    "person/inactive": "在籍していない職員は操作できません。",
    "unrelated/chart": "この患者には、診療の関係（受付、書類、請求の作業など）が最近ありません。",
    "unrelated/identity": "この患者には、診療の関係が最近ありません。閲覧は記録に残ります。",
    "sealed/identity": "この患者は閲覧が制限されています。見られる職員が決められています。",
    "sealed/chart": "この患者のカルテは閲覧が制限されています。見られる職員が決められています。",
    "sealed/money": "この患者の会計とレセプトは閲覧が制限されています。見られる職員が決められています。",
    "vip": "要配慮の患者です。閲覧は記録に印が付きます。",
    "own/view": "あなた自身の記録です。閲覧は記録に印が付きます。",
    "own/change": "自分自身の記録は、自分では書き換えられません。ほかの職員に頼んでください。",
    "family": "あなたの家族または同じ世帯の人の記録です。閲覧は記録に印が付きます。",
    "colleague": "この医療機関の職員の記録です。閲覧は記録に印が付きます。",
    "consent/outside": "患者が外部への提供の同意を撤回しています。",
}


def decision_sentence(decision: Decision) -> str:
    """判断の文 — why, in Japanese.

    >>> from tasuki.security.conditions import Effect
    >>> decision_sentence(Decision(Effect.FORBID, "role/chart.sign", ""))
    '「カルテの確定（署名）」の権限がありません。'
    """
    return rule_sentence(decision.rule_id)


def rule_sentence(rule_id: str) -> str:
    """規則の文 — of one row."""
    kind, _, name = rule_id.partition("/")
    if kind == "role":
        return f"「{Permission(name).about.label}」の権限がありません。"
    return _SENTENCES[rule_id]
