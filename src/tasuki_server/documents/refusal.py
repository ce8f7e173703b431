# SPDX-License-Identifier: Apache-2.0
"""発行できない理由 — why a document is not made, as findings with a Japanese sentence."""

from __future__ import annotations

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

register(
    {
        "document.no_bill": "会計が確定していないため、{what}を発行できません。会計を確定してから発行してください。",
        "document.not_signed": "診療録が署名されていないため、処方箋を発行できません。医師が署名してから発行してください。",
        "document.no_outside": "院外処方のオーダがないため、処方箋を発行できません。院内で出す薬は薬袋・薬剤情報で渡します。",
        "document.narcotic": "麻薬（{drug}）の処方箋は、施用者免許番号の登録がないため発行できません。専用の様式で交付してください。",
        "document.no_names": "{day}の点数表に{code}がないため、{what}を発行できません。マスターの取込みを確かめてください。",
    }
)
_CODES = {
    "document.no_bill": "DOC-0001",
    "document.not_signed": "DOC-0002",
    "document.no_outside": "DOC-0003",
    "document.narcotic": "DOC-0004",
    "document.no_names": "DOC-0005",
}


def refusal(key: str, **facts: object) -> BadInput:
    """発行の拒否 — to be raised; nothing was written."""
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
