# SPDX-License-Identifier: Apache-2.0
"""証明の検査 — a client's assertion and a proof of possession, read and held against what they must say.

One algorithm (ES256) and one kind of key (P-256): nothing is left to be confused with anything else. What a proof says
is believed only after its signature, and a signature only of the one algorithm, whatever the header asks for.

Cite: RFC 7523 JWT client authentication, RFC 9449 DPoP, RFC 7638 JWK thumbprint
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

ALGORITHM = "ES256"
# 曲線と方式: one algorithm a curve, so that a key says which; the API itself knows only the first.
ONE_CURVE: Mapping[str, str] = {"P-256": ALGORITHM}
GRANT = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 4096
# A proof is good for a minute; a clock may be half a minute ahead of ours.
PROOF_SECONDS = 60
SKEW_SECONDS = 30
ASSERTION_SECONDS = 300
LONGEST_ID = 128
_ALGORITHM_OF = {"P-256": ALGORITHM, "P-384": "ES384"}
_PUBLIC = frozenset({"kty", "crv", "x", "y", "kid", "use", "alg", "key_ops"})
_NEEDED = ("kty", "crv", "x", "y")


class NoProof(Exception):
    """証明の不備 — ``why`` is a code of :data:`WORDS`; a client's developer is told, a stranger learns nothing by it."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


WORDS = {
    "form": "証明をJWTとして読めません。",
    "algorithm": "署名の方式は ES256 だけです。",
    "type": "証明の種類（typ）が違います。",
    "key": "証明の鍵は P-256 の公開鍵（JWK）だけです。",
    "signature": "証明の署名が合いません。",
    "clock": f"証明の時刻が、この設置の時計と合いません（{PROOF_SECONDS}秒前から{SKEW_SECONDS}秒先まで）。",
    "life": f"証明の期限は、作ってから{ASSERTION_SECONDS}秒までにしてください。",
    "identifier": f"証明の番号（jti）がないか、{LONGEST_ID}文字を超えています。",
    "method": "証明は別のメソッドのものです（htm）。",
    "address": "証明は別のアドレスのものです（htu）。",
    "token": "証明は別のトークンのものです（ath）。",
    "audience": "証明の宛先（aud）が違います。",
    "whose": "証明の iss・sub が接続先と違います。",
    "replayed": "この証明は使用済みです。",
    "missing": "証明（DPoP 見出し）が1つ要ります。",
    "other_sender": "このトークンは、別の鍵を持つ送信元に渡したものです。",
}


class Proof(NamedTuple):
    """所持の証明 — who made it (the key's thumbprint), its number, and until when it could be shown again."""

    thumbprint: str
    digest: str
    expires_at: int


class Target(NamedTuple):
    """証明の宛先 — the method and address of the request that carries it."""

    method: str
    address: str


def read_proof(text: str, target: Target, now: float, token: str = "") -> Proof:
    """所持の証明の検査 — of one request (and, where one is shown, of one token). Raises :class:`NoProof`.

    Cite: RFC 9449 4.3 Checking DPoP Proofs
    """
    head, _, _ = text.partition(".")
    key, thumbprint = _key_of_proof(head)
    said = _signed(text, key)
    _hold(said.get("htm") == target.method, "method")
    _hold(said.get("htu") == target.address, "address")
    made = _instant(said.get("iat"), "clock")
    _hold(now - PROOF_SECONDS <= made <= now + SKEW_SECONDS, "clock")
    if token:
        _hold(said.get("ath") == token_digest(token), "token")
    number = _number_in(said)
    return Proof(thumbprint, _spent("proof", thumbprint, number), made + PROOF_SECONDS + SKEW_SECONDS)


