# SPDX-License-Identifier: Apache-2.0
"""認証基盤との通信 — three short questions over HTTPS: its description, its keys, and a code for an identity token.

The address is the administrator's word, so what comes back is bounded: no redirect is followed, nothing large is read,
and a host that hangs is given up. Plain HTTP serves on this machine alone, where no HTTPS is configured: for trials.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from tasuki_server.settings_table import flag

SECONDS = 5.0
LARGEST = 256 * 1024
KEPT_SECONDS = 300.0
DESCRIPTION = "/.well-known/openid-configuration"


class NotReached(Exception):
    """通信の失敗 — the provider did not answer as it must; ``why`` is a code of :data:`.flow.REASONS`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Description(NamedTuple):
    """認証基盤の説明 — the addresses that its description names."""

    issuer: str
    authorize: str
    token: str
    keys: str


_known: dict[str, tuple[Description, float]] = {}
_keys: dict[str, tuple[dict[str, Any], float]] = {}


def is_usable_address(address: str) -> bool:
    """使えるアドレスか — HTTPS; or HTTP of this machine where this server itself has no HTTPS."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.fragment or not address.isascii():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(host) and not flag("TASUKI_HTTPS"))


def describe(issuer: str) -> Description:
    """認証基盤の説明の取得 — kept for a few minutes. Raises :class:`NotReached`.

    Cite: OpenID Connect Discovery 1.0 4.3 — the issuer in it must be the one that was asked.
    """
    kept = _known.get(issuer)
    if kept is not None and time.monotonic() < kept[1]:
        return kept[0]
    said = _asked(issuer.rstrip("/") + DESCRIPTION)
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if said.get("issuer") != issuer:
        raise NotReached("issuer")
    places = [said.get(name) for name in names]
    if not all(isinstance(each, str) and is_usable_address(each) for each in places):
        raise NotReached("description")
    found = Description(issuer, *(str(each) for each in places))
    _known[issuer] = (found, time.monotonic() + KEPT_SECONDS)
    return found


def keys_of(description: Description, *, anew: bool = False) -> dict[str, Any]:
    """認証基盤の公開鍵（JWKS） — ``anew`` when a key is not among those known. Raises :class:`NotReached`."""
    kept = _keys.get(description.keys)
    if kept is not None and time.monotonic() < kept[1] and not anew:
        return kept[0]
    found = _asked(description.keys)
    _keys[description.keys] = (found, time.monotonic() + KEPT_SECONDS)
    return found


def redeem(
    description: Description, client_id: str, client_secret: str, code: str, verifier: str, back: str
) -> str:
    """認可コードの引換え — answers the identity token. Raises :class:`NotReached`.

    Cite: OpenID Connect Core 1.0 3.1.3, RFC 6749 2.3.1 (client_secret_basic), RFC 7636 (PKCE)
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    token = _asked(description.token, urlencode(form).encode(), headers).get("id_token")
    if not isinstance(token, str):
        raise NotReached("no_identity")
    return token


def forget() -> None:
    """忘却 — of what was kept; when the settings change."""
    _known.clear()
    _keys.clear()


def _asked(
    address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    if not is_usable_address(address):
        raise NotReached("address")
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    place = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST" if body is not None else "GET", place, body, {"Accept": "application/json", **(headers or {})})  # fmt: skip
        answer = connection.getresponse()
        said = answer.read(LARGEST + 1)
    except (OSError, http.client.HTTPException):
        raise NotReached("unreachable") from None
    finally:
        connection.close()
    if answer.status != 200 or len(said) > LARGEST:
        raise NotReached("refused" if body is not None else "unreachable")
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        raise NotReached("description") from None
    if not isinstance(found, dict):
        raise NotReached("description")
    return found


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
