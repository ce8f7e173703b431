# SPDX-License-Identifier: Apache-2.0
"""画面 — the frame of the pages, as a signed-in member of staff and as a stranger."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.server


def test_home_of_a_signed_in_member_names_the_institution(server):
    answer = server.first.browser("doctor").get("/")
    assert answer.status_code == 200
    assert "ひがし野診療所" in answer.content.decode()
    assert "にし丘医院" not in answer.content.decode()


def test_a_stranger_is_sent_to_sign_in(server):
    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_missing_page_answers_in_japanese_with_the_policy(server):
    answer = server.first.browser().get("/no/such/page")
    assert answer.status_code == 404
    assert "見つかりません" in answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("default-src 'self'")


def test_every_page_of_one_s_own_account_opens(server):
    """With a password given a moment ago, as these pages ask for."""
    import time

    from django.urls import reverse

    browser = server.first.browser("clerk")
    session = browser.session
    session["account_authentication_methods"] += [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    for name in (
        "account_change_password",
        "account_reauthenticate",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_deactivate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
    ):
        answer = browser.get(reverse(name))
        assert answer.status_code == 200, name
        assert "style=" not in answer.content.decode() and "onclick" not in answer.content.decode(), name
