# SPDX-License-Identifier: Apache-2.0
"""通知先のアドレス — where notices may go: HTTPS to the open network, or what the installation's setting names.

The name is looked up once and the connection made to what was judged, so that a name cannot change its mind between
the two. Nothing is followed: an answer that sends elsewhere is a failure.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from tasuki_server.settings_table import listed

SECONDS = 10.0
LONGEST = 1000
# IPv6 の中の IPv4: addresses that lead to another one behind a gateway.
_LEADING = tuple(
    ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class Unreachable(Exception):
    """届かない — why, in Japanese; nothing of what the other side said."""


class Endpoint(NamedTuple):
    """通知先 — the parts of an address; ``is_allowed`` names those of the installation's setting."""

    scheme: str
    host: str
    port: int
    path: str
    is_allowed: bool


def read_endpoint(text: str) -> Endpoint:
    """通知先の読取り — raises ``ValueError`` with the reason in Japanese."""
    if len(text) > LONGEST or any(ord(each) < 33 or ord(each) > 126 for each in text):
        raise ValueError("アドレスに使えない文字があるか、長すぎます")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("アドレスを読めません") from None
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("ポート番号を読めません") from None
    if parts.username is not None or parts.fragment or parts.query or not host:
        raise ValueError("https://ホスト名/道 の形ではありません")
    is_allowed = f"{host}:{port}" in listed("TASUKI_FHIR_HOOKS") or host in listed("TASUKI_FHIR_HOOKS")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_allowed):
        raise ValueError("https だけに送れます")
    return Endpoint(
        parts.scheme,
        host,
        port or (443 if parts.scheme == "https" else 80),
        parts.path.rstrip("/"),
        is_allowed,
    )


def is_public(text: str) -> bool:
    """公のアドレスか — not of this machine, this network, or of a gateway into another.

    >>> [is_public(each) for each in ("203.0.114.9", "10.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254")]
    [True, False, False, False, False, False]
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in each for each in _LEADING):
            return False
    return address.is_global and not address.is_multicast


def _judged(endpoint: Endpoint) -> str:
    """The address to connect to: every one that the name has must be public, or none is used."""
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unreachable("ホスト名が引けません") from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses or (not endpoint.is_allowed and not all(map(is_public, addresses))):
        raise Unreachable("送れないアドレス（内部のネットワーク）です")
    return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was judged, under the name that was asked for."""

    def __init__(self, endpoint: Endpoint, address: str) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=SECONDS)
        self._endpoint, self._address = endpoint, address
        self._is_over = False

    def connect(self) -> None:
        """接続."""
        self.sock = socket.create_connection((self._address, self._endpoint.port), SECONDS)
        if self._endpoint.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(
                self.sock, server_hostname=self._endpoint.host, do_handshake_on_connect=False
            )
        if self._is_over:
            raise TimeoutError
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def end(self) -> None:
        """打切り — from another thread: whatever waits on the socket ends at once."""
        self._is_over = True
        held = self.sock
        if held is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)


def send(method: str, text: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
    """送信 — to ``path`` below the endpoint; done when the answer is 2xx. Raises :class:`Unreachable`. It waits: not in a loop.

    The whole of it ends within :data:`SECONDS`, however slowly the other side drips.
    """
    try:
        endpoint = read_endpoint(text)
    except ValueError as wrong:
        raise Unreachable(str(wrong)) from None
    connection = _Pinned(endpoint, _judged(endpoint))
    deadline = threading.Timer(SECONDS, connection.end)
    deadline.daemon = True
    deadline.start()
    try:
        connection.request(method, (endpoint.path + path) or "/", body, dict(headers))
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as broken:
        raise Unreachable(f"つながりません（{type(broken).__name__}）") from None
    finally:
        deadline.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise Unreachable(f"HTTP {status} が返りました")
