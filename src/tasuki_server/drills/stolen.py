# SPDX-License-Identifier: Apache-2.0
"""盗まれたセッションとトークンの訓練 — what someone showed is replayed elsewhere, and after what should have ended it.

Each theft begins with a session that is open, so that a closed door proves something. The controls keep sessions when
a right is taken away, and believe a session wherever it comes from.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, training_ground
from tasuki_server.drills.stolen_faults import stolen_tokens, tokens_with_faults
from tasuki_server.drills.stolen_tokens import THEFTS as TOKEN_THEFTS

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

    from tasuki_server.drills.people import Person

ROUNDS = {Tier.PUSH: 2, Tier.LONG: 60}
AT_ONCE = 200
THREADS = 16


class Ground(NamedTuple):
    """訓練場 — an institution with its administrator, and a nurse whose session is stolen."""

    institution_id: UUID
    admin: Person
    victim: Person


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """盗まれたセッションの訓練 — the thefts, the races, the controls."""
    with training_ground():
        from django.test.utils import override_settings

        # Hashing is made quick: how passwords are kept is not what is drilled.
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            return _drilled(tier, seed, tell)


def _drilled(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    ground = make_ground()
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    faults: list[str] = []
    replays = races = raced = late = 0
    for number in range(ROUNDS[tier]):
        thefts = list(THEFTS)
        chosen.shuffle(thefts)
        for theft in thefts:
            replays += 1
            faults += tried(ground, theft)
        if number % 2 == 0:
            races += 1
            asked, after, wrong = race(ground)
            raced, late, faults = raced + asked, late + after, faults + wrong
        tell(f"round {number + 1}: {replays} replays, {races} races, {len(faults)} openings")
    theirs = a_clinic(2)
    opened = stolen_tokens(ground.institution_id, theirs)
    faults += opened
    tell(f"{len(TOKEN_THEFTS)} thefts of tokens at three doors, {len(opened)} answered")
    control = {
        "sessions_kept": _with(ground, _keeping_sessions(), ENDINGS),
        "believed_anywhere": _with(
            ground, _believing_anywhere(), (other_device, session_alone, other_browser)
        ),
        "network_ignored": _with(ground, _ignoring_networks(), (other_network,)),
        **tokens_with_faults(ground.institution_id, theirs),
    }
    return Finding(
        counts={
            "thefts": len(THEFTS), "token_thefts": len(TOKEN_THEFTS), "doors": 3, "replays": replays, "races": races, "raced_requests": raced,
            "requests_after_the_end": late, "openings": len(faults),
        },
        faults=tuple(faults[:50]),
        control=control,
        control_is_red=all(control.values()),
    )  # fmt: skip


def make_ground() -> Ground:
    """訓練場 — one institution."""
    from tasuki.security.permissions import Role
    from tasuki_server.drills.people import a_person

    mine = a_clinic(1)
    return Ground(mine, a_person(mine, "admin", Role.ADMIN), a_person(mine, "victim", Role.NURSE, Role.CLERK))


def tried(ground: Ground, theft: Callable[[Ground, Client], Client]) -> list[str]:
    """盗みの試み — the session was open before, and the thief's browser gets no page of the house after."""
    from tasuki_server.drills.people import is_open, signed_in

    victim = signed_in(ground.victim)
    if not is_open(victim):
        return [f"{theft.__name__}: 盗む前のセッションが開きません（訓練が確かめられていません）。"]
    thief = theft(ground, victim)
    wrong = []
    for path in PAGES:
        answer = thief.get(path)
        if answer.status_code == 200 or ground.victim.staff.name in answer.content.decode(errors="replace"):
            wrong.append(f"{theft.__name__}: {path} が {answer.status_code} で開きました。")
    _restore(ground)
    return wrong


PAGES = ("/", "/patients/", "/claims/", "/reception/", "/accounts/sessions/")


def session_alone(ground: Ground, victim: Client) -> Client:
    """セッションのクッキーだけ."""
    from tasuki_server.drills.people import copied

    return copied(victim, device=False)


def other_device(ground: Ground, victim: Client) -> Client:
    """別の端末の印."""
    from tasuki_server.accounts.devices import cookie_name
    from tasuki_server.drills.people import a_browser, copied

    thief, own = copied(victim, device=False), a_browser()
    own.get("/accounts/login/")
    thief.cookies[cookie_name()] = "A" * 43
    return thief


def other_browser(ground: Ground, victim: Client) -> Client:
    """別のブラウザー."""
    from tasuki_server.drills.people import copied

    return copied(victim, HTTP_USER_AGENT="python-requests/2.32")


def other_network(ground: Ground, victim: Client) -> Client:
    """別のネットワーク — the person at the clinic goes on undisturbed."""
    from tasuki_server.drills.people import copied, is_open

    thief = copied(victim, REMOTE_ADDR="203.0.113.5")
    thief.get("/")
    if not is_open(victim):
        raise AssertionError("the owner was locked out by the thief")
    return thief


def after_sign_out(ground: Ground, victim: Client) -> Client:
    """サインアウトのあと."""
    from tasuki_server.drills.people import copied

    thief = copied(victim)
    victim.post("/accounts/logout/")
    return thief


def after_idleness(ground: Ground, victim: Client) -> Client:
    """放置のあと."""
    session = victim.session
    session["tasuki_seen"] = 0
    session.save()
    return victim


