# SPDX-License-Identifier: Apache-2.0
"""薬価基準収載品目リスト — the ministry's price list, joined to the drugs by 薬価基準収載医薬品コード.

The list prices a listed unit (１０ｍＬ１瓶, １０ｇ); the drug master prices one smallest unit (瓶, ｇ). The
number before the drug's own unit in the specification tells how many smallest units one price buys.

Cite: 使用薬剤の薬価（薬価基準） 平成20年厚生労働省告示第60号
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from tasuki.masters.official.fields import BadField

if TYPE_CHECKING:
    from tasuki.masters.official.fields import Fields

HEADER = ("区分", "薬価基準収載医薬品コード", "成分名", "規格")
_NUMBER = r"(\d+(?:\.\d+)?)"
_HUNDREDTH = Decimal("0.01")


class ListedPrice(NamedTuple):
    """薬価 — the price of one listed unit."""

    code: str
    specification: str
    price: Decimal


def listed_price_of(cells: Fields) -> ListedPrice:
    """薬価リストの行 — one row of the list. Raises :class:`BadField`."""
    if len(cells[1]) != 12:
        raise BadField(2, cells[1], "code of 12")
    try:
        return ListedPrice(cells[1], unicodedata.normalize("NFKC", cells[3]), Decimal(cells[12]))
    except InvalidOperation:
        raise BadField(13, cells[12], "number") from None


def unit_price(listed: ListedPrice, unit_name: str) -> Decimal | None:
    """最小単位の薬価 — the price of one smallest unit, None when the two units do not speak of the same thing.

    >>> unit_price(ListedPrice("", "98.6%10g", Decimal("14.4")), "ｇ")
    Decimal('1.44')
    >>> unit_price(ListedPrice("", "1シート", Decimal("4420")), "錠") is None
    True
    """
    # ｍＬＶ is a millilitre out of a vial; the list writes 1mLバイアル.
    unit = unicodedata.normalize("NFKC", unit_name).removesuffix("V")
    found: list[str] = re.findall(_NUMBER + re.escape(unit), listed.specification) if unit else []
    if not found:
        return None
    price = listed.price / Decimal(found[-1])
    hundredths = price.quantize(_HUNDREDTH)
    # The drug master carries hundredths of a yen; a price that does not fit them is of another unit.
    if price != hundredths:
        return None
    whole = price.to_integral_value()
    return whole.quantize(Decimal(1)) if price == whole else price.normalize()
