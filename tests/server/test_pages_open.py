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
