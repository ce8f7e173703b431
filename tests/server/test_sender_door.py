# SPDX-License-Identifier: Apache-2.0
"""鍵で名乗る送信元の入口 — what it takes to be believed, part by part: the form, both proofs, the address, the day."""

from __future__ import annotations

import json
import time
from datetime import date
from urllib.parse import urlencode

import pytest

from tasuki_server.api.bound_tokens import TOKEN_SECONDS, read_bound_token
from tasuki_server.api.proofs import ASSERTION_TYPE, GRANT, WORDS, NoProof, Target
from tasuki_server.api.sender_door import (
    LARGEST_FORM,
    answer_of,
    bearer_until,
    check_holder,
    check_sender,
    origin_of,
    own_address,
    read_name,
    refusal_body,
    sent_from,
    serves_its_holder,
    shows_one_proof,
)
from tasuki_server.api.service_call import ServiceCaller, new_key, public_jwk
from tasuki_server.api.token_form import NoToken
from tasuki_server.cli.words import Stop

ISSUE, ORIGIN = "/receiving/v1/token", "http://localhost"
ADDRESS = ORIGIN + ISSUE


@pytest.fixture
def sender() -> ServiceCaller:
    key = new_key()
    return ServiceCaller.made(key.thumbprint(), key, ORIGIN, ISSUE)


