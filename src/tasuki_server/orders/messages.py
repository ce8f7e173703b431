# SPDX-License-Identifier: Apache-2.0
"""オーダの文言 — sentences of the findings of this room."""

from __future__ import annotations

from tasuki.kernel.messages import register

register(
    {
        "orders.unreadable": "オーダの記録を読み取れません（{why}）。",
        "orders.out_of_book": "この日の点数表がありません。マスターを取り込むか、日付を確かめてください。",
    }
)
