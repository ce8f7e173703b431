# SPDX-License-Identifier: Apache-2.0
"""併用禁忌の知識 — the one place where this service asks what must not be given together: the tables of the library."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from tasuki.prescriptions.safety import Tier, starter_knowledge


@lru_cache(maxsize=100_000)
def contraindicated(first: str, second: str, on: date) -> str:
    """併用禁忌の判定 — why two drugs must not be given together on a day, "" where the tables say nothing of it.

    >>> contraindicated("2149117F1026", "2171022F1010", date(2026, 11, 30))
    ''
    """
    knowledge = starter_knowledge()
    one, other = knowledge.profile("", first), knowledge.profile("", second)
    for token in sorted(one.partners.keys() & other.tokens):
        for row in one.partners[token]:
            if row.tier is Tier.STOP and on in row.validity:
                return f"併用禁忌: {row.text}" if row.text else "併用禁忌の組合せです"
    return ""
