# SPDX-License-Identifier: Apache-2.0
"""資格確認レコードの作成 — SN of a claim from an answer of オンライン資格確認."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.codes import CONFIRMED_AT_COUNTER, INSURER_BEARER
from tasuki.claims.writer import compose
from tasuki.eligibility.numbers import PayerKind, read_payer_number

if TYPE_CHECKING:
    from tasuki.claims.writer import Composed
    from tasuki.eligibility.answer import Qualification


def confirmation_record(qualification: Qualification, owner: str = "") -> Composed:
    """資格確認レコードの作成 — bearer, 確認区分 01 and the branch number; the rest is the payer's to fill.

    後期高齢者医療 has no branch number.

    Cite: 記録条件仕様（医科用） 資格確認レコード
    """
    number = read_payer_number(qualification.insurer_number)
    has_branch = number is None or number.kind is not PayerKind.LATE_ELDERLY
    branch = qualification.branch.strip()
    return compose(
        "SN",
        {
            "bearer_kind": INSURER_BEARER,
            "confirmation": CONFIRMED_AT_COUNTER,
            "branch": branch.zfill(2) if has_branch and branch else "",
        },
        owner,
    )
