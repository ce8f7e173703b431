# SPDX-License-Identifier: Apache-2.0
"""誤りの植え方 — what a kind of error is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.generate.covers import ANY_PERSON, Shape

if TYPE_CHECKING:
    from random import Random

    from tasuki.claims.generate.pool import Pool
    from tasuki.claims.generate.receipts import MadeReceipt


class Planting(NamedTuple):
    """植える場所 — a faultless receipt, and what an error is chosen from."""

    random: Random
    pool: Pool
    receipt: MadeReceipt
    claim_month: str


# Changes the receipt; the codes added, or None where the masters have no row for such an error.
Act = Callable[[Planting], tuple[str, ...] | None]


class Kind(NamedTuple):
    """誤りの種類 — its name, the finding it must bring, how it is planted, and in whose receipt.

    ``is_beside`` is an error that shows only against what stands beside the receipt.
    """

    name: str
    expected: str
    act: Act
    shape: Shape = ANY_PERSON
    is_beside: bool = False
