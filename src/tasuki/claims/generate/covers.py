# SPDX-License-Identifier: Apache-2.0
"""架空の保険 — the cards of made-up people, and what an error asks of the person it is planted in."""

from __future__ import annotations

from typing import NamedTuple

RARE_PAYER, RARE_RECIPIENT = "54136015", "1234566"


class Cover(NamedTuple):
    """架空の保険 — receipt type, card, ages, how many of a hundred receipts, and the share it asks."""

    receipt_type: str
    insurer: str
    symbol: str
    youngest: int
    oldest: int
    share: int
    kind: str
    percent: int


class Shape(NamedTuple):
    """レセプトの条件 — what an error needs of the receipt it is planted in; empty or 0 leaves it to chance."""

    is_first: bool | None = None
    fewest_visits: int = 1
    types: tuple[str, ...] = ()


ANY_PERSON = Shape()
WORKING, ELDERLY, WITH_PROGRAMME = ("1112", "1116"), ("1118", "1318"), ("1122",)

# By 審査支払機関: 支払基金 pays for employees, 国保連 for everybody else; share is of a hundred receipts.
COVERS: dict[str, tuple[Cover, ...]] = {
    "1": (
        Cover("1112", "01130012", "12345678", 20, 66, 62, "employees", 30),
        Cover("1116", "06132013", "1234", 20, 66, 28, "employees", 30),
        Cover("1118", "01130012", "12345678", 71, 72, 4, "employees", 20),
        Cover("1122", "01130012", "12345678", 20, 66, 6, "employees", 30),
    ),
    "2": (
        Cover("1112", "  138057", "13", 20, 66, 42, "national", 30),
        Cover("1122", "  138057", "13", 20, 66, 3, "national", 30),
        Cover("1318", "39131156", "", 77, 94, 40, "late_elderly", 10),
        Cover("1118", "  138057", "13", 71, 72, 15, "national", 20),
    ),
}  # fmt: skip


def card_of(cover: Cover, number: str) -> dict[str, object]:
    """資格の控え — of a card, as the file of patients has it."""
    return {
        "kind": cover.kind, "insurer_number": cover.insurer.strip(), "symbol": cover.symbol, "number": number,
        "share_percent": cover.percent, "validity": {"since": "2020-04-01", "until": None},
    }  # fmt: skip
