# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る送信元 — registered by a public key; ``POST /receiving/v1/token`` gives a token of five minutes beside proofs.

Cite: RFC 7523 private_key_jwt, RFC 9449 DPoP
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from tasuki_server.api.bound_tokens import read_bound_token
from tasuki_server.api.patience import NOBODY, Turn
from tasuki_server.api.proofs import WORDS, NoProof, Proof, Target
from tasuki_server.api.sender_door import answer_of, check_holder, check_sender, own_address, read_name
from tasuki_server.api.sender_key import without_key
from tasuki_server.api.service_clients import KEY_DAYS, NotRegistered, read_key
from tasuki_server.api.token_form import NoToken
from tasuki_server.receiving.clients import house_token, token_digest
from tasuki_server.receiving.models import SenderKey, SendingClient, SpentSenderProof

PURPOSE = "receiving-bound-token"
MOST_KEYS = 3


def add_key(client: SendingClient, key_text: str, at: datetime, days: int = KEY_DAYS) -> SenderKey:
    """鍵の登録 — beside the old one, so that a sender changes over without a pause. Raises :class:`NotRegistered`."""
    public, thumbprint = read_key(key_text, days)
    if client.revoked_at is not None:
        raise NotRegistered("stopped")
    if SenderKey.objects.filter(thumbprint=thumbprint).exists():
        raise NotRegistered("taken")
    if SenderKey.objects.filter(client=client, revoked_at=None, expires_at__gt=at).count() >= MOST_KEYS:
        raise NotRegistered("many")
    return SenderKey.objects.create(
        client=client, thumbprint=thumbprint, public=public, added_at=at, expires_at=at + timedelta(days=days)
    )


def token_only(at: datetime, here: Iterable[UUID]) -> list[str]:
    """トークンだけの送信元 — number and name of those in use without a key; those that are ``here`` send in this process."""
    own = (token_digest(house_token(each)) for each in here)
    keyed = SenderKey.objects.values("client")
    rows = without_key(SendingClient.objects.all(), keyed, at, own)
    return [f"{row.prefecture}1{row.code} {row.name}" for row in rows]


def revoke_key(client_id: UUID, thumbprint: str, at: datetime) -> bool:
    """鍵の停止 — with every token it was shown for; False when there is no such key in use."""
    found = SenderKey.objects.filter(client_id=client_id, thumbprint=thumbprint, revoked_at=None)
    return bool(found.update(revoked_at=at))


def give_token(headers: Mapping[str, str], path: str, body: bytes, turn: Turn) -> dict[str, Any]:
    """短期トークンの発行 — raises :class:`NoToken`, and :class:`Impatient` after too many of them."""
    with turn.judged(NOBODY):
        named = read_name(body)
    row = _key(named.thumbprint)
    now = time.time()
    with turn.judged(NOBODY if row is None else row.thumbprint):
        try:
            address = own_address(headers, path)
        except NoProof as wrong:
            raise NoToken("invalid_client", WORDS[wrong.why]) from None
        public = None if row is None else row.public
        shown = check_sender(named, public, address, headers.get("dpop", ""), now)
        if not _spent(shown.both):
            raise NoToken("invalid_client", WORDS["replayed"])
    SpentSenderProof.objects.filter(expires_at__lt=timezone.now() - timedelta(minutes=1)).delete()
    return answer_of(shown, now, PURPOSE)


def sender_of(
    method: str, path: str, headers: Mapping[str, str], plain: str, turn: Turn
) -> SendingClient | None:
    """送信元の照合 — of a request with a bound token: sender and key are usable now, the proof is the holder's and fresh.

    Raises :class:`Impatient` after too many that were not.
    """
    found = read_bound_token(plain, time.time(), PURPOSE)
    row = None if found is None else _key(found.key)
    try:
        with turn.judged(NOBODY if row is None else row.thumbprint):
            if found is None or row is None:
                raise NoProof("token")
            target = Target(method, own_address(headers, path))
            proof = check_holder(found, plain, target, headers.get("dpop", ""), time.time())
            if not _spent([proof]):
                raise NoProof("replayed")
    except NoProof:
        return None
    return row.client


def _key(thumbprint: str) -> SenderKey | None:
    if "\0" in thumbprint:
        return None
    row = (
        SenderKey.objects.select_related("client")
        .filter(thumbprint=thumbprint, client__revoked_at__isnull=True)
        .first()
    )
    return row if row is not None and row.is_usable(timezone.now()) else None


def _spent(proofs: Sequence[Proof]) -> bool:
    """False when one of them was used before, in any process: the table keeps each once."""
    rows = [
        SpentSenderProof(digest=each.digest, expires_at=datetime.fromtimestamp(each.expires_at, UTC))
        for each in proofs
    ]
    try:
        with transaction.atomic(using="receiving"):
            SpentSenderProof.objects.bulk_create(rows)
    except IntegrityError:
        return False
    return True
