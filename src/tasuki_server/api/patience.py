# SPDX-License-Identifier: Apache-2.0
"""失敗の抑制 — who fails to prove itself again and again waits, and nobody else does.

Failures are counted by address and, there, by the registered name they were made under: a neighbour behind the same
address is not shut out by them, and neither is the one who is really so called, asking from elsewhere. Under names that
nobody has, an address waits for itself; whoever is registered is let through to be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple

from tasuki_server.api.allowance import Allowance, place_of
from tasuki_server.api.callers import FAILURE_BURST, FAILURE_RATE
from tasuki_server.api.proofs import NoProof
from tasuki_server.api.token_form import NoToken

RETRY_SECONDS = 60
NOBODY = ""
WORDS = "照合の失敗が続いています。1分ほど待ってから、もう一度お試しください。"


class Impatient(Exception):
    """失敗の続き — too many of one address and name; answered with 429."""


class Patience:
    """失敗の抑制 — of one door, over all processes of the page server."""

    def __init__(self, door: str, clock: Callable[[], float] = monotonic) -> None:
        self._failures = Allowance(f"{door}-proof", FAILURE_RATE, FAILURE_BURST, clock)

    def turn_of(self, address: str) -> Turn:
        """照合の番 — of a request from an address; of IPv6, its network."""
        return Turn(self, place_of(address))

    def is_left(self, address: str, name: str) -> bool:
        """試せるか — without counting anything."""
        return self._failures.has((address, name))

    def failed(self, address: str, name: str) -> bool:
        """失敗の記録 — False when there had been too many before."""
        return self._failures.take((address, name))

    def forget(self) -> None:
        """記録を捨てる — for drills, which fail more often than anybody."""
        self._failures.forget()


class Turn(NamedTuple):
    """照合の番 — one request's; a request of this house itself has no address, and waits for nobody."""

    patience: Patience
    address: str

    def guessed(self) -> None:
        """知らない持参人トークン — counted for the address alone: who holds a known one was let through before.

        Raises :class:`Impatient` where too many came before.
        """
        if self.address and not self.patience.failed(self.address, NOBODY):
            raise Impatient

    @contextmanager
    def judged(self, name: str) -> Iterator[None]:
        """照合 — a refusal inside is counted under the name. Raises :class:`Impatient` where too many came before.

        Under :data:`NOBODY` all is judged first: until then nobody knows who asks.
        """
        if not self.address:
            yield
            return
        if name != NOBODY and not self.patience.is_left(self.address, name):
            raise Impatient
        try:
            yield
        except (NoToken, NoProof):
            if not self.patience.failed(self.address, name):
                raise Impatient from None
            raise
