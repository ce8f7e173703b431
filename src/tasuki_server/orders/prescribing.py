# SPDX-License-Identifier: Apache-2.0
"""処方の指示 — 残薬, 分割, 変更不可・患者希望 of a drug order: how they change it, and how they are told.

Cite: 保険医療機関及び保険医療養担当規則 第20条・第23条
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace

from tasuki.calculation.copayment.elective import ElectiveCharge
from tasuki.calculation.payers.elective_lines import CHARGED_KINDS, WISHED, brand_twin
from tasuki.chart.orders import BrandReason, Dispensing, Item, Order, OrderKind, ResidualAction
from tasuki.masters.book import DayBook
from tasuki.masters.rows import Drug
from tasuki_server.orders.labels import COUNT_UNITS
from tasuki_server.orders.unreadable import UnreadableText

FEWEST_PARTS, MOST_PARTS = 2, 3
BRAND_LABELS = {BrandReason.NEED: "変更不可（医療上必要）", BrandReason.WISH: "先発品（患者希望）"}
RESIDUAL_LABELS = {
    ResidualAction.INQUIRE: "疑義照会した上で調剤",
    ResidualAction.INFORM: "減量した上で情報提供",
}
_SEPARATORS = re.compile(r"[-‐－ー・,、/+ ]+")


def with_leftover(order: Order, days: int) -> Order:
    """残薬の調整 — the days become fewer by what is left; another number counts from the days before any.

    Raises :class:`UnreadableText` when nothing would be left to give.
    """
    whole = order.count + order.leftover_count
    if days >= whole:
        unit = COUNT_UNITS[order.kind]
        raise UnreadableText(
            f"残薬{days}{unit}は{whole}{unit}以上です。足りているなら、この剤を削除してください。"
        )
    changed = replace(order, leftover_count=days, leftover_reason=order.leftover_reason if days else "")
    return with_count(changed, whole - days)


def with_count(order: Order, count: int) -> Order:
    """日数の変更 — a split order is split evenly anew, or no more where it is too short."""
    parts = len(order.split_counts)
    if count == order.count or not parts:
        return replace(order, count=count)
    return replace(order, count=count, split_counts=even_parts(count, parts) if count >= parts else ())


def with_typed_count(order: Order, count: int) -> Order:
    """日数の入れ直し — days typed are the days given: what was taken off them for what is left is given up."""
    if count == order.count:
        return order
    return with_count(replace(order, leftover_count=0, leftover_reason=""), count)


def leftover_given_up(before: Order, after: Order) -> str:
    """残薬調整の取消の案内 — said on the page when days were typed anew; "" when nothing was given up."""
    if not before.leftover_count or after.leftover_count:
        return ""
    unit = COUNT_UNITS[before.kind]
    return (
        f"{after.count}{unit}に入れ直したため、残薬{before.leftover_count}{unit}の調整を外しました。"
        "残薬があるときは、残薬の欄に入れ直してください。"
    )


def with_split(order: Order, text: str) -> Order:
    """分割指示 — 「3」 in three even parts, 「30-30-14」 as it says, nothing for none.

    Raises :class:`UnreadableText` unless the parts are two or three and make the whole.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if folded in ("", "0"):
        return replace(order, split_counts=())
    said = [each for each in _SEPARATORS.split(folded) if each]
    if not all(each.isascii() and each.isdecimal() and len(each) <= 3 for each in said):
        raise UnreadableText("分割は「3」（3等分）か「30-30-14」のように入れてください。")
    numbers = [int(each) for each in said]
    is_count = len(numbers) == 1
    parts = even_parts(order.count, numbers[0]) if is_count and 0 < numbers[0] <= order.count else ()
    parts = tuple(numbers) if not is_count else parts
    unit = COUNT_UNITS[order.kind]
    if not FEWEST_PARTS <= len(parts) <= MOST_PARTS:
        raise UnreadableText(f"分割は{FEWEST_PARTS}回から{MOST_PARTS}回までです。")
    if min(parts) < 1 or sum(parts) != order.count:
        raise UnreadableText(f"分割の合計{sum(parts)}{unit}が、全体の{order.count}{unit}と合いません。")
    return replace(order, split_counts=parts)


def even_parts(count: int, parts: int) -> tuple[int, ...]:
    """等分 — what cannot be shared evenly goes to the first parts.

    >>> even_parts(90, 3), even_parts(28, 3)
    ((30, 30, 30), (10, 9, 9))
    """
    each, rest = divmod(count, parts)
    return tuple(each + (place < rest) for place in range(parts))


def with_brands_settled(order: Order, book: DayBook) -> Order:
    """選定療養のコードの選択 — dispensed here, a brand the patient wishes is its twin; a prescription names the ordinary one.

    Whoever orders the twin says by it that the patient wishes the brand, also where an older order gave no reason.
    """
    return replace(order, items=tuple(_settled(item, order, book) for item in order.items))


