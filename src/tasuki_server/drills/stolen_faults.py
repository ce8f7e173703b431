# SPDX-License-Identifier: Apache-2.0
"""盗まれたトークンの訓練と対照 — every theft at every door, and the thefts that succeed where a wall is taken away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tasuki_server.drills.stolen_doors import Open, opened
from tasuki_server.drills.stolen_tokens import (
    THEFTS,
    Theft,
    after_the_client_was_stopped,
    asked,
    assertion_again,
    bearer_from_another_machine,
    issue,
    key_of_another_institution,
    other_sender,
    own,
    proof_again,
    proof_with_a_broken_signature,
    token_of_another_door,
    without_proof,
)

if TYPE_CHECKING:
    from uuid import UUID


def stolen_tokens(mine: UUID, theirs: UUID, thefts: tuple[Theft, ...] = THEFTS) -> list[str]:
    """盗まれたトークンの訓練 — which thefts were answered, at which door."""
    return asyncio.run(_tried(mine, theirs, thefts))


async def _tried(mine: UUID, theirs: UUID, thefts: tuple[Theft, ...]) -> list[str]:
    wrong: list[str] = []
    async with opened() as doors:
        for each in doors:
            for theft in thefts:
                told = await _stolen(each, mine, theirs, theft)
                if told:
                    wrong.append(f"{each.door.name}/{theft.__name__}: {told}")
    return wrong


async def _stolen(place: Open, mine: UUID, theirs: UUID, theft: Theft) -> str:
    """What went wrong; "" when the theft was refused."""
    asks = await place.asks(mine, theirs)
    given = await issue(asks, asks.caller.assertion())
    if given.status != 200:
        return "本人にトークンが渡りません（訓練が確かめられていません）。"
    asks.caller.token = given.json()["access_token"]
    if (await asked(asks, own(asks))).status != 200:
        return "本人の要求に答えません（訓練が確かめられていません）。"
    told = await theft(asks)
    return "" if told.status == 401 else f"{told.status} で開きました。"


@contextmanager
def _any_sender() -> Iterator[None]:
    """A good token is enough: the proof is not looked at."""
    from tasuki_server.api.callers import Caller, Callers
    from tasuki_server.api.proofs import Proof
    from tasuki_server.platform import senders as platform
    from tasuki_server.receiving import senders as receiving

    def unproved(*_: object) -> Proof:
        import secrets

        return Proof("", secrets.token_hex(32), 2_000_000_000)

    with (
        patch.object(Callers, "_with_proof", lambda _self, client, *_: Caller(client)),
        patch.object(platform, "check_holder", unproved),
        patch.object(receiving, "check_holder", unproved),
    ):
        yield


@contextmanager
def _spent_nowhere() -> Iterator[None]:
    """Nobody remembers what was shown before."""
    from tasuki_server.api import token_door, uses
    from tasuki_server.platform import senders as platform
    from tasuki_server.receiving import senders as receiving

    def all_fresh(proofs: Any) -> set[str]:
        return {each.digest for each in proofs}

    async def never_spent(*_: object) -> bool:
        return True

    with (
        patch.object(uses, "spend", all_fresh),
        patch.object(token_door, "spend", all_fresh),
        patch.object(platform, "spent", never_spent),
        patch.object(receiving, "_spent", lambda _proofs: True),
    ):
        yield


@contextmanager
def _untold() -> Iterator[None]:
    """A stop is written down, and told to nobody who remembers the token."""
    from tasuki_server.api import service_clients

    with patch.object(service_clients, "forget_everywhere", lambda: None):
        yield


@contextmanager
def _unsigned() -> Iterator[None]:
    """What a proof says is believed, signed or not."""
    from tasuki_server.api import proofs

    def believed(text: str, _key: object, _algorithm: str = "") -> dict[str, Any]:
        said: dict[str, Any] = json.loads(proofs._part(text, 1))
        return said

    with patch.object(proofs, "_signed", believed):
        yield


@contextmanager
def _travelling() -> Iterator[None]:
    """Tokens that serve their holder are taken from any machine."""
    from tasuki_server.api.callers import Callers
    from tasuki_server.platform import asgi_door as platform
    from tasuki_server.receiving import asgi_door as receiving

    with ExitStack() as stack:
        stack.enter_context(patch.object(Callers, "_require_same_machine", lambda *_: None))
        for each in (platform, receiving):
            stack.enter_context(patch.object(each, "serves_its_holder", lambda _today: True))
        yield


@contextmanager
def _one_purpose() -> Iterator[None]:
    """Tokens of every door are made with one key."""
    from tasuki_server.api import bound_tokens

    real = bound_tokens._secret
    with patch.object(bound_tokens, "_secret", lambda _purpose: real(bound_tokens.PURPOSE)):
        yield


# 対照: what is planted, and which thefts succeed with it at how many of the doors at least.
FAULTS: dict[str, tuple[Callable[[], Any], tuple[Theft, ...], int]] = {
    "token_of_any_sender": (_any_sender, (other_sender, without_proof), 6),
    "proofs_not_spent": (_spent_nowhere, (proof_again, assertion_again), 6),
    "stop_not_told": (_untold, (after_the_client_was_stopped,), 1),
    "proof_not_verified": (_unsigned, (proof_with_a_broken_signature, key_of_another_institution), 3),
    "bearer_may_travel": (_travelling, (bearer_from_another_machine,), 3),
    "one_key_for_all_doors": (_one_purpose, (token_of_another_door,), 3),
}


def tokens_with_faults(mine: UUID, theirs: UUID, names: Sequence[str] = tuple(FAULTS)) -> dict[str, bool]:
    """盗まれたトークンの対照 — whether, with each fault planted, the thefts are answered at every door it opens."""
    found = {}
    for name in names:
        plant, thefts, least = FAULTS[name]
        with plant():
            opened_by_it = [each for each in stolen_tokens(mine, theirs, thefts) if "開きました" in each]
        found[name] = len(opened_by_it) >= least
    return found
