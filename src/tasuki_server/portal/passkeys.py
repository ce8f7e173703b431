# SPDX-License-Identifier: Apache-2.0
"""パスキー — made and shown with user verification; the question proves itself, so asking keeps nothing on the server.

A challenge is a random number, the second it ends and an HMAC over both, what it is for and the browser's form token.
It is spent when it is answered, in the transaction of the answer.

Cite: W3C Web Authentication Level 2 §7.1, §7.2
"""

from __future__ import annotations

import hmac
import json
import secrets
import struct
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connections, router
from django.http import HttpRequest
from django.middleware.csrf import get_token
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tasuki_server.database.places import installation_secrets
from tasuki_server.portal.models import Account, Passkey, SpentChallenge
from tasuki_server.portal.person_work import at_the_door
from tasuki_server.portal.statements import held_passkey

ENTER, MAKE, AGAIN = "enter", "make", "again"
ANSWER_SECONDS = 300
LARGEST_ANSWER = 64 * 1024
_REQUIRED = UserVerificationRequirement.REQUIRED
_SPEND = """
    WITH gone AS (DELETE FROM portal_spent_challenge WHERE until_at < now() - interval '1 minute')
    INSERT INTO portal_spent_challenge (nonce, until_at) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1
"""
_USED = "UPDATE portal_passkey SET sign_count = %s, used_at = %s WHERE id = %s"


class NotProved(Exception):
    """照合できない — the answer is no proof; one word for every reason, so that nothing is learned from it."""


def asked_to_enter(request: HttpRequest, purpose: str = ENTER, account: Account | None = None) -> str:
    """サインインの問い — options for the browser as JSON; without an account any passkey of this host may answer."""
    server, challenge = _server(request), _challenge(request, purpose)
    if account is None:
        # What the library writes when no key is named; it looks each field up in its annotations anew.
        named = {"challenge": websafe_encode(challenge), "rpId": server.rp.id, "userVerification": _REQUIRED}
        return json.dumps(named)
    known = [_credential(each) for each in account.passkeys.filter(removed_at=None)]
    options, _ = server.authenticate_begin(known, _REQUIRED, challenge=challenge)
    return json.dumps(dict(options.public_key))


def asked_to_make(request: HttpRequest, handle: bytes, name: str, known: list[Passkey]) -> str:
    """登録の問い — a passkey that is found without a name being typed, kept by a device that verifies its holder."""
    options, _ = _server(request).register_begin(
        PublicKeyCredentialUserEntity(id=handle, name=name, display_name=name),
        [_credential(each) for each in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=_REQUIRED,
        challenge=_challenge(request, MAKE),
    )
    return json.dumps(dict(options.public_key))


def proved_passkey(request: HttpRequest, answer: str, purpose: str = ENTER) -> Passkey:
    """サインインの照合 — the passkey that answered. Raises :class:`NotProved`.

    A counter that went back is a copied key: it opens nothing. Keys that sync between devices count nothing and say 0.
    """
    try:
        read = AuthenticationResponse.from_dict(_read(answer))
        row = held_passkey(read.raw_id)
        if row is None:
            raise NotProved
        challenge = read.response.client_data.challenge
        _server(request).authenticate_complete(_state(request, challenge, purpose), [_credential(row)], read)
        handle = read.response.user_handle
    except (TypeError, ValueError, KeyError, AttributeError, struct.error) as wrong:
        raise NotProved from wrong
    if handle is not None and not hmac.compare_digest(bytes(handle), bytes(row.account.handle)):
        raise NotProved
    count = read.response.authenticator_data.counter
    if (count or row.sign_count) and count <= row.sign_count:
        raise NotProved
    _spend(challenge)
    row.sign_count, row.used_at = count, datetime.now(UTC)
    with connections[router.db_for_write(Passkey)].cursor() as cursor:
        cursor.execute(_USED, [row.sign_count, row.used_at, row.pk])
    return row


def made_passkey(request: HttpRequest, answer: str) -> AttestedCredentialData:
    """登録の照合 — the new public key. Raises :class:`NotProved`."""
    try:
        read = RegistrationResponse.from_dict(_read(answer))
        challenge = read.response.client_data.challenge
        data = _server(request).register_complete(_state(request, challenge, MAKE), read)
    except (TypeError, ValueError, KeyError, AttributeError, struct.error) as wrong:
        raise NotProved from wrong
    made = data.credential_data
    with at_the_door():
        if made is None or Passkey.objects.filter(credential_id=made.credential_id).exists():
            raise NotProved
    _spend(challenge)
    return made


def keep_passkey(account: Account, made: AttestedCredentialData, label: str) -> Passkey:
    """パスキーの登録 — for an account."""
    return Passkey.objects.create(
        account=account, credential_id=made.credential_id, credential=bytes(made), label=label.strip()[:60]
    )


def remove_passkey(account: Account, passkey_id: UUID) -> Passkey | None:
    """パスキーの取消 — ``None`` for one that is not there, and for the last one in use: nobody locks themselves out."""
    mine = list(account.passkeys.select_for_update().filter(removed_at=None, waits_until=None))
    found = next((each for each in mine if each.pk == passkey_id), None)
    if found is None or len(mine) < 2:
        return None
    found.removed_at = datetime.now(UTC)
    found.save(update_fields=["removed_at"])
    return found


def _server(request: HttpRequest) -> Fido2Server:
    return _server_of(request.get_host().partition(":")[0])


@lru_cache(maxsize=64)
def _server_of(host: str) -> Fido2Server:
    """It keeps nothing of a request; making one takes longer than verifying a signature."""
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name="襷"))


def _credential(row: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(row.credential))


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LARGEST_ANSWER:
        raise NotProved
    value = json.loads(answer)
    if not isinstance(value, dict):
        raise NotProved
    return value


def _challenge(request: HttpRequest, purpose: str) -> bytes:
    get_token(request)
    head = secrets.token_bytes(16) + struct.pack(">Q", int(time.time()) + ANSWER_SECONDS)
    return head + _seal(request, head, purpose)


def _state(request: HttpRequest, challenge: bytes, purpose: str) -> dict[str, Any]:
    """What the library compares with: the challenge itself, once it is known to be ours and of this browser."""
    head, seal = challenge[:24], challenge[24:]
    if len(head) != 24 or not hmac.compare_digest(seal, _seal(request, head, purpose)):
        raise NotProved
    if struct.unpack(">Q", head[16:])[0] < time.time():
        raise NotProved
    return {"challenge": websafe_encode(challenge), "user_verification": _REQUIRED}


def _seal(request: HttpRequest, head: bytes, purpose: str) -> bytes:
    key = installation_secrets().derived("portal-challenge")
    browser = str(request.META.get("CSRF_COOKIE", ""))
    return hmac.digest(key, b"\0".join((head, purpose.encode(), browser.encode())), "sha256")


def _spend(challenge: bytes) -> None:
    until = datetime.fromtimestamp(struct.unpack(">Q", challenge[16:24])[0], UTC)
    with connections[router.db_for_write(SpentChallenge)].cursor() as cursor:
        cursor.execute(_SPEND, [challenge[:16], until])
        if cursor.fetchone() is None:
            raise NotProved
