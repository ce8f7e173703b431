# SPDX-License-Identifier: Apache-2.0
"""植える誤り — every kind of error: what it changes in a faultless receipt, and the finding it must bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.generate.beside_errors import BESIDE_KINDS
from tasuki.claims.generate.content_errors import CONTENT_KINDS
from tasuki.claims.generate.form_errors import FORM_KINDS
from tasuki.claims.generate.planting import Kind, Planting
from tasuki.claims.generate.points_errors import POINTS_KINDS
from tasuki.claims.generate.table_errors import TABLE_KINDS

if TYPE_CHECKING:
    from random import Random

    from tasuki.claims.generate.pool import Pool
    from tasuki.claims.generate.receipts import MadeReceipt

KINDS: tuple[Kind, ...] = (*FORM_KINDS, *TABLE_KINDS, *POINTS_KINDS, *CONTENT_KINDS, *BESIDE_KINDS)


def plant(
    random: Random, pool: Pool, receipt: MadeReceipt, kind: Kind, claim_month: str
) -> tuple[str, ...] | None:
    """誤りを植える — changes the receipt; gives the codes added, or None where the masters know no such row."""
    return kind.act(Planting(random, pool, receipt, claim_month))
