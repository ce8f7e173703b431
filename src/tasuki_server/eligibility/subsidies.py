# SPDX-License-Identifier: Apache-2.0
"""医療費助成の受給者証 — of PMH, given with the card to whoever may have them; numbers pass unchanged."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import asyncpg

from tasuki.eligibility.answer import MedicalSubsidy
from tasuki.eligibility.times import day_text

_OF_PERSON = """
    SELECT payer_number, recipient_number, certificate_name, since_on, until_on, most_yen, is_reimbursed
    FROM eligibility_subsidyrow WHERE person_id = $1 AND NOT is_deleted AND since_on <= $2
      AND (until_on IS NULL OR $2 <= until_on) ORDER BY payer_number, since_on
"""


async def subsidies_of(connection: asyncpg.Connection, person: UUID, day: date) -> tuple[MedicalSubsidy, ...]:
    """受給者証の参照 — those that count on a day."""
    return tuple(subsidy_value(*row) for row in await connection.fetch(_OF_PERSON, person, day))


def subsidy_value(
    payer: str, recipient: str, name: str, since: date, until: date | None, most: int | None, reimbursed: bool
) -> MedicalSubsidy:
    """受給者証の値 — from its row, with the items of the message."""
    items = (
        ("MedicalSubsidyInsurerNumber", payer),
        ("MedicalSubsidyRecipientNumber", recipient),
        ("CertificationName", name),
        ("ValidFrom", day_text(since)),
        ("ValidTo", day_text(until) if until else ""),
        ("MaxCopaymentAmount", "" if most is None else str(most)),
        ("IsAlwaysReimbursement", "1" if reimbursed else "0"),
    )
    filled = tuple((key, text) for key, text in items if text)
    return MedicalSubsidy(payer, recipient, name, since, until, most, reimbursed, filled)