def read_assertion(
    text: str,
    client_id: str,
    audiences: frozenset[str],
    keys: Mapping[str, ECKey],
    now: float,
    curves: Mapping[str, str] = ONE_CURVE,
) -> Proof:
    """接続先の証明の検査 — signed by one of the client's keys for this service, for a few minutes, once.

    Cite: RFC 7523 3 JWT Format and Processing Requirements
    """
    header = _object(_part(text, 0))
    _hold(header.get("alg") in curves.values(), "algorithm")
    keys = {each: key for each, key in keys.items() if curves.get(key.curve_name) == header["alg"]}
    _hold(header.get("typ", "JWT") in ("JWT", "client-authentication+jwt"), "type")
    named = header.get("kid")
    tried = keys if named is None else {each: key for each, key in keys.items() if each == named}
    thumbprint, said = _signed_by_one(text, tried)
    _hold(said.get("iss") == said.get("sub") == client_id, "whose")
    audience = said.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    _hold(isinstance(audience, str) and audience in audiences, "audience")
    ends = _instant(said.get("exp"), "life")
    _hold(now - SKEW_SECONDS < ends <= now + ASSERTION_SECONDS + SKEW_SECONDS, "life")
    for name in ("iat", "nbf"):
        if name in said:
            _hold(_instant(said[name], "clock") <= now + SKEW_SECONDS, "clock")
    return Proof(thumbprint, _spent("assertion", thumbprint, _number_in(said)), ends + SKEW_SECONDS)


def claimed_client(text: str) -> str:
    """名乗られた接続先 — ``sub`` of an assertion that nobody has checked yet; good for looking a key up."""
    return str(_object(_part(text, 1)).get("sub", ""))


def public_key(given: Any, curves: Mapping[str, str] = ONE_CURVE) -> tuple[ECKey, dict[str, str]]:
    """公開鍵の読取り — a key on one of the curves as JWK, and its bare members; a private one is refused. Raises :class:`NoProof`."""
    if not isinstance(given, dict) or not set(given) <= _PUBLIC:
        raise NoProof("key")
    bare = {name: given.get(name) for name in _NEEDED}
    _hold(bare["kty"] == "EC" and isinstance(bare["crv"], str) and bare["crv"] in curves, "key")
    algorithm = curves[str(bare["crv"])]
    _hold(given.get("use", "sig") == "sig" and given.get("alg", algorithm) == algorithm, "key")
    try:
        return ECKey.import_key(bare), {name: str(value) for name, value in bare.items()}  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, AttributeError):
        raise NoProof("key") from None


def token_digest(token: str) -> str:
    """トークンの要約（ath） — base64url of SHA-256."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


@lru_cache(maxsize=1024)
def _key_of_proof(head: str) -> tuple[ECKey, str]:
    """A client sends the same header with each proof: the key in it is read once."""
    header = _object(_decoded(head))
    _hold(header.get("typ") == "dpop+jwt", "type")
    _hold(header.get("alg") == ALGORITHM, "algorithm")
    key, _ = public_key(header.get("jwk"))
    return key, key.thumbprint()


def _signed_by_one(text: str, keys: Mapping[str, ECKey]) -> tuple[str, dict[str, Any]]:
    for thumbprint, key in keys.items():
        try:
            return thumbprint, _signed(text, key, _ALGORITHM_OF[key.curve_name])
        except NoProof:
            continue
    raise NoProof("signature")


def _signed(text: str, key: ECKey, algorithm: str = ALGORITHM) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise NoProof("form")
    try:
        return _object(jws.deserialize_compact(text, key, algorithms=[algorithm]).payload)
    except (JoseError, ValueError, TypeError):
        raise NoProof("signature") from None


def _part(text: str, number: int) -> bytes:
    parts = text.split(".")
    if len(parts) != 3 or len(text) > LONGEST:
        raise NoProof("form")
    return _decoded(parts[number])


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise NoProof("form") from None


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise NoProof("form") from None
    if not isinstance(found, dict):
        raise NoProof("form")
    return found


def _instant(value: Any, why: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        raise NoProof(why)
    return int(value)


def _number_in(said: Mapping[str, Any]) -> str:
    number = said.get("jti")
    if not isinstance(number, str) or not 0 < len(number) <= LONGEST_ID:
        raise NoProof("identifier")
    return number


def _spent(kind: str, thumbprint: str, number: str) -> str:
    return hashlib.sha256(f"{kind}\0{thumbprint}\0{number}".encode("utf-8", "surrogatepass")).hexdigest()


def _hold(is_so: bool, why: str) -> None:
    if not is_so:
        raise NoProof(why)
