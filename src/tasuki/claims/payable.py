# SPDX-License-Identifier: Apache-2.0
"""審査支払機関の支払額 — what insurer and programmes owe for one receipt, read from the receipt alone.

The patient's share is not rounded to ten yen here: that rounding is the counter's, not the payers'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.receipt_type import Group, Holder

if TYPE_CHECKING:
    from tasuki.claims.receipt import Receipt

YEN_PER_POINT = 10
_TWENTY = frozenset({Holder.PRESCHOOL, Holder.ELDER})
# 特記事項 41 区カ: 後期高齢者の一般Ⅱ, two tenths.
_GENERAL_TWO = "41"


def share_percent(receipt: Receipt) -> int | None:
    """負担割合 — of the insured share, None when the type of receipt is unknown or has no insurer.

    給付割合 stands first where it is recorded (国保); then the type, and 区カ for 後期高齢者 of two tenths.

    Cite: 健康保険法 第74条, 高齢者の医療の確保に関する法律 第67条, 記録条件仕様（医科用） 別表5・特記事項
    """
    kind = receipt.type
    if kind is None or not kind.has_insurer:
        return None
    benefit = receipt.header.benefit_percent
    if benefit is not None:
        return 100 - benefit
    if kind.group is Group.LATE_ELDERLY and kind.holder is Holder.ELDER:
        return 20 if _GENERAL_TWO in receipt.header.special_notes else 10
    return 20 if kind.holder in _TWENTY else 30


def payable_yen(receipt: Receipt, cut_points: int = 0) -> int | None:
    """支払額 — of insurer and programmes together after ``cut_points`` were assessed away; None when unreadable.

    An amount that the receipt states (負担金額, 公費給付対象一部負担金) is taken as stated and does not move
    with a cut: the cut then falls on the payers. Without one the share is its percentage of the fee. A programme
    pays the insured share of its own part less what it leaves to the patient; where several stand on one receipt
    the later ones pay of what the earlier left.

    Cite: 診療報酬請求書等の記載要領 一部負担金額・公費負担金額
    """
    insurer = receipt.insurer
    if insurer is None:
        return _programmes_alone(receipt, cut_points)
    percent = share_percent(receipt)
    if percent is None or insurer.total_points is None:
        return None
    full = (insurer.total_points - cut_points) * YEN_PER_POINT
    share = insurer.share_yen
    if share is None:
        share = full * percent // 100
    paid = full - share
    left: int | None = None
    for programme in receipt.programmes:
        if programme.total_points is None:
            return None
        base = programme.outpatient_share_yen
        if base is None:
            base = max(programme.total_points - cut_points, 0) * YEN_PER_POINT * percent // 100
        if left is not None:
            base = min(base, left)
        left = min(programme.share_yen or 0, base)
        paid += base - left
    return paid


def _programmes_alone(receipt: Receipt, cut_points: int) -> int | None:
    paid = 0
    left: int | None = None
    for programme in receipt.programmes:
        if programme.total_points is None:
            return None
        base = (programme.total_points - cut_points) * YEN_PER_POINT
        if left is not None:
            base = min(base, left)
        left = min(programme.share_yen or 0, base)
        paid += base - left
    return paid if receipt.programmes else None
