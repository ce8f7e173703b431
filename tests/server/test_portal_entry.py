# SPDX-License-Identifier: Apache-2.0
"""本人の画面への入り方 — passkeys, codes, sessions; a session of staff opens nothing here, and the reverse."""

from __future__ import annotations

import pytest

from portal import Telephone, person_with_card

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def fresh_tries(server):
    from tasuki_server.accounts.models import FailureCount

    FailureCount.objects.all().delete()


@pytest.fixture(scope="module")
def person(server):
    return person_with_card("架空　花子", "1001", sex="2")


def test_registering_by_a_code_and_entering_by_the_passkey(person):
    phone = Telephone()
    assert phone.get("").headers["Location"] == "/portal/enter/?next=%2Fportal%2F"
    done = phone.register(person)
    assert (done.status_code, done.headers["Location"]) == (302, "/portal/")
    assert "架空　花子さんの記録" in phone.text("")
    phone.post("leave/")
    assert phone.get("").status_code == 302
    assert phone.enter().status_code == 302
    assert "架空　花子さんの記録" in phone.text("")
    cookie = phone.client.cookies["tasuki-portal"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
