# SPDX-License-Identifier: Apache-2.0
"""審査の判断 — a return or a cut written by hand at the desk, or taken back before the examination."""

from __future__ import annotations

from django.db import transaction

from tasuki.claims.review_results import REASONS
from tasuki_server.receiving.models import Decision, DeskSetting, Operator, ReceivedReceipt


def decide_return(receipt: ReceivedReceipt, operator: Operator, code: str, text: str) -> Decision | None:
    """返戻の判断 — with what the institution is told; None without a text."""
    if not text.strip():
        return None
    return Decision.objects.create(
        receipt=receipt, kind="return", code=code.strip()[:6], text=text.strip()[:100], made_by=operator.name
    )


def decide_cut(
    receipt: ReceivedReceipt, operator: Operator, reason: str, unit: tuple[str, str, int] | None
) -> Decision | None:
    """減点の判断 — of one unit once; None when the receipt would be left without points or the reason is none."""
    if unit is None or reason not in REASONS:
        return None
    section, name, points = unit
    with transaction.atomic(using="receiving"):
        ReceivedReceipt.objects.select_for_update().get(pk=receipt.pk)
        cut = sum(each.points for each in receipt.decisions.filter(kind="cut"))
        if receipt.points + cut - points < 0:
            return None
        return Decision.objects.create(
            receipt=receipt, kind="cut", code=reason, text="算定なし", section=section,
            item=f"{name} {points}×1"[:100], points=-points, made_by=operator.name,
        )  # fmt: skip


def clear_decisions(receipt: ReceivedReceipt) -> int:
    """判断の取消 — of everything the desk decided; what the institution asked (取下げ) stays."""
    count, _ = receipt.decisions.exclude(kind="withdraw").delete()
    return count


def keep_deadline(operator: Operator, *, is_kept: bool) -> None:
    """締切の設定 — whether the 10th and the 12th are held against a sender."""
    DeskSetting.objects.create(is_deadline_kept=is_kept, made_by=operator.name)