def _settled(item: Item, order: Order, book: DayBook) -> Item:
    drug = _drug_of(item, book)
    if drug is None:
        return item
    is_outside = order.dispensing is Dispensing.OUTSIDE
    if not _is_twin(drug):
        twin = None if is_outside or item.brand is not BrandReason.WISH else brand_twin(book, item.code)
        return item if twin is None else replace(item, code=twin.code)
    if is_outside:
        brand = None if item.is_generic_name else item.brand or BrandReason.WISH
        return replace(item, code=drug.elective_pair, brand=brand)
    if item.brand is BrandReason.NEED or order.kind not in CHARGED_KINDS:
        return replace(item, code=drug.elective_pair)
    return replace(with_reason(item, drug, order), is_generic_name=False)


def with_reason(item: Item, drug: Drug, order: Order) -> Item:
    """先発品の理由 — a twin dispensed here without a reason says that the patient wishes the brand: so the bill reads it."""
    is_charged = order.kind in CHARGED_KINDS and order.dispensing is not Dispensing.OUTSIDE
    if item.brand is not None or not _is_twin(drug) or not is_charged:
        return item
    return replace(item, brand=BrandReason.WISH)


def without_wish(item: Item, book: DayBook) -> Item:
    """患者希望の取消 — the reason is taken back on purpose, and the twin becomes the ordinary code."""
    drug = _drug_of(item, book)
    code = drug.elective_pair if drug is not None and _is_twin(drug) else item.code
    return replace(item, code=code, brand=None)


def _drug_of(item: Item, book: DayBook) -> Drug | None:
    return next((each for each in book.book.drugs.get(item.code, ()) if book.day in each.validity), None)


def _is_twin(drug: Drug) -> bool:
    return drug.elective_kind == WISHED and bool(drug.elective_pair)


def as_ordered_again(order: Order) -> Order:
    """次の処方への写し — of the whole days, and without what is decided for one prescription alone.

    What was left over then is not left over now; 分割, リフィル and 残薬確認時の対応 the doctor chooses anew.
    """
    return replace(
        order, count=order.count + order.leftover_count, leftover_count=0, leftover_reason="",
        split_counts=(), is_refill=False, refill_count=0, residual_action=None,
    )  # fmt: skip


def prescribing_lines(order: Order) -> list[str]:
    """処方の指示の文 — for the record and its prints, one a line."""
    said = []
    if order.leftover_count:
        said.append(f"残薬調整: {leftover_text(order)}")
    if order.split_counts:
        said.append(f"分割指示: {split_text(order)}")
    if order.is_refill:
        said.append(f"リフィル: {order.refill_count}回")
    if order.residual_action is not None:
        said.append(f"残薬確認時: {RESIDUAL_LABELS[order.residual_action]}")
    return said


def leftover_text(order: Order) -> str:
    """残薬調整の文 — how many days became how many, by what, and why."""
    unit = COUNT_UNITS[order.kind]
    whole = order.count + order.leftover_count
    return (
        f"残薬{order.leftover_count}{unit}のため{whole}{unit}→{order.count}{unit}（{order.leftover_reason}）"
    )


def split_text(order: Order) -> str:
    """分割指示の文 — in how many parts, and how much each."""
    unit = COUNT_UNITS[order.kind]
    return f"{len(order.split_counts)}回（" + "、".join(f"{each}{unit}" for each in order.split_counts) + "）"


def prescribing_faults(order: Order) -> Iterable[tuple[str, str]]:
    """処方の指示の未完 — the field, and what is to be done."""
    if order.leftover_count and not order.leftover_reason.strip():
        yield "leftover_reason", "残薬で日数を減らした理由を入れてください。"
    if order.split_counts and sum(order.split_counts) != order.count:
        yield "split", "分割の合計が全体の日数・回数と合いません。入れ直してください。"
    if order.split_counts and order.is_refill:
        yield "split", "リフィルと分割は同時に指示できません。どちらかを外してください。"
    if (order.split_counts or order.is_refill) and order.dispensing is not Dispensing.OUTSIDE:
        yield "split", "リフィルと分割は院外処方だけに指示できます。外すか、院外にしてください。"
    if order.split_counts and order.kind is OrderKind.EXTERNAL:
        yield "split", "外用は1回の量で数えるため、分割を指示できません。分割を外してください。"


def brand_told(
    item: Item,
    row: Drug | None,
    charge: ElectiveCharge | None,
    order: Order,
    is_on_welfare: Callable[[], bool],
) -> str:
    """長期収載品の案内 — what the patient pays beside insurance for the brand, with its tax; "" for another drug."""
    if row is None or charge is None or item.is_generic_name:
        return ""
    yen = f"{charge.total_yen:,}円（税込、うち消費税{charge.tax_yen:,}円）"
    where = "薬局で" if order.dispensing is Dispensing.OUTSIDE else "会計で"
    if item.brand is BrandReason.NEED:
        return "長期収載品: 医療上必要のため特別の料金はありません。"
    if is_on_welfare():
        return "長期収載品: 生活保護・中国残留邦人等の患者は先発品を希望できません。後発品か、医療上必要を選んでください。"
    if item.brand is BrandReason.WISH:
        return f"長期収載品（患者希望）: {where}特別の料金 {yen}がかかります。"
    return f"長期収載品: 患者が先発品を希望すると、{where}特別の料金 {yen}がかかります。"
