# SPDX-License-Identifier: Apache-2.0
"""使用済みの証明 — a proof or an assertion serves once at the services of the platform, in every process."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from tasuki_server.api.proofs import Proof

# One table for every service: a proof names its key and its number, whatever it was shown for.
_SPEND = """
    INSERT INTO exchange_spentproof (digest, expires_at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
    ON CONFLICT (digest) DO NOTHING RETURNING digest
"""
_FORGET = "DELETE FROM exchange_spentproof WHERE expires_at < now() - interval '1 minute'"


async def spent(pool: asyncpg.Pool, proofs: list[Proof]) -> bool:
    """証明の使用 — False when one of them was used before, in any process."""
    digests = [each.digest for each in proofs]
    ends = [datetime.fromtimestamp(each.expires_at, UTC) for each in proofs]
    fresh = await pool.fetch(_SPEND, digests, ends)
    return len(fresh) == len(proofs)


async def forget_spent(pool: asyncpg.Pool) -> None:
    """使用済みの証明の掃除 — those that time alone refuses by now."""
    await pool.execute(_FORGET)
