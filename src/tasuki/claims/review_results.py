# SPDX-License-Identifier: Apache-2.0
"""審査結果 — 増減点連絡書 read to values, and 振込額明細 and other result files kept row by row.

Months are written with an era (GYYMM). An item equal to the row above is left empty and filled down here.
Of settled claims (fixf), payment slips (fmei) and lists of returns (henr) only the kind is known: their
rows are given as they are, nothing in them is called an amount.

Cite: 増減点連絡書データの項目, as a public reader takes it
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from tasuki.claims.item_values import Month, parse_month
from tasuki.claims.reader import read

if TYPE_CHECKING:
    from collections.abc import Iterator

REASONS = {
    "A": "適応と認められないもの", "B": "過剰・重複と認められるもの", "C": "A・B以外の医学的理由により適当と認められないもの",
    "D": "告示・通知の算定要件に合致しないもの", "F": "固定点数が誤っているもの", "G": "請求点数の集計が誤っているもの",
    "H": "縦計計算が誤っているもの", "K": "その他",
}  # fmt: skip
_AMOUNT = re.compile(r"([-+]?)(¥?)([-+]?)(\d{1,12})")
_DETAILS = frozenset({"3", "4"})
# Items that say whose row it is; the rest of a row stands for itself.
_FILLED_DOWN = (2, 3, 18, 19, 20, 22, 29)


class ResultKind(Enum):
    """結果ファイルの種類 — by the four letters in its name."""

    REVIEW_CUTS = "zogn"
    SETTLED_CLAIMS = "fixf"
    PAYMENT_SLIP = "fmei"
    RETURN_LIST = "henr"


def result_kind(name: str) -> ResultKind | None:
    """結果ファイルの種類 — of a file name, None when it is none of them.

    >>> result_kind("1319999991_zogn_50807.csv"), result_kind("RECEIPTC.UKE")
    (<ResultKind.REVIEW_CUTS: 'zogn'>, None)
    """
    return next((kind for kind in ResultKind if kind.value in name.lower()), None)


@dataclass(frozen=True, slots=True)
class ReviewCut:
    """増減点 — one detail row: whose, what, how many points or yen, why.

    ``points`` or ``yen`` is None when the row speaks of the other, both when its amount cannot be read.
    """

    line: int
    service_month: Month | None
    receipt_number: str
    patient_name: str
    chart_number: str
    section: str
    payer_law: str
    points: int | None
    yen: int | None
    reasons: tuple[str, ...]
    claimed: str
    corrected: str
    search_number: str


def review_cuts(data: bytes) -> tuple[ReviewCut, ...]:
    """増減点連絡書の読取 — the detail rows (kinds 3 and 4), each complete in itself."""
    return tuple(_cuts(data))


def result_rows(data: bytes) -> tuple[tuple[str, ...], ...]:
    """結果ファイルの行 — the items of every row as they stand."""
    return tuple(record.values for record in read(data).records)


def _cuts(data: bytes) -> Iterator[ReviewCut]:
    above: dict[int, str] = {}
    for record in read(data).records:
        if record.id not in _DETAILS:
            continue
        if record.id == "3":
            above = {}
        for number in _FILLED_DOWN:
            if text := record.value(number):
                above[number] = text
        points, yen = _amount(record.value(23))
        yield ReviewCut(
            record.line,
            parse_month(above.get(2, "")),
            above.get(3, ""),
            above.get(18, ""),
            above.get(19, ""),
            above.get(20, ""),
            above.get(22, ""),
            points,
            yen,
            tuple(record.value(24).strip()),
            record.value(26),
            record.value(28),
            above.get(29, ""),
        )


def _amount(text: str) -> tuple[int | None, int | None]:
    found = _AMOUNT.fullmatch(text.strip().replace("\\", "¥"))
    if found is None:
        return None, None
    signed = int(found[4]) * (-1 if "-" in (found[1], found[3]) else 1)
    return (None, signed) if found[2] else (signed, None)
