# SPDX-License-Identifier: Apache-2.0
"""二要素認証の訓練 — every way in with one factor, at every address; then a random attacker at the door, against a model.

The controls plant what others' systems were entered by: a remembered browser, a recovery code that counts in full, a
session whose factor is not looked up, and one room without the gate.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, training_ground

if TYPE_CHECKING:
    from tasuki_server.accounts.addresses import Address, Parameter
    from tasuki_server.drills.made_up_provider import MadeUpProvider
    from tasuki_server.drills.mfa_paths import Ground, Try

# A value for each kind of parameter.
VALUES = {"uuid": "00000000-0000-7000-8000-000000000000", "int": "1", "number": "1", "slug": "receipt"}
RUNS = {Tier.PUSH: 40, Tier.LONG: 5_000}
# What may answer a request that has no second factor: a detour, a refusal, nothing there.
CLOSED = frozenset({301, 302, 303, 400, 401, 403, 404, 405, 429})


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """二要素認証の訓練 — the ways, the random attacker, the controls."""
    with training_ground():
        from django.test.utils import override_settings

        # Hashing is made quick: how passwords are kept is not what is drilled.
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            return _drilled(tier, seed, tell)


def _drilled(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    from tasuki_server.drills.made_up_provider import made_up_provider

    with made_up_provider() as provider:
        return _walked_all(make_ground(provider), tier, seed, tell)


def _walked_all(ground: Ground, tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    from tasuki_server.accounts.addresses import addresses
    from tasuki_server.drills.mfa_machine import wander
    from tasuki_server.drills.mfa_paths import PATHS

    routes = list(addresses())
    faults: list[str] = []
    requests = 0
    for number, path in enumerate(PATHS):
        # With every push each path meets a fourth of the routes, each route a fourth of the paths; the long run all.
        met = routes if tier is Tier.LONG else routes[(number + seed) % 4 :: 4]
        tried, wrong = walked(ground, path, met, both=tier is Tier.LONG)
        requests += tried
        faults += wrong
    tell(f"{len(PATHS)} paths × {len(routes)} routes, {requests} requests, {len(faults)} openings")
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    steps = 0
    for number in range(RUNS[tier]):
        made, wrong = wander(ground, random.Random(chosen.getrandbits(64)))  # noqa: S311
        steps += made
        faults += wrong
        if number % 500 == 499:
            tell(f"{number + 1} random runs, {steps} steps")
    control = {name: _with_fault(ground, name, routes) for name in FAULTS}
    return Finding(
        counts={
            "paths": len(PATHS),
            "routes": len(routes),
            "requests": requests,
            "random_runs": RUNS[tier],
            "random_steps": steps,
            "openings": len(faults),
        },
        faults=tuple(faults[:50]),
        control=control,
        control_is_red=all(control.values()),
    )


def make_ground(provider: MadeUpProvider) -> Ground:
    """訓練場 — two institutions; the person attacked holds every role, so that a page closes for want of a factor only."""
    from tasuki.security.permissions import OWN_ROLES
    from tasuki_server.api.tokens import make_token
    from tasuki_server.drills.made_up_provider import SUBJECT
    from tasuki_server.drills.mfa_paths import Ground
    from tasuki_server.drills.mfa_provider_paths import THEIRS, link_people
    from tasuki_server.drills.people import a_person
    from tasuki_server.institutions.work import Actor, as_institution

    mine, theirs = a_clinic(1), a_clinic(2)
    target, colleague = a_person(mine, "target", *OWN_ROLES), a_person(mine, "colleague", *OWN_ROLES)
    with as_institution(mine, Actor(target.staff.name, target.staff.id)):
        _, token = make_token("訓練", ["calculate"], 1)
    stranger = a_person(theirs, "stranger", *OWN_ROLES)
    link_people(provider, (mine, target, SUBJECT), (theirs, stranger, THEIRS))
    return Ground(mine, target, colleague, stranger, token, provider)


def walked(
    ground: Ground, path: Callable[[Ground], Try], routes: list[Address], *, both: bool
) -> tuple[int, list[str]]:
    """入り口からの巡回 — how many requests, and which pages opened.

    A refusal may end the session, so what it held is put back before each address: none is asked as a mere stranger.
    """
    from tasuki_server.accounts.pages import PUBLIC_PAGES
    from tasuki_server.drills.people import forget_limits

    forget_limits()
    tried = path(ground)
    kept = {name: each.value for name, each in tried.browser.cookies.items()}
    held = _held(tried.browser)
    requests, wrong = 0, []
    for number, route in enumerate(routes):
        if route.name in PUBLIC_PAGES or route.name in tried.may_open:
            continue
        for method in ("get", "post") if both or number % 4 == 0 else ("get",):
            for name, value in kept.items():
                tried.browser.cookies[name] = value
            _put_back(kept.get(_cookie(), ""), held)
            answer = getattr(tried.browser, method)(route.filled(_plain))
            requests += 1
            text = answer.content.decode(errors="replace") if not answer.streaming else ""
            if answer.status_code not in CLOSED or ground.target.staff.name in text:
                wrong.append(f"{path.__name__}: {method} {route.name} が {answer.status_code} で開きました。")
    return requests, wrong


def _plain(parameter: Parameter) -> str:
    """A value that leads to the view; no row has it."""
    return VALUES.get(parameter.name) or VALUES.get(parameter.kind) or "x"


def _cookie() -> str:
    from django.conf import settings

    return str(settings.SESSION_COOKIE_NAME)


def _held(browser: Any) -> dict[str, Any]:
    return dict(browser.session.items()) if _cookie() in browser.cookies else {}


def _put_back(key: str, held: dict[str, Any]) -> None:
    from tasuki_server.database.hashed_sessions import SessionStore

    if not key or not held or SessionStore().exists(key):
        return
    store = SessionStore()
    store._session_key = key  # type: ignore[attr-defined]
    # Not by update(): that looks for the session first, and forgets the key when it is gone.
    store._session_cache = dict(held)  # type: ignore[attr-defined]
    store.save(must_create=True)


@contextmanager
def _remembering() -> Iterator[None]:
    """A remembered browser skips the second step, as allauth offers it, and its session counts as whole."""
    from allauth.mfa.internal.flows import trust

    from tasuki_server.accounts import second_factor

    looked_up = second_factor.proved_types

    def proved(request: Any) -> set[str]:
        return looked_up(request) or ({"totp"} if trust.decode_trust_cookie(request) else set())

    with ExitStack() as stack:
        stack.enter_context(patch("allauth.mfa.app_settings.AppSettings._TRUST_STAGE_ENABLED", True))
        stack.enter_context(patch.object(second_factor, "proved_types", proved))
        yield


@contextmanager
def _recovering() -> Iterator[None]:
    """A recovery code counts as a factor like any other."""
    from tasuki_server.accounts import second_factor

    looked_up = second_factor.proved_types

    def proved(request: Any) -> set[str]:
        return {"totp"} if looked_up(request) else set()

    with patch.object(second_factor, "proved_types", proved):
        yield


@contextmanager
def _believing() -> Iterator[None]:
    """What the session says it proved is believed, and not looked up."""
    from allauth.account.authentication import get_authentication_records

    from tasuki_server.accounts import second_factor

    def proved(request: Any) -> set[str]:
        records = get_authentication_records(request, request.user)
        return {str(each["type"]) for each in records if each.get("method") == "mfa"}

    with patch.object(second_factor, "proved_types", proved):
        yield


@contextmanager
def _one_room_open() -> Iterator[None]:
    """One room stands outside the gate: a session is enough there."""
    from tasuki_server.accounts.second_factor import SecondFactor

    gate = SecondFactor._answer

    def answer(self: Any, request: Any, page: str | None) -> Any:
        if page == "patients:search" and request.user.is_authenticated:
            request.has_second_factor = True
            return self.get_response(request)
        return gate(self, request, page)

    with patch.object(SecondFactor, "_answer", answer):
        yield


@contextmanager
def _identity_believed() -> Iterator[None]:
    """What comes back from the provider is read, and not held against anything."""
    import base64
    import json

    from tasuki_server.providers import flow

    def said(token: str, *_: object, **__: object) -> str:
        return str(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["sub"])

    with patch.object(flow, "subject_of", said):
        yield


FAULTS = {
    "remembered_browser": (_remembering, "remembered_browser"),
    "recovery_code_counts": (_recovering, "recovery_code"),
    "factor_not_looked_up": (_believing, "factor_of_another"),
    "identity_not_checked": (_identity_believed, "provider_unsigned"),
    "one_room_open": (_one_room_open, "session_without_factor"),
}


def _with_fault(ground: Ground, name: str, routes: list[Address]) -> int:
    """What is found with a fault planted, at a few addresses of rooms."""
    from tasuki_server.drills import mfa_paths

    plant, path = FAULTS[name]
    few = [each for each in routes if each.name in ("home", "patients:search", "audit:list", "staff:list")]
    with plant():
        found = {each.__name__: each for each in mfa_paths.PATHS}
        return len(walked(ground, found[path], few, both=False)[1])


MFA = Drill(
    name="mfa",
    title="二要素認証の回避",
    goal="一つの要素だけでは、どの入り口からもどの画面も開かない",
    run=run,
)
