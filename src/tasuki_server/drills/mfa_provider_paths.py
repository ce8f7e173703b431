# SPDX-License-Identifier: Apache-2.0
"""認証基盤からの入り口 — an answer of the provider alone, and wrong answers by someone who has the person's code.

Whoever has the code lacks the first factor only: an answer that is believed without reason would let them in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki_server.drills.made_up_provider import another_key
from tasuki_server.drills.people import a_browser, code_of, forget_limits, give_code

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

    from tasuki_server.drills.made_up_provider import MadeUpProvider
    from tasuki_server.drills.mfa_paths import Ground, Try
    from tasuki_server.drills.people import Person

THEIRS = "another-account"


def link_people(provider: MadeUpProvider, *people: tuple[UUID, Person, str]) -> None:
    """結び付け — the provider is set for each institution, and the person linked to the account."""
    from tasuki_server.drills.made_up_provider import CLIENT, CLIENT_SECRET
    from tasuki_server.institutions.work import Actor, as_institution
    from tasuki_server.providers.settling import link, set_provider

    for institution_id, person, subject in people:
        with as_institution(institution_id, Actor(person.staff.name, person.staff.id)):
            set_provider("訓練の認証基盤", provider.issuer, CLIENT, CLIENT_SECRET)
            link(person.staff.id, subject)


def provider_alone(ground: Ground) -> Try:
    """認証基盤だけ — a right answer, and no code."""
    return _came_back(ground, {}, code=False)


def provider_of_another_issuer(ground: Ground) -> Try:
    """別の発行者."""
    return _came_back(ground, {"iss": "https://elsewhere.example"})


def provider_for_another_client(ground: Ground) -> Try:
    """別の宛先."""
    return _came_back(ground, {"aud": "another-client"})


def provider_with_an_old_nonce(ground: Ground) -> Try:
    """別のサインインの nonce."""
    return _came_back(ground, {"nonce": "of another sign-in"})


def provider_long_ago(ground: Ground) -> Try:
    """期限切れの身元."""
    return _came_back(ground, {"iat": 1_000_000_000, "exp": 1_000_000_300})


def provider_unsigned(ground: Ground) -> Try:
    """署名のない身元（none）."""
    return _came_back(ground, {}, algorithm="none")


def provider_signed_by_its_public_key(ground: Ground) -> Try:
    """公開鍵を合言葉にした身元（HS256）."""
    return _came_back(ground, {}, algorithm="HS256")


def provider_signed_by_another(ground: Ground) -> Try:
    """別の鍵で署名した身元."""
    _came_back(ground, {}, code=False)
    kept, ground.provider.key = ground.provider.key, another_key()
    try:
        return _came_back(ground, {})
    finally:
        ground.provider.key = kept


def provider_account_of_another_institution(ground: Ground) -> Try:
    """別の医療機関に結び付いたアカウント."""
    return _came_back(ground, {"sub": THEIRS})


def provider_account_by_name(ground: Ground) -> Try:
    """名前とメールが同じだけのアカウント."""
    name = ground.target.user.username
    return _came_back(ground, {"sub": name, "preferred_username": name, "email": ground.target.user.email})


def provider_answer_in_another_browser(ground: Ground) -> Try:
    """別のブラウザーに届いた応答（state）."""
    from tasuki_server.drills.mfa_paths import Try

    thief = a_browser()
    thief.get(_start(ground))
    told = ground.provider.authorise(a_browser().get(_start(ground))["Location"])
    thief.get("/providers/back/", told)
    return Try(_with_code(ground, thief))


PROVIDER_PATHS = (
    provider_alone,
    provider_of_another_issuer,
    provider_for_another_client,
    provider_with_an_old_nonce,
    provider_long_ago,
    provider_unsigned,
    provider_signed_by_its_public_key,
    provider_signed_by_another,
    provider_account_of_another_institution,
    provider_account_by_name,
    provider_answer_in_another_browser,
)


def _start(ground: Ground) -> str:
    return f"/providers/start/{ground.institution_id}/"


def _came_back(ground: Ground, told: dict[str, Any], *, code: bool = True, algorithm: str = "RS256") -> Try:
    from tasuki_server.drills.mfa_paths import Try

    provider, browser = ground.provider, a_browser()
    place = browser.get(_start(ground))["Location"]
    provider.told, provider.algorithm = told, algorithm
    try:
        browser.get("/providers/back/", provider.authorise(place))
    finally:
        provider.told, provider.algorithm = {}, "RS256"
    return Try(_with_code(ground, browser) if code else browser)


def _with_code(ground: Ground, browser: Client) -> Client:
    forget_limits()
    give_code(browser, code_of(ground.target))
    return browser