def after_disabling(ground: Ground, victim: Client) -> Client:
    """利用停止のあと."""
    return _after(ground, victim, "disable/")


def after_a_change_of_roles(ground: Ground, victim: Client) -> Client:
    """役割の変更のあと."""
    return _after(ground, victim, "roles/", {"roles": ["nurse"]})


def after_the_factor_was_reset(ground: Ground, victim: Client) -> Client:
    """二要素認証の取消のあと."""
    return _after(ground, victim, "reset-factor/")


def after_the_password_was_reset(ground: Ground, victim: Client) -> Client:
    """パスワードの再発行のあと."""
    return _after(ground, victim, "reset-password/")


def after_the_administrator_ended_all(ground: Ground, victim: Client) -> Client:
    """管理者が端末を終了したあと."""
    return _after(ground, victim, "end-sessions/")


def after_the_owner_ended_it(ground: Ground, victim: Client) -> Client:
    """本人がほかの端末を終了したあと."""
    from tasuki_server.drills.people import signed_in

    own = signed_in(ground.victim)
    own.post("/accounts/sessions/end-others/")
    return victim


def after_the_owner_changed_the_password(ground: Ground, victim: Client) -> Client:
    """本人がパスワードを変えたあと."""
    from tasuki_server.drills.people import PASSWORD, signed_in

    own = signed_in(ground.victim)
    new = "atarashii aikotoba"
    own.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    return victim


ENDINGS = (
    after_disabling,
    after_a_change_of_roles,
    after_the_factor_was_reset,
    after_the_password_was_reset,
    after_the_administrator_ended_all,
)
THEFTS = (
    session_alone,
    other_device,
    other_browser,
    other_network,
    after_sign_out,
    after_idleness,
    *ENDINGS,
    after_the_owner_ended_it,
    after_the_owner_changed_the_password,
)


def race(ground: Ground) -> tuple[int, int, list[str]]:
    """二百の要求と利用停止 — whatever began after the administrator was answered gets nothing."""
    from django.db import connections

    from tasuki_server.drills.people import copied, is_open, signed_in

    admin, victim = signed_in(ground.admin), signed_in(ground.victim)
    is_open(victim)
    done: list[float] = []

    def ask(number: int) -> tuple[float, bool]:
        try:
            if number == AT_ONCE // 3:
                admin.post(f"/staff/{ground.victim.staff.id}/disable/")
                done.append(monotonic())
            browser = copied(victim)
            begun = monotonic()
            return begun, is_open(browser)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(AT_ONCE)))
    late = [opened for begun, opened in found if begun > done[0]]
    wrong = [f"利用停止のあとの {sum(late)} 件の要求が開きました。"] if any(late) else []
    if not late or not any(opened for _, opened in found):
        wrong.append("競争になりませんでした（訓練が確かめられていません）。")
    _restore(ground)
    return len(found), len(late), wrong


def _after(ground: Ground, victim: Client, act: str, data: dict[str, Any] | None = None) -> Client:
    """The administrator does something on the person's page; the thief has a copy from before."""
    from tasuki_server.drills.people import copied, signed_in

    thief = copied(victim)
    answer = signed_in(ground.admin).post(f"/staff/{ground.victim.staff.id}/{act}", data or {})
    if answer.status_code not in (200, 302):
        raise AssertionError(f"{act}: {answer.status_code}")
    return thief


def _restore(ground: Ground) -> None:
    """The person is as at the beginning, whatever was done to them."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tasuki_server.accounts.models import User
    from tasuki_server.drills.people import PASSWORD
    from tasuki_server.institutions.models import Staff
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    user = User.objects.get(pk=ground.victim.user.pk)
    user.set_password(PASSWORD)
    user.is_active, user.must_change_password = True, False
    user.save()
    if not Authenticator.objects.filter(user_id=user.pk, type="totp").exists():
        TOTP.activate(user, generate_totp_secret())
    with as_institution(ground.institution_id, system_actor(ground.institution_id)):
        Staff.objects.filter(id=ground.victim.staff.id).update(
            is_active=True, roles=ground.victim.staff.roles
        )


@contextmanager
def _keeping_sessions() -> Iterator[None]:
    """What takes a right away is written down, and the sessions stay; who is disabled is looked up at sign-in only."""
    from allauth.account.auth_backends import AuthenticationBackend

    from tasuki_server.accounts import staff_changes

    def kept(*_: object, **__: object) -> list[str]:
        return []

    with (
        patch.object(staff_changes, "end_sessions", kept),
        patch.object(AuthenticationBackend, "user_can_authenticate", lambda *_: True),
    ):
        yield


@contextmanager
def _believing_anywhere() -> Iterator[None]:
    """A session is believed on any machine."""
    from tasuki_server.accounts import second_factor

    with patch.object(second_factor, "strayed", lambda *_: None):
        yield


@contextmanager
def _ignoring_networks() -> Iterator[None]:
    """A session is believed in any network."""
    from tasuki_server.accounts import second_factor

    with patch.object(second_factor, "moved_to", lambda *_: ""):
        yield


def _with(ground: Ground, fault: Any, thefts: tuple[Callable[[Ground, Client], Client], ...]) -> int:
    with fault:
        return sum(bool(tried(ground, theft)) for theft in thefts)


STOLEN = Drill(
    name="stolen",
    title="盗まれたセッションとトークン",
    goal="盗んだセッションやトークンは、ほかの端末・送信元でも、権限を取り上げたあとでも、次の要求から開かない",
    run=run,
)
