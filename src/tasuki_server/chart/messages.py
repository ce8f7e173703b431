# SPDX-License-Identifier: Apache-2.0
"""カルテの文言 — sentences of the findings of this room."""

from __future__ import annotations

from tasuki.kernel.messages import register

register(
    {
        "chart.other_visit": "この患者には{day}の受診の下書きが残っています。カルテを開き直し、先にその下書きを署名・移動・破棄してください。",
        "chart.facts_unreadable": "診療の数字の記録を読み取れません（{why}）。",
        "chart.cancelled": "取り消された受診には書けません。受付に戻してから書いてください。",
    }
)
