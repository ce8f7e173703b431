# SPDX-License-Identifier: Apache-2.0
"""許可した人の証明（IDトークン） — who allowed an app, signed with a key of this installation that everyone can check.

Cite: SMART App Launch 2.2 (openid fhirUser), OpenID Connect Core 1.0 2, OpenID Connect Discovery 1.0 3, RFC 7517
"""

from __future__ import annotations

import json
import time
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from tasuki_server.database.places import installation_secrets
from tasuki_server.exchange.app_tokens import Given

ALGORITHM, IDENTITY_SECONDS = "ES256", 300
# The order of P-256: a secret number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def identity_token(given: Given, base: str) -> str:
    """IDトークン — for the app alone, of a few minutes; ``fhirUser`` is the Practitioner where that was asked for."""
    now = int(time.time())
    said: dict[str, Any] = {
        "iss": base, "sub": str(given.allowed_by), "aud": str(given.app), "iat": now, "exp": now + IDENTITY_SECONDS,
    }  # fmt: skip
    if given.nonce:
        said["nonce"] = given.nonce
    if given.names_user:
        said["fhirUser"] = f"{base}/Practitioner/{given.allowed_by}"
    key = _key()
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.thumbprint()}
    return jws.serialize_compact(header, json.dumps(said).encode(), key, algorithms=[ALGORITHM])


def public_keys() -> dict[str, Any]:
    """公開鍵の一覧（JWKS） — by which an identity is checked."""
    key = _key()
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}]}


def _key() -> ECKey:
    return _key_from(installation_secrets().derived("exchange-identity"))


@lru_cache(maxsize=2)
def _key_from(derived: bytes) -> ECKey:
    number = int.from_bytes(derived, "big") % (_ORDER - 1) + 1
    return ECKey.import_key(_pem(ec.derive_private_key(number, ec.SECP256R1())))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
