# SPDX-License-Identifier: Apache-2.0
"""失敗のあとの待ち時間 — guessing is slowed, and nobody can lock a house out by guessing at all its names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone

from clinics import PASSWORD, totp_code
from tasuki_server.accounts.back_off import FIRST_WAIT_SECONDS, NAME_TRIES, SOURCE_TRIES, Budget, take_try
from tasuki_server.accounts.models import FailureCount

pytestmark = pytest.mark.server
NEXT_STEP = "/accounts/2fa/authenticate/"


@pytest.fixture(autouse=True)
def fresh_limits(server):
    cache.clear()
    FailureCount.objects.all().delete()


def give_password(client, user, password=PASSWORD):
    return client.post("/accounts/login/", {"login": user.username, "password": password})


def hold_waits() -> None:
    """However slow this machine is, who waits now is still waiting."""
    later = timezone.now() + timedelta(hours=1)
    FailureCount.objects.exclude(waits_until=None).update(waits_until=later, failed_at=timezone.now())


def is_let_on(answer) -> bool:
    return answer.status_code == 302 and answer["Location"] == NEXT_STEP


def test_an_attacker_who_knows_every_name_locks_nobody_out_of_a_browser_they_know(server):
    users = server.first.users.values()
    desks = {}
    for role, user in server.first.users.items():
        desk = server.first.browser(role)
        # A vendor's person and an unopened emergency account have no first page, and a browser that is known all the same.
        assert desk.get("/").status_code == (403 if role in ("maintenance", "emergency") else 200)
        desk.post("/accounts/logout/")
        desks[user] = desk
    for number, user in enumerate(users):
        for turn in range(NAME_TRIES + 3):
            attacker = Client(REMOTE_ADDR=f"203.0.113.{number * 20 + turn}")
            give_password(attacker, user, f"guess {turn}")
    hold_waits()
    for user in users:
        stranger = Client(REMOTE_ADDR="198.51.100.1")
        assert not is_let_on(give_password(stranger, user)), "an unknown browser waits"
        assert is_let_on(give_password(desks[user], user)), "the desk goes on with its work"


def test_the_address_of_the_house_cannot_be_used_up_either(server):
    """The attacker sits behind the same router."""
    desk = server.first.browser("doctor")
    assert desk.get("/").status_code == 200
    desk.post("/accounts/logout/")
    for turn in range(SOURCE_TRIES + 5):
        Client().post("/accounts/login/", {"login": f"somebody{turn}", "password": "guess"})
    hold_waits()
    assert not is_let_on(give_password(Client(), server.first.users["nurse"]))
    assert is_let_on(give_password(desk, server.first.users["doctor"]))


def test_an_address_of_four_is_its_own_where_a_socket_serves_both_families(server):
    """::ffff:… — such addresses are all of one network of six."""
    for turn in range(SOURCE_TRIES + 5):
        attacker = Client(REMOTE_ADDR="::ffff:203.0.113.7")
        attacker.post("/accounts/login/", {"login": f"somebody{turn}", "password": "guess"})
    hold_waits()
    nurse = server.first.users["nurse"]
    assert not is_let_on(give_password(Client(REMOTE_ADDR="::ffff:203.0.113.7"), nurse))
    assert is_let_on(give_password(Client(REMOTE_ADDR="::ffff:198.51.100.9"), nurse))


def test_a_known_browser_has_a_budget_too(server):
    desk = server.first.browser("clerk")
    assert desk.get("/").status_code == 200
    desk.post("/accounts/logout/")
    user = server.first.users["clerk"]
    for turn in range(NAME_TRIES):
        give_password(desk, user, f"guess {turn}")
    hold_waits()
    assert not is_let_on(give_password(desk, user))


def test_waits_double_and_peace_forgets(server):
    budget = Budget("a name")
    waits = []
    for _ in range(NAME_TRIES + 2):
        assert take_try(budget)
        row = FailureCount.objects.get(key="a name")
        waits.append(round((row.waits_until - row.failed_at).total_seconds()) if row.waits_until else 0)
        assert take_try(budget) is (row.waits_until is None) or row.waits_until is None
        FailureCount.objects.filter(key="a name").update(failures=row.failures, waits_until=None)
    assert waits == [0] * (NAME_TRIES - 1) + [
        FIRST_WAIT_SECONDS,
        2 * FIRST_WAIT_SECONDS,
        4 * FIRST_WAIT_SECONDS,
    ]
    FailureCount.objects.update(failed_at=timezone.now() - timedelta(hours=2))
    assert take_try(budget)
    assert FailureCount.objects.get(key="a name").failures == 1


def test_many_guesses_at_once_are_no_more_guesses(server):
    def guess(_: int) -> bool:
        try:
            return take_try(Budget("at once"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(guess, range(200))) == NAME_TRIES


def test_a_name_that_does_not_exist_waits_as_one_that_does(server):
    for name in (server.first.users["admin"].username, "nobody-of-that-name"):
        texts = []
        for turn in range(NAME_TRIES + 1):
            answer = Client().post("/accounts/login/", {"login": name, "password": f"guess {turn}"})
            texts.append(answer.content.decode().split("errorlist")[1][:200])
        assert texts[0] != texts[-1]
    assert FailureCount.objects.count() == 3


def test_a_thief_of_the_password_does_not_use_up_the_codes_of_the_desk(server):
    user = server.first.users["reception"]
    desk = server.first.browser("reception")
    assert desk.get("/").status_code == 200
    desk.post("/accounts/logout/")
    thief = Client(REMOTE_ADDR="203.0.113.77")
    assert is_let_on(give_password(thief, user))
    for turn in range(NAME_TRIES + 2):
        thief.post(NEXT_STEP, {"code": f"{turn:06}"})
    hold_waits()
    thief.post(NEXT_STEP, {"code": totp_code(user)})
    assert thief.get("/").status_code == 302
    assert is_let_on(give_password(desk, user))
    desk.post(NEXT_STEP, {"code": totp_code(user, step=1)})
    assert desk.get("/").status_code == 200
