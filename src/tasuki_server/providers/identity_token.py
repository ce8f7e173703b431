# SPDX-License-Identifier: Apache-2.0
"""身元トークンの検査 — an identity token is for us, of this provider, of this sign-in, signed, and young.

Cite: OpenID Connect Core 1.0 3.1.3.7 ID Token Validation
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

ALGORITHMS = ("RS256", "PS256", "ES256")
LONGEST = 16 * 1024
LONGEST_SUBJECT = 255
SKEW_SECONDS = 60
# A token that lives longer than this tells of a provider that is not set up for signing in.
LONGEST_SECONDS = 24 * 3600


class NotProven(Exception):
    """身元の不備 — ``why`` is a code of :data:`.flow.REASONS`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class KeyUnknown(NotProven):
    """知らない鍵 — the provider may have changed its keys since they were asked for."""


def subject_of(
    token: str, keys: dict[str, Any], *, issuer: str, client_id: str, nonce: str, now: float
) -> str:
    """身元トークンの検査 — answers whom the provider names (``sub``). Raises :class:`NotProven`.

    The algorithm is one of ours and fits the kind of key: neither ``none`` nor a secret made of a public key passes.
    """
    said = _signed(token, keys)
    _hold(said.get("iss") == issuer, "issuer")
    audience = said.get("aud")
    _hold(audience == client_id or audience == [client_id], "audience")
    _hold(said.get("azp", client_id) == client_id, "audience")
    ends, made = _instant(said.get("exp")), _instant(said.get("iat"))
    _hold(now - SKEW_SECONDS < ends and made <= now + SKEW_SECONDS, "time")
    _hold(ends - made <= LONGEST_SECONDS and now - made <= LONGEST_SECONDS, "time")
    _hold(_instant(said.get("nbf", made)) <= now + SKEW_SECONDS, "time")
    given = said.get("nonce")
    _hold(
        isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), nonce.encode()),
        "nonce",
    )
    subject = said.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise NotProven("subject")
    return subject


def _signed(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise NotProven("form")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError):
        raise NotProven("form") from None
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise NotProven("algorithm")
    tried = _fitting(keys, str(algorithm), header.get("kid"))
    if not tried:
        raise KeyUnknown("key")
    for key in tried:
        try:
            said = json.loads(jws.deserialize_compact(token, key, algorithms=[str(algorithm)]).payload)
        except (JoseError, ValueError, TypeError):
            continue
        if isinstance(said, dict):
            return said
    raise NotProven("signature")


def _fitting(keys: dict[str, Any], algorithm: str, named: object) -> list[RSAKey | ECKey]:
    """Keys of the kind the algorithm wants; by name where the token names one."""
    wanted: type[RSAKey | ECKey] = ECKey if algorithm == "ES256" else RSAKey
    try:
        known = KeySet.import_key_set(keys).keys  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise NotProven("key") from None
    return [
        each
        for each in known
        if isinstance(each, wanted)
        and (named is None or each.kid == named)
        and each.get("use", "sig") == "sig"
        and each.get("alg", algorithm) == algorithm
    ]


def _instant(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        raise NotProven("time")
    return int(value)


def _hold(is_so: bool, why: str) -> None:
    if not is_so:
        raise NotProven(why)
