# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る接続機関 — ``POST /platform/v1/token`` gives a token of five minutes; institution and key are looked up with every use.

Cite: RFC 7523 private_key_jwt, RFC 9449 DPoP
"""

from __future__ import annotations

import logging
import time

import asyncpg
import msgspec

from tasuki_server.api.bound_tokens import read_bound_token
from tasuki_server.api.patience import NOBODY
from tasuki_server.api.proofs import WORDS, NoProof, Target
from tasuki_server.api.sender_door import (
    STATUS,
    answer_of,
    check_holder,
    check_sender,
    own_address,
    read_name,
    refusal_body,
)
from tasuki_server.api.token_form import NoToken
from tasuki_server.platform.engine import BASE, Call, Caller, Reply
from tasuki_server.platform.spent import forget_spent, spent

log = logging.getLogger("tasuki.platform")
NAME, PURPOSE = "token", "platform-bound-token"
_JSON = "application/json"
_KEY = """
    SELECT i.id, i.prefecture || i.fee_table || i.code AS number, i.fee_table, i.name, k.public::text AS public
    FROM platform_institutionkey k JOIN platform_connectedinstitution i ON i.id = k.connected_id
    WHERE k.thumbprint = $1 AND k.revoked_at IS NULL AND k.expires_at > now() AND i.revoked_at IS NULL
"""


async def token(call: Call) -> Reply:
    """トークンの発行 — the refusal says why to who builds the system; a stranger learns nothing by it."""
    try:
        told = await _given(call)
    except NoToken as refusal:
        log.info("token refused %s", refusal.code)
        return Reply(STATUS.get(refusal.code, 400), _JSON, refusal_body(refusal))
    return Reply(200, _JSON, msgspec.json.encode(told), (("pragma", "no-cache"),))


async def recognise(call: Call, path: str, plain: str) -> Caller | None:
    """トークンの照合 — of a request: institution and key are usable now, and the proof beside it is its holder's."""
    found = read_bound_token(plain, time.time(), PURPOSE)
    if found is None or call.headers.get("authorization", "")[:5].lower() != "dpop ":
        return None
    row = await _row(call.pool, found.key)
    if row is None:
        return None
    try:
        with call.turn.judged(found.key):
            target = Target(call.method, own_address(call.headers, path))
            proof = check_holder(found, plain, target, call.headers.get("dpop", ""), time.time())
            if not await spent(call.pool, [proof]):
                raise NoProof("replayed")
    except NoProof as wrong:
        log.info("proof refused %s", wrong.why)
        return None
    return Caller(row["id"], row["number"], row["fee_table"], row["name"])


async def _given(call: Call) -> dict[str, object]:
    with call.turn.judged(NOBODY):
        named = read_name(call.body)
    row = await _row(call.pool, named.thumbprint)
    now = time.time()
    with call.turn.judged(NOBODY if row is None else named.thumbprint):
        try:
            address = own_address(call.headers, BASE + NAME)
        except NoProof as wrong:
            raise NoToken("invalid_client", WORDS[wrong.why]) from None
        public = None if row is None else msgspec.json.decode(row["public"])
        shown = check_sender(named, public, address, call.headers.get("dpop", ""), now)
        if not await spent(call.pool, shown.both):
            raise NoToken("invalid_client", WORDS["replayed"])
    await forget_spent(call.pool)
    return answer_of(shown, now, PURPOSE)


async def _row(pool: asyncpg.Pool, thumbprint: str) -> asyncpg.Record | None:
    if "\0" in thumbprint:
        return None
    return await pool.fetchrow(_KEY, thumbprint)
