# SPDX-License-Identifier: Apache-2.0
"""短期トークン — an access token of a few minutes, good only beside proofs of the key it was made for.

It is a signed statement and no row: what it names (the client, the client's key) is looked up with each use, so whoever
is revoked is out at the next request although the token has not run out.

Cite: RFC 9068 JWT access tokens, RFC 7800 cnf, RFC 9449 6 Public Key Confirmation
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tasuki_server.database.places import installation_secrets

TOKEN_SECONDS = 300
PURPOSE = "api-bound-token"
TYPE = "at+jwt"
# Made and read by this installation alone, so one secret key does; it is of no other kind than a client's keys.
_ALGORITHM = "HS256"
_NAME = re.compile(r"tsc_([A-Za-z0-9_-]{22})_([A-Za-z0-9_-]{22})")
LONGEST = 2048


class BoundToken(NamedTuple):
    """短期トークンの内容 — whose, by which of its keys, for what, and for the holder of which key."""

    client_id: str
    key: str
    scopes: frozenset[str]
    bound_to: str
    expires_at: datetime


class ClientName(NamedTuple):
    """接続先の番号の内容 — the institution, and the client in it."""

    institution_id: UUID
    client_id: UUID


def client_name(institution_id: UUID, client_id: UUID) -> str:
    """接続先の番号 — names the institution too, so that the client is looked for among that institution's rows only."""
    return "tsc_" + "_".join(
        base64.urlsafe_b64encode(each.bytes).rstrip(b"=").decode() for each in (institution_id, client_id)
    )


def named_client(text: str) -> ClientName | None:
    """接続先の番号の読取り — None for anything else."""
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    return ClientName(*(UUID(bytes=base64.urlsafe_b64decode(each + "==")) for each in found.groups()))


def make_bound_token(
    client_id: str, key: str, scopes: frozenset[str], bound_to: str, now: int, purpose: str = PURPOSE
) -> str:
    """短期トークンの発行 — for the holder of the key ``bound_to``; what one door makes, no other door reads (``purpose``)."""
    said = {
        "sub": client_id,
        "key": key,
        "scope": " ".join(sorted(scopes)),
        "cnf": {"jkt": bound_to},
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": secrets.token_urlsafe(9),
    }
    header = {"alg": _ALGORITHM, "typ": TYPE}
    return jws.serialize_compact(header, json.dumps(said).encode(), _secret(purpose), algorithms=[_ALGORITHM])


def read_bound_token(text: str, now: float, purpose: str = PURPOSE) -> BoundToken | None:
    """短期トークンの読取り — None for what this installation did not make, or what has run out."""
    if len(text) > LONGEST:
        return None
    try:
        found = jws.deserialize_compact(text, _secret(purpose), algorithms=[_ALGORITHM])
    except (JoseError, ValueError, TypeError):
        return None
    if found.headers().get("typ") != TYPE:
        return None
    said = json.loads(found.payload)
    if not said["iat"] <= now + 1 or now >= said["exp"]:
        return None
    ends = datetime.fromtimestamp(said["exp"], UTC)
    return BoundToken(said["sub"], said["key"], frozenset(said["scope"].split()), said["cnf"]["jkt"], ends)


@lru_cache(maxsize=4)
def _key_from(derived: bytes) -> OctKey:
    return OctKey.import_key(derived)


def _secret(purpose: str) -> OctKey:
    return _key_from(installation_secrets().derived(purpose))
