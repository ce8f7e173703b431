# SPDX-License-Identifier: Apache-2.0
"""短期トークンの発行の要求 — reads ``POST /api/token``, and answers as OAuth 2.0 does."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from django.db import connections

from tasuki.calculation.service import JSON, Answer
from tasuki_server.api.allowance import Allowance
from tasuki_server.api.callers import Callers
from tasuki_server.api.proofs import ALGORITHM, WORDS, NoProof
from tasuki_server.api.refusals import Receive, Refused, Scope, allow, read_body, require_media_type
from tasuki_server.api.sender_door import refusal_body
from tasuki_server.api.token_door import (
    FORM,
    LARGEST,
    STATUS,
    Asked,
    NoToken,
    give_token,
    read_form,
)

# A client needs one token in five minutes, a client with many processes some more.
RATE, BURST = 1.0, 30.0


class TokenIssue:
    """短期トークンの発行 — one request; the database is asked in a thread.

    Whoever says a client's name has proved nothing: what fails is counted for the address it came from, and only a client
    that proved itself uses its own allowance.
    """

    def __init__(self, callers: Callers) -> None:
        self._callers = callers
        self._allowance = Allowance("api-token", RATE, BURST)
        self._threads = ThreadPoolExecutor(2, "api-issue")

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """発行の応答 — raises :class:`Refused` with an OAuth error document."""
        allow(scope["method"], "POST")
        headers = dict(scope["headers"])
        self._callers.require_https(scope, headers)
        address = self._callers.address(scope, headers)
        self._callers.require_patience(address)
        require_media_type(headers, FORM)
        origin = self._callers.origin(scope, headers)
        body = await read_body(headers, receive, LARGEST)
        try:
            asked = read_form(body)
            proof = self._proof(scope)
        except NoToken as refusal:
            self._callers.failed(address)
            raise _refused(refusal) from None
        loop = asyncio.get_running_loop()
        told = await loop.run_in_executor(self._threads, self._given, asked, proof, address, origin)
        return Answer(200, JSON, msgspec.json.encode(told))

    def close(self) -> None:
        """終了 — of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _given(self, asked: Asked, proof: str, address: str, origin: str) -> dict[str, Any]:
        """In a thread. Many that came together wait here, and those after too many failures are not judged any more."""
        self._callers.require_patience(address)
        try:
            return give_token(asked, proof, address, origin, self._use)
        except NoToken as refusal:
            self._callers.failed(address)
            raise _refused(refusal) from None
        finally:
            connections.close_all()

    def _use(self, client_id: str) -> None:
        if not self._allowance.take(client_id):
            raise Refused("too-many", "トークンの発行が多すぎます。", [(b"retry-after", b"5")])

    def _proof(self, scope: Scope) -> str:
        try:
            return self._callers.proof_in(scope)
        except NoProof as wrong:
            raise NoToken("invalid_dpop_proof", WORDS[wrong.why]) from None


def _refused(refusal: NoToken) -> Refused:
    headers = [(b"pragma", b"no-cache")]
    if STATUS[refusal.code] == 401:
        headers.append((b"www-authenticate", f'DPoP realm="tasuki", algs="{ALGORITHM}"'.encode()))
    return Refused(
        refusal.code, headers=headers, answer=Answer(STATUS[refusal.code], JSON, refusal_body(refusal))
    )
