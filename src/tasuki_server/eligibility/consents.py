# SPDX-License-Identifier: Apache-2.0
"""閲覧の同意 — given at the reader, on a visit or online; what is open for whom, and until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from tasuki.eligibility.answer import Consent
from tasuki.eligibility.elements import CONSENTS
from tasuki_server.eligibility.models import ConsentWay
from tasuki_server.institutions.ids import new_id

HOURS = 24
DISEASES = "SpecificDiseasesCertificateRelated"
# 医療費助成: 提供する・提供しない; an answer does not say which was chosen.
SUBSIDY = "MedicalSubsidy"
KINDS = (*(name for name, _ in CONSENTS), DISEASES, SUBSIDY)
TERMS = dict(CONSENTS)
# Asked of everyone at the reader; the others only where the reader knows them.
ALWAYS = 4

_KEEP = """
    INSERT INTO eligibility_consentrow
      (id, caller_id, person_id, way, given, prescription, given_at, until_at, cancelled_at)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, NULL)
"""
_CANCEL = """
    UPDATE eligibility_consentrow SET cancelled_at = $4
    WHERE caller_id = $1 AND person_id = $2 AND way = $3 AND cancelled_at IS NULL
"""
_OPEN = """
    SELECT way, given::text, given_at, until_at FROM eligibility_consentrow
    WHERE caller_id = $1 AND person_id = $2 AND cancelled_at IS NULL
      AND (given_at > $3 OR until_at IS NULL) ORDER BY given_at DESC
"""


class Given(NamedTuple):
    """与えられた同意 — the kinds, when, and until when; none for as long as visits go on."""

    way: str
    kinds: frozenset[str]
    given_at: datetime
    until_at: datetime | None

    def until(self, at: datetime) -> datetime:
        """閲覧有効期限 — a relation that goes on opens for a day from each time it is asked about."""
        return self.until_at or at + timedelta(hours=HOURS)


def end_of(given_at: datetime, way: str) -> datetime | None:
    """閲覧有効期限 — a day at the reader; a visit to the home or online has none until it is cancelled.

    >>> end_of(datetime(2026, 11, 30, 8), "1"), end_of(datetime(2026, 11, 30, 8), "2")
    (datetime.datetime(2026, 12, 1, 8, 0), None)
    """
    return given_at + timedelta(hours=HOURS) if way == ConsentWay.READER else None


async def keep_consent(
    connection: asyncpg.Connection, caller: UUID, person: UUID, given: Given, prescription: str
) -> None:
    """同意の記録 — a new one of visits takes the place of the one before."""
    if given.way != ConsentWay.READER:
        await cancel_consent(connection, caller, person, given.way, given.given_at)
    kinds = msgspec.json.encode(sorted(given.kinds)).decode()
    await connection.execute(
        _KEEP, new_id(), caller, person, given.way, kinds, prescription, given.given_at, given.until_at
    )


async def cancel_consent(
    connection: asyncpg.Connection, caller: UUID, person: UUID, way: str, at: datetime
) -> None:
    """同意の取消 — of visits; what was seen stays in the record of use."""
    await connection.execute(_CANCEL, caller, person, way, at)


async def consents_of(
    connection: asyncpg.Connection, caller: UUID, person: UUID, at: datetime
) -> list[Given]:
    """同意の参照 — those of one institution that were not cancelled, the newest first, ended ones too."""
    # A year back is long enough to say that a consent has ended; visits go on however long ago they began.
    rows = await connection.fetch(_OPEN, caller, person, at - timedelta(days=366))
    return [
        Given(way, frozenset(msgspec.json.decode(given, type=list[str])), given_at, until_at)
        for way, given, given_at, until_at in rows
    ]


def consent_values(given: Given, at: datetime, offered: Collection[str]) -> tuple[Consent, ...]:
    """同意の一覧 — as an answer gives them: those every reader asks, and those that were offered."""
    made = []
    for place, (name, term) in enumerate(CONSENTS):
        if name in given.kinds:
            made.append(Consent(name, term, True, given.given_at, given.until(at)))
        elif place < ALWAYS or name in offered:
            made.append(Consent(name, term, False, None, None))
    return tuple(made)
