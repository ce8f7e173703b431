# SPDX-License-Identifier: Apache-2.0
"""薬価の適用 — a price list laid over the dated drug rows, from the price revision it belongs to.

A list of 14 August shows the prices of that day. A drug whose price a difference file changed after
the April revision carries its former price in column 25, which is the price of the days between.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.masters.official.fields import decimal
from tasuki.masters.official.price_list import unit_price
from tasuki.masters.revisions import price_revision_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tasuki.masters.official.history import Dated
    from tasuki.masters.official.price_list import ListedPrice

_PRICE, _FORMER, _UNIT, _LIST_CODE, _ELECTIVE = 12, 25, 10, 32, 42


def reprice(
    rows: list[Dated], prices: Mapping[str, ListedPrice], listed_on: date
) -> tuple[list[Dated], list[date | None]]:
    """薬価の適用 — the rows of one drug with the list's price, and for each the list it came from.

    選定療養 twins are left alone: their price is the drug's less the part moved to the patient.
    """
    origins: list[date | None] = [None] * len(rows)
    last = rows[-1].fields
    listed = prices.get(last[_LIST_CODE - 1])
    if listed is None or (len(last) >= _ELECTIVE and last[_ELECTIVE - 1] == "2"):
        return rows, origins
    price = unit_price(listed, last[_UNIT - 1])
    if price is None:
        return rows, origins
    since = price_revision_on(listed_on)
    rows = _split(rows, since)
    changes = [
        at
        for at in range(1, len(rows))
        if rows[at].since > since and rows[at].fields[_PRICE - 1] != rows[at - 1].fields[_PRICE - 1]
    ]
    before_list = [at for at in changes if rows[at].since <= listed_on]
    after_list = [at for at in changes if rows[at].since > listed_on]
    made: list[Dated] = []
    origins = []
    for at, row in enumerate(rows):
        pending = next((change for change in before_list if change > at), None)
        if row.since < since or any(change <= at for change in after_list):
            made.append(row)
            origins.append(None)
        elif pending is not None:
            former = rows[pending].fields[_FORMER - 1] or "0"
            is_known = Decimal(former) > 0
            made.append(_priced(row, decimal([former], 1)) if is_known else row)
            origins.append(rows[pending].since if is_known else None)
        else:
            made.append(_priced(row, price))
            origins.append(listed_on)
    return made, origins


def _split(rows: list[Dated], on: date) -> list[Dated]:
    """改定日での分割 — the row in force on the day becomes two."""
    before = [row for row in rows if row.since < on]
    after = [row for row in rows if row.since >= on]
    if before and (not after or after[0].since > on):
        after.insert(0, before[-1]._replace(since=on))
    return before + after


def _priced(row: Dated, price: Decimal) -> Dated:
    fields = list(row.fields)
    fields[_PRICE - 1] = str(price)
    return row._replace(fields=fields)
