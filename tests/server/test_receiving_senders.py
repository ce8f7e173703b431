# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る送信元（請求の受付） — which keys are taken, what a token costs, and what neither opens again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from tasuki_server.api.patience import Patience, Turn
from tasuki_server.api.proofs import WORDS
from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk
from tasuki_server.api.service_clients import KEY_DAYS, NotRegistered
from tasuki_server.api.token_form import NoToken

pytestmark = pytest.mark.server
ISSUE, PATH = "/receiving/v1/token", "/receiving/v1/results"
HERE = {"host": "localhost"}


@pytest.fixture
def client(server):
    from tasuki_server.receiving.clients import register_client
    from tasuki_server.receiving.models import SendingClient

    number = f"99{SendingClient.objects.count():05}"
    return register_client("13", number, "送る医院")[0]


@pytest.fixture
def turn():
    return Turn(Patience("test-senders"), "")


def jwk(key) -> str:
    return json.dumps(public_jwk(key))


def added(client, key, **given):
    from tasuki_server.receiving.senders import add_key

    return add_key(client, jwk(key), given.pop("at", timezone.now()), **given)


def sender(key) -> ServiceCaller:
    return ServiceCaller.made(key.thumbprint(), key, "http://localhost", ISSUE)


def asked(caller: ServiceCaller, turn, headers=HERE, **more):
    from tasuki_server.receiving.senders import give_token

    body, shown = caller.token_request()
    return give_token(
        {**headers, "dpop": more.get("dpop", shown["DPoP"])}, ISSUE, more.get("body", body), turn
    )


def recognised(caller: ServiceCaller, turn, headers=HERE, proof: str | None = None, token: str | None = None):
    from tasuki_server.receiving.senders import sender_of

    shown = caller.proof("GET", PATH) if proof is None else proof
    return sender_of("GET", PATH, {**headers, "dpop": shown}, caller.token if token is None else token, turn)


def refused(act) -> str:
    with pytest.raises((NotRegistered, NoToken)) as told:
        act()
    return getattr(told.value, "why", None) or told.value.detail


def test_three_keys_of_those_that_count_and_no_key_twice(client):
    from tasuki_server.receiving.senders import revoke_key

    now, keys = timezone.now(), [new_key() for _ in range(5)]
    long_ago = now - timedelta(days=3)
    assert added(client, keys[0], at=long_ago, days=3).expires_at == long_ago + timedelta(days=3)
    rows = [added(client, each, at=now) for each in keys[1:4]]
    assert rows[0].expires_at == now + timedelta(days=KEY_DAYS)
    assert refused(lambda: added(client, keys[4], at=now)) == "many"
    assert refused(lambda: added(client, keys[1], at=now)) == "taken"
    assert revoke_key(client.id, rows[0].thumbprint, now)
    assert not revoke_key(client.id, rows[0].thumbprint, now), "it is stopped already"
    assert added(client, keys[4], at=now)
    assert refused(lambda: added(client, keys[1], at=now)) == "taken", "a stopped key does not come back"


def test_who_was_stopped_gets_no_key(client):
    client.revoked_at = timezone.now()
    assert refused(lambda: added(client, new_key())) == "stopped"


def test_a_token_is_given_once_for_its_proofs_and_serves_its_holder(client, turn):
    key = new_key()
    added(client, key)
    caller = sender(key)
    body, headers = caller.token_request()
    told = asked(caller, turn, body=body, dpop=headers["DPoP"])
    caller.token = told["access_token"]
    for given in ({"body": body}, {"dpop": headers["DPoP"]}):
        assert refused(lambda given=given: asked(sender(key), turn, **given)) == WORDS["replayed"]
    assert refused(lambda: asked(caller, turn, body=body)) == WORDS["replayed"]
    proof = caller.proof("GET", PATH)
    assert recognised(caller, turn, proof=proof) == client
    assert recognised(caller, turn, proof=proof) is None, "a proof serves once"
    assert recognised(caller, turn) == client
    assert recognised(caller, turn, {"host": "evil.example"}) is None
    thief = sender(key)
    thief.token = caller.token
    assert recognised(thief, turn) is None
    assert recognised(caller, turn, token="tskb.no.token") is None
    assert refused(lambda: asked(sender(key), turn, {"host": "evil.example"})) == WORDS["audience"]


def test_a_token_of_another_door_opens_nothing_here(client, turn, monkeypatch):
    from tasuki_server.receiving import senders

    key = new_key()
    added(client, key)
    caller = sender(key)
    with monkeypatch.context() as patched:
        patched.setattr(senders, "PURPOSE", "platform-bound-token")
        caller.token = asked(caller, turn)["access_token"]
    assert recognised(caller, turn) is None


def test_a_key_opens_while_it_and_its_sender_stand(client, turn):
    from tasuki_server.receiving.models import SenderKey, SendingClient
    from tasuki_server.receiving.senders import revoke_key

    key, now = new_key(), timezone.now()
    row = added(client, key)
    caller = sender(key)
    caller.token = asked(caller, turn)["access_token"]
    rows, clients = SenderKey.objects.filter(pk=row.pk), SendingClient.objects.filter(pk=client.pk)
    for stop, restore in (
        (
            lambda: rows.update(expires_at=now - timedelta(seconds=1)),
            lambda: rows.update(expires_at=row.expires_at),
        ),
        (lambda: clients.update(revoked_at=now), lambda: clients.update(revoked_at=None)),
    ):
        stop()
        assert recognised(caller, turn) is None
        assert refused(lambda: asked(sender(key), turn)) == WORDS["signature"]
        restore()
        assert recognised(caller, turn) == client
    revoke_key(client.id, row.thumbprint, now)
    assert recognised(caller, turn) is None


def test_a_name_that_no_table_can_hold_is_nobody(client, turn):
    from tasuki_server.receiving import senders

    assert senders._key("a\0b") is None


def test_spent_proofs_are_forgotten_a_minute_after_they_ended(client, turn):
    from tasuki_server.receiving.models import SpentSenderProof

    key, now = new_key(), timezone.now()
    added(client, key)
    for digest, seconds in (("gone", 70), ("kept", 50)):
        SpentSenderProof.objects.create(digest=digest, expires_at=now - timedelta(seconds=seconds))
    asked(sender(key), turn)
    left = set(SpentSenderProof.objects.values_list("digest", flat=True))
    assert "kept" in left and "gone" not in left


def test_who_sends_by_a_token_alone_is_told(client):
    from tasuki_server.receiving.senders import token_only

    now = timezone.now()
    mine = [each for each in token_only(now, ()) if client.code in each]
    assert mine == [f"131{client.code} 送る医院"]
    added(client, new_key())
    assert not [each for each in token_only(now, ()) if client.code in each]
