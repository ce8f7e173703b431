# SPDX-License-Identifier: Apache-2.0
"""立場 — who opened the page and whose record it shows: one's own, or that of a person one stands in for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.portal.acts import Act
from tasuki_server.portal.models import Account, Event, Language, Proxy, Session
from tasuki_server.portal.proxies import is_live
from tasuki_server.portal.statements import keep

LANGUAGE_COOKIE = "tasuki-portal-language"


@dataclass(slots=True)
class Standing:
    """立場 — of one request; ``detail`` and ``person`` of an act that had none before are filled by its page."""

    language: str
    session: Session | None = None
    account: Account | None = None
    person: InsuredPerson | None = None
    proxy: Proxy | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_proxy(self) -> bool:
        """代理か — whether another's record is open."""
        return self.proxy is not None

    @property
    def who(self) -> str:
        """だれがだれの記録に — what a page is held to, that sends what was typed on it; "" when nobody is signed in."""
        if self.account is None:
            return ""
        return f"{self.account.pk}-{self.proxy.pk if self.proxy is not None else 'own'}"


def standing_of(request: HttpRequest, session: Session | None) -> Standing:
    """立場 — a proxy that ended shows one's own record again, from the next page on."""
    kept = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if session is None:
        return Standing(kept if kept in Language.values else Language.JAPANESE.value)
    account = session.account
    language = kept if kept in Language.values else account.language
    proxy = session.acting
    if proxy is not None and is_live(proxy):
        return Standing(language, session, account, proxy.person, proxy)
    if proxy is not None:
        Session.objects.filter(pk=session.pk).update(acting=None)
    return Standing(language, session, account, account.person)


def here(request: HttpRequest) -> Standing:
    """この要求の立場 — set by the door before the page."""
    found: Standing = request.portal  # type: ignore[attr-defined]
    return found


def signed_in(request: HttpRequest) -> tuple[Account, InsuredPerson, Session]:
    """サインインした人 — and whose record is open; the door has refused everybody else."""
    standing = here(request)
    if standing.account is None or standing.person is None or standing.session is None:
        raise PermissionDenied
    return standing.account, standing.person, standing.session


def keep_event(standing: Standing, act: Act, *, is_refused: bool = False, **detail: Any) -> None:
    """利用の記録 — in the transaction of the page: when it cannot be kept, the page is not shown."""
    keep(
        Event(
            person=standing.person,
            account=standing.account,
            proxy=standing.proxy,
            session=standing.session.pk if standing.session is not None else None,
            act=act.value,
            is_refused=is_refused,
            detail={**standing.detail, **detail},
        )
    )
