# SPDX-License-Identifier: Apache-2.0
"""発生届の画面の文言 — what cannot be read from the page, and what an act wants."""

from __future__ import annotations

from typing import Any

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

_CODES = {
    "notice.day": "NTF-0101",
    "notice.number": "NTF-0102",
    "notice.choose": "NTF-0103",
    "notice.confirm": "NTF-0104",
    "notice.reason": "NTF-0105",
    "notice.way": "NTF-0106",
    "notice.receiver": "NTF-0107",
    "notice.away": "NTF-0108",
    "notice.refused": "NTF-0109",
    "notice.stale": "NTF-0110",
    "notice.corrected": "NTF-0111",
    "notice.beside": "NTF-0112",
}
register(
    {
        "notice.day": "{what}「{value}」を読めません。2026-06-15 や R8.6.15 のように入れてください。",
        "notice.number": "{what}「{value}」は数字で入れてください。",
        "notice.choose": "{what}を選んでください。",
        "notice.confirm": "確認の要る点があります。よければ「確認しました」に印を付けて、もう一度署名してください。",
        "notice.reason": "理由を入れてください。",
        "notice.way": "届け出た方法を選んでください。",
        "notice.receiver": "届出先の保健所の番号は10桁の数字で入れてください。",
        "notice.away": "送れませんでした（{reason}）。印刷して届け出るか、あとでもう一度送ってください。",
        "notice.refused": "受け付けられませんでした: {reason}",
        "notice.stale": "別の画面で先に保存されています。下はいま入力した内容です。もう一度押すと、この内容で置き換えます。",
        "notice.corrected": "この版は訂正済みです。新しい版で行ってください。",
        "notice.beside": "選ばれていない「{label}」に内容があります。選ぶか、内容を消してください。",
    }
)


def fault(key: str, field: str = "", **facts: Any) -> Finding:
    """画面の指摘 — one, by the key of its sentence."""
    return Finding(_CODES[key], Severity.BLOCK, Where(field=field), key, facts)


def refusal(key: str, **facts: Any) -> BadInput:
    """画面の拒否 — to be raised; nothing was written."""
    return BadInput([fault(key, **facts)])