def form(assertion: str, **more: str) -> bytes:
    given = {"grant_type": GRANT, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    return urlencode(given | more).encode()


def refused(act, *given) -> tuple[str, str]:
    with pytest.raises(NoToken) as told:
        act(*given)
    return told.value.code, told.value.detail


def test_the_form_names_a_key_and_nobody_else(sender):
    named = read_name(form(sender.assertion()))
    assert named.thumbprint == sender.client_id
    assert read_name(form(named.assertion, client_id=sender.client_id)) == named
    assert refused(read_name, form(named.assertion, client_id="other")) == ("invalid_client", WORDS["whose"])
    assert refused(read_name, form("no.jwt")) == ("invalid_client", WORDS["form"])


def test_a_form_is_read_up_to_its_size_and_not_cut(sender):
    whole = form(sender.assertion())
    longest = whole + b"&x=" + b"x" * (LARGEST_FORM - len(whole) - 3)
    assert len(longest) == LARGEST_FORM
    assert read_name(longest).thumbprint == sender.client_id
    assert refused(read_name, longest + b"x")[0] == "invalid_request"
    assert "16,384バイト" in refused(read_name, longest + b"x")[1]


def test_both_proofs_are_of_this_door_and_of_the_key_that_was_named(sender):
    now = time.time()
    public = public_jwk(sender.key)
    named = read_name(form(sender.assertion()))
    shown = check_sender(named, public, ADDRESS, sender.proof("POST", ISSUE), now)
    assert shown.both == [shown.assertion, shown.held]
    assert shown.assertion.thumbprint == sender.client_id
    assert shown.held.thumbprint == sender.holder.thumbprint()
    wrong = {
        "signature": (named, public_jwk(new_key()), ADDRESS, sender.proof("POST", ISSUE)),
        "audience": (named, public, ADDRESS + "x", sender.proof("POST", ISSUE)),
    }
    for why, given in wrong.items():
        assert refused(check_sender, *given, now) == ("invalid_client", WORDS[why])
    assert (
        refused(check_sender, named, None, ADDRESS, sender.proof("POST", ISSUE), now)[0] == "invalid_client"
    )
    for why, proof in {
        "method": sender.proof("GET", ISSUE),
        "address": sender.proof("POST", ISSUE + "x"),
    }.items():
        assert refused(check_sender, named, public, ADDRESS, proof, now) == ("invalid_dpop_proof", WORDS[why])


def test_a_token_is_of_one_door_and_of_who_can_prove_it(sender):
    now = time.time()
    named = read_name(form(sender.assertion()))
    shown = check_sender(named, public_jwk(sender.key), ADDRESS, sender.proof("POST", ISSUE), now)
    told = answer_of(shown, now, "receiving-bound-token")
    assert (told["token_type"], told["expires_in"]) == ("DPoP", TOKEN_SECONDS)
    sender.token = told["access_token"]
    assert read_bound_token(sender.token, now, "platform-bound-token") is None
    token = read_bound_token(sender.token, now, "receiving-bound-token")
    assert token is not None and token.key == sender.client_id
    target = Target("GET", ORIGIN + "/x")
    held = check_holder(token, sender.token, target, sender.proof("GET", "/x"), now)
    assert held.thumbprint == sender.holder.thumbprint()
    thief = ServiceCaller.made(sender.client_id, sender.key, ORIGIN, ISSUE)
    thief.token = sender.token
    with pytest.raises(NoProof, match="other_sender"):
        check_holder(token, sender.token, target, thief.proof("GET", "/x"), now)
    with pytest.raises(NoProof, match="token"):
        sender.token = "another"
        check_holder(token, told["access_token"], target, sender.proof("GET", "/x"), now)


@pytest.mark.parametrize(
    ("settings_", "headers", "address"),
    [
        ({}, {"host": "LocalHost"}, "http://localhost/p"),
        ({}, {"host": "localhost:80"}, "http://localhost/p"),
        ({}, {"host": "localhost:443"}, "http://localhost:443/p"),
        ({}, {"host": "localhost:8000", "x-forwarded-host": "testserver"}, "http://localhost:8000/p"),
        ({"TASUKI_HTTPS": "yes"}, {"host": "localhost:443"}, "https://localhost/p"),
        ({"TASUKI_HTTPS": "yes"}, {"host": "localhost:80"}, "https://localhost:80/p"),
        # The last proxy is ours: what stands before came from whoever asks.
        ({"TASUKI_BEHIND_PROXY": "yes"}, {"host": "x", "x-forwarded-host": "evil, testserver"}, "http://testserver/p"),
        ({"TASUKI_BEHIND_PROXY": "yes"}, {"host": "localhost"}, "http://localhost/p"),
    ],
)  # fmt: skip
def test_the_address_is_the_one_that_was_asked(monkeypatch, settings, settings_, headers, address):
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    for name in ("TASUKI_HTTPS", "TASUKI_BEHIND_PROXY"):
        monkeypatch.setenv(name, settings_.get(name, "no"))
    assert own_address(headers, "/p") == address


@pytest.mark.parametrize("host", ["", "evil.example", "localhost.evil.example", "local host", "localhost:x"])
def test_a_name_that_is_not_ours_proves_nothing(settings, host):
    settings.ALLOWED_HOSTS = ["localhost"]
    with pytest.raises(NoProof, match="audience"):
        own_address({"host": host}, "/p")
    with pytest.raises(NoProof, match="audience"):
        own_address({}, "/p")


def test_who_sends_is_told_by_the_proxy_where_there_is_one(monkeypatch):
    headers = {"x-forwarded-for": "203.0.113.1, 198.51.100.2"}
    monkeypatch.setenv("TASUKI_BEHIND_PROXY", "no")
    assert sent_from({"client": ("192.0.2.9", 5)}, headers) == "192.0.2.9"
    monkeypatch.setenv("TASUKI_BEHIND_PROXY", "yes")
    assert sent_from({"client": ("192.0.2.9", 5)}, headers) == "198.51.100.2"
    assert sent_from({"client": ("192.0.2.9", 5)}, {}) == "192.0.2.9"
    assert sent_from({}, {}) == sent_from({"client": None}, {}) == "?"


def test_of_two_proofs_none_is_checked():
    assert shows_one_proof([])
    assert shows_one_proof([(b"DPoP", b"a"), (b"host", b"a")])
    assert not shows_one_proof([(b"dpop", b"a"), (b"DPOP", b"a")])


def test_what_a_refusal_tells_is_of_its_code_and_words():
    assert json.loads(refusal_body(NoToken("invalid_client", "証明"))) == {
        "error": "invalid_client",
        "detail": "証明",
    }
    assert "証明".encode() in refusal_body(NoToken("invalid_client", "証明"))


def test_an_address_elsewhere_is_named_as_proofs_name_it():
    assert origin_of("https://[2001:db8::1]:8443/base/") == "https://[2001:db8::1]:8443/base"
    assert origin_of("http://claims.example:80") == "http://claims.example"
    assert origin_of("http://claims.example:443") == "http://claims.example:443"


def test_tokens_that_serve_their_holder_end_with_their_day(monkeypatch, caplog):
    monkeypatch.setenv("TASUKI_BEARER_UNTIL", "")
    assert bearer_until() is None and not serves_its_holder(date(2026, 12, 1))
    monkeypatch.setenv("TASUKI_BEARER_UNTIL", " 2026-12-01 ")
    assert serves_its_holder(date(2026, 11, 30)) and serves_its_holder(date(2026, 12, 1))
    assert not serves_its_holder(date(2026, 12, 2))
    monkeypatch.setenv("TASUKI_BEARER_UNTIL", "2026-13-01")
    with pytest.raises(Stop, match="2026-13-01"):
        bearer_until()
    assert not serves_its_holder(date(2026, 12, 1))
    assert "2026-13-01" in caplog.text
