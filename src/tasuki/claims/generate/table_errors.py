# SPDX-License-Identifier: Apache-2.0
"""電子点数表の誤り — acts added that a row of the table forbids.

The row is chosen from the Book, so that they exist with any masters that have such a row.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tasuki.claims.generate.lines import act_line
from tasuki.claims.generate.planting import Kind, Planting
from tasuki.claims.tables.masters import EXCLUSION, INCLUSION

if TYPE_CHECKING:
    from tasuki.claims.generate.pool import Pool
    from tasuki.claims.tables.masters import Limit, Pair

# Name, kind of table (3 is 算定回数), window or span, whether 特例, and the finding.
_TABLE_ROWS = (
    ("背反（1日）", EXCLUSION, 1, 0, "UKE-T-11"), ("背反（同一月）", EXCLUSION, 2, 0, "UKE-T-12"),
    ("背反（同時）", EXCLUSION, 3, 0, "UKE-T-13"), ("背反（1週）", EXCLUSION, 4, 0, "UKE-T-14"),
    ("背反（同一月、特例）", EXCLUSION, 2, 1, "UKE-T-12"), ("包括（1日）", INCLUSION, 1, 0, "UKE-T-21"),
    ("包括（同一月）", INCLUSION, 2, 0, "UKE-T-22"), ("包括（同時）", INCLUSION, 3, 0, "UKE-T-23"),
    ("回数（日）", 3, 1, 0, "UKE-T-31"), ("回数（週）", 3, 2, 0, "UKE-T-33"), ("回数（2週）", 3, 3, 0, "UKE-T-34"),
    ("回数（月）", 3, 4, 0, "UKE-T-32"), ("回数（月、特例）", 3, 4, 1, "UKE-T-32"),
    ("回数（患者当り・初回）", 3, 6, 0, "UKE-T-37"),
)  # fmt: skip


def _forbidden_pair(wanted: tuple[int, int, int], at: Planting) -> tuple[str, ...] | None:
    pool = at.pool
    pairs = [
        row for row in pool.pairs if (row.kind, row.win, row.is_special) == wanted and _is_single(pool, row)
    ]
    if not pairs:
        return None
    alone = [pair for pair in pairs[:400] if _is_alone(at, pair.code, pair.other)]
    pair: Pair = at.random.choice(alone or pairs[:400])
    codes = (str(pair.code), str(pair.other))
    for code in codes:
        at.receipt.add(act_line("80", code, pool.points[int(code)], {at.receipt.visit_days[0]: 1}))
    at.receipt.close()
    return codes


def _is_single(pool: Pool, pair: Pair) -> bool:
    """Whether nothing but this row speaks about the two codes, so that the finding is the one expected."""
    return pool.between[frozenset((pair.code, pair.other))] == 1


def _is_alone(at: Planting, *codes: int) -> bool:
    """Whether no row speaks about the codes and what the receipt holds: a fee that 初診料 contains is told as that."""
    here = {int(row[3]) for row in at.receipt.of("SI") if row[3].isdigit()}
    return not any(frozenset((code, other)) in at.pool.between for code in codes for other in here)


def _over_limit(span: int, is_special: int, at: Planting) -> tuple[str, ...] | None:
    limits = [
        row
        for row in at.pool.limits
        if row.span == span and row.is_special == is_special and row.most < 9 and row.months < 2
    ]
    if not limits:
        return None
    limit: Limit = at.random.choice([row for row in limits if _is_alone(at, row.code)] or limits)
    code, day = str(limit.code), at.receipt.visit_days[0]
    at.receipt.add(act_line("80", code, at.pool.points[limit.code], {day: limit.most + 1}))
    at.receipt.close()
    return (code,)


TABLE_KINDS = tuple(
    Kind(
        name,
        expected,
        partial(_over_limit, window, is_special)
        if family == 3
        else partial(_forbidden_pair, (family, window, is_special)),
    )
    for name, family, window, is_special, expected in _TABLE_ROWS
)
