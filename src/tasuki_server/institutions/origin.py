# SPDX-License-Identifier: Apache-2.0
"""発信元 — from which network address and in which session an act comes.

The request that is being answered is kept for its thread; the trail asks it at the moment of writing, so that no room
has to hand it on, and a session that was renewed meanwhile (at sign-in) is named as it is then.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponseBase

SESSION_NAME_LENGTH = 12


class Origin(NamedTuple):
    """発信元 — empty parts for what the system does by itself."""

    address: str = ""
    session: str = ""


_request: ContextVar[HttpRequest | None] = ContextVar("tasuki_request", default=None)
_stated: ContextVar[Origin | None] = ContextVar("tasuki_origin", default=None)


class RequestOrigin:
    """発信元の控え — a middleware right after the session's: what is noted while it answers came from this request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — see the class."""
        token = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(token)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """発信元の指定 — for a door that is not Django's."""
    token = _stated.set(origin)
    try:
        yield
    finally:
        _stated.reset(token)


def current_origin() -> Origin:
    """現在の発信元 — of the request that is answered now, else empty."""
    stated = _stated.get()
    if stated is not None:
        return stated
    request = _request.get()
    return Origin() if request is None else Origin(address_of(request), session_of(request))


def address_of(request: HttpRequest) -> str:
    """接続元アドレス — as ALLAUTH_TRUSTED_PROXY_COUNT allows: a header that a client can set is believed only from our proxy."""
    from tasuki_server.accounts.networks import address_of as told_address

    try:
        return told_address(request)[:45]
    except PermissionDenied:
        return ""


def session_of(request: HttpRequest) -> str:
    """セッションの公開名 — of its row, by which the list of devices names it too; before sign-in a digest of its key.

    Whoever reads the trail cannot take the session over.
    """
    row = getattr(request, "sign_in_session", None)
    if row is not None:
        return str(row.public_id)
    session = getattr(request, "session", None)
    return session_name(session.session_key if session is not None else None)


def session_name(key: str | None) -> str:
    """セッションの公開名 — of a session key; empty without one.

    >>> len(session_name("a key")), session_name(None)
    (12, '')
    """
    return hashlib.sha256(key.encode()).hexdigest()[:SESSION_NAME_LENGTH] if key else ""
