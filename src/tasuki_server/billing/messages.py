# SPDX-License-Identifier: Apache-2.0
"""会計の文言 — sentences of the findings of this room."""

from __future__ import annotations

from tasuki.kernel.messages import register

register(
    {
        "billing.no_payer": "保険も公費も選ばれていません。受付で保険を選ぶか、自費の場合は保険種別「自費」を登録してください。",
        "billing.cancelled": "取り消された受診は会計できません。受付に戻してから会計してください。",
    }
)
