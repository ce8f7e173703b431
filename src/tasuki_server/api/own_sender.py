# SPDX-License-Identifier: Apache-2.0
"""送信元としての自分 — the key by which an institution of this installation names itself to services elsewhere, and its tokens.

The key is derived from the installation's secret and stored nowhere; each institution has its own. A new generation
(``TASUKI_SENDER_KEY``) is registered over there first: until it is known, the one before still serves.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import lru_cache
from http.client import HTTPException
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from joserfc.jwk import ECKey

from tasuki.kernel.printable import printable
from tasuki_server.api.sender_door import origin_of
from tasuki_server.api.service_call import ServiceCaller
from tasuki_server.database.places import installation_secrets
from tasuki_server.settings_table import number

# P-256の位数 (FIPS 186-5, SP 800-186 3.2.1.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# A token is asked for anew this long before it runs out.
AHEAD_SECONDS = 30
# 断られた鍵: asked again after so long; until then the answer is known, and the service is not asked at each request.
REFUSED_SECONDS = 5.0
# 期限のない応答: RFC 6749 5.1 leaves it open; a token is not kept longer than any service of ours would give.
USUAL_SECONDS, MOST_SECONDS = 300.0, 3600.0
# Nothing is said of the key: the address is wrong, the request too large, or too many came.
_NOT_OF_THE_KEY = frozenset({404, 405, 413, 429})
_LONGEST_ANSWER = 64 * 1024
log = logging.getLogger("tasuki.sender")
_lock = threading.Lock()
_held: dict[tuple[str, UUID], _Held] = {}
_refused: dict[tuple[str, UUID], float] = {}


class _Held(NamedTuple):
    """手元のトークン — with the key that proves its requests, which never leaves this process."""

    caller: ServiceCaller
    until: float


def own_key(institution_id: UUID, generation: int) -> ECKey:
    """自らの鍵 — P-256, of one institution and generation.

    Cite: FIPS 186-5 A.2.1 (a scalar from more bits than the order has)
    """
    return _key_from(installation_secrets().derived("sender-key"), institution_id, generation)


def bound_headers(address: str, issue: str, institution_id: UUID, method: str, path: str) -> dict[str, str]:
    """要求の見出し — a token and a proof of this one request; {} where the service does not know this institution's key.

    ``path`` is without its query. Raises ``OSError`` and ``HTTPException`` as the network breaks.
    """
    held = _held_for(address, issue, institution_id)
    return {} if held is None else held.headers(method, path)


def forget_token(address: str, issue: str, institution_id: UUID) -> None:
    """トークンを捨てる — the other side would not take it any more."""
    with _lock:
        _held.pop((address + issue, institution_id), None)


def _held_for(address: str, issue: str, institution_id: UUID) -> ServiceCaller | None:
    place = (address + issue, institution_id)
    with _lock:
        found, refused_until = _held.get(place), _refused.get(place, 0.0)
    if found is not None and time.monotonic() < found.until:
        return found.caller
    if time.monotonic() < refused_until:
        return None
    newest = number("TASUKI_SENDER_KEY")
    for generation in range(newest, max(newest - 2, 0), -1):
        key = own_key(institution_id, generation)
        caller = ServiceCaller.made(key.thumbprint(), key, origin_of(address), issue)
        seconds = _asked(address, caller)
        if seconds:
            with _lock:
                _held[place] = _Held(caller, time.monotonic() + seconds - AHEAD_SECONDS)
                _refused.pop(place, None)
            return caller
    with _lock:
        _refused[place] = time.monotonic() + REFUSED_SECONDS
    return None


def _asked(address: str, caller: ServiceCaller) -> float:
    """How long the token serves that the caller has now; 0 when the key is not known there."""
    body, headers = caller.token_request()
    request = urllib.request.Request(  # noqa: S310 - the administrator's own address
        address + caller.issue, data=body, method="POST", headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
            told = json.loads(reply.read(_LONGEST_ANSWER))
    except urllib.error.HTTPError as refused:
        code, detail = _why(refused)
        log.warning("token refused by %s: %s %s %s", origin_of(address), refused.code, code, detail)
        if refused.code >= 500 or refused.code in _NOT_OF_THE_KEY:
            raise
        return 0
    except ValueError as cut:
        raise OSError("token answer") from cut
    if not isinstance(told, Mapping) or str(told.get("token_type", "")).lower() != "dpop":
        log.warning("token of %s is not bound to our key: it is not used", origin_of(address))
        return 0
    token = told.get("access_token")
    if not isinstance(token, str) or not token:
        raise OSError("token answer")
    caller.token = token
    seconds = told.get("expires_in", USUAL_SECONDS)
    is_told = isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0
    return min(float(seconds), MOST_SECONDS) if is_told else USUAL_SECONDS


def _why(refused: urllib.error.HTTPError) -> tuple[str, str]:
    """What the service says of its refusal (RFC 6749 5.2): the code and the sentence, for the log; "" where it says nothing."""
    try:
        told = json.loads(refused.read(_LONGEST_ANSWER))
    except (OSError, HTTPException, ValueError):
        return "", ""
    if not isinstance(told, Mapping):
        return "", ""
    detail = told.get("detail") or told.get("error_description") or ""
    return printable(str(told.get("error", "")), 60), printable(str(detail), 200)


@lru_cache(maxsize=256)
def _key_from(secret: bytes, institution_id: UUID, generation: int) -> ECKey:
    said = b"tasuki sender key\0" + institution_id.bytes + generation.to_bytes(4, "big")
    wide = HKDFExpand(SHA384(), 48, said).derive(secret)
    scalar = int.from_bytes(wide, "big") % (_ORDER - 1) + 1
    return ECKey.import_key(ec.derive_private_key(scalar, ec.SECP256R1()))  # type: ignore[arg-type]
