# SPDX-License-Identifier: Apache-2.0
"""本人の画面の行為 — what a page of the portal is for, who may open it, and whether the passkey is asked again; as data.

A page that names no act is not served, and the server does not start with one (:func:`undeclared_pages`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from django.urls import URLResolver

View = TypeVar("View", bound=Callable[..., Any])


class Who(StrEnum):
    """だれが開けるか — anyone; the person or a proxy; of proxies only one trusted with consents; the person alone."""

    ANYONE = "anyone"
    PERSON = "person"
    CONSENTING = "consenting"
    SELF = "self"


class ActRule(NamedTuple):
    """行為の決まり — who may, and whether the passkey is asked again once the last proof is older than TASUKI_STEP_UP_MINUTES."""

    who: Who
    is_proved_again: bool = False


class Act(StrEnum):
    """行為 — the name kept with each look; its words are in the tables of the portal (``act.*``)."""

    ENTER = "enter"
    LEAVE = "leave"
    LANGUAGE = "language"
    STANDING = "standing"
    REGISTER = "register"
    PROVE = "prove"
    HOME = "home"
    RESULTS = "results"
    DRUGS = "drugs"
    CONDITIONS = "conditions"
    ALLERGIES = "allergies"
    DOCUMENTS = "documents"
    CHECKUPS = "checkups"
    COSTS = "costs"
    LOOKS = "looks"
    CONSENTS = "consents"
    CONSENT_GRANT = "consent-grant"
    CONSENT_END = "consent-end"
    ENTRIES = "entries"
    ENTRY_ADD = "entry-add"
    ENTRY_END = "entry-end"
    DOWNLOAD = "download"
    PRINT = "print"
    DEVICES = "devices"
    PASSKEY_ADD = "passkey-add"
    PASSKEY_END = "passkey-end"
    PASSKEY_ADMIT = "passkey-admit"
    PASSKEY_REFUSE = "passkey-refuse"
    SESSION_END = "session-end"
    PROXIES = "proxies"
    PROXY_INVITE = "proxy-invite"
    PROXY_ACCEPT = "proxy-accept"
    PROXY_END = "proxy-end"
    SWITCH = "switch"


_PERSON, _SELF = ActRule(Who.PERSON), ActRule(Who.SELF)
_SELF_AGAIN = ActRule(Who.SELF, is_proved_again=True)
RULES: dict[Act, ActRule] = {
    Act.ENTER: ActRule(Who.ANYONE),
    Act.LEAVE: ActRule(Who.ANYONE),
    Act.LANGUAGE: ActRule(Who.ANYONE),
    Act.STANDING: ActRule(Who.ANYONE),
    Act.REGISTER: ActRule(Who.ANYONE),
    Act.PROVE: _PERSON,
    Act.HOME: _PERSON,
    Act.RESULTS: _PERSON,
    Act.DRUGS: _PERSON,
    Act.CONDITIONS: _PERSON,
    Act.ALLERGIES: _PERSON,
    Act.DOCUMENTS: _PERSON,
    Act.CHECKUPS: _PERSON,
    Act.COSTS: _PERSON,
    Act.LOOKS: _PERSON,
    Act.CONSENTS: _PERSON,
    Act.CONSENT_GRANT: ActRule(Who.CONSENTING),
    Act.CONSENT_END: ActRule(Who.CONSENTING),
    Act.ENTRIES: _PERSON,
    Act.ENTRY_ADD: _PERSON,
    Act.ENTRY_END: _PERSON,
    Act.DOWNLOAD: _PERSON,
    Act.PRINT: _PERSON,
    Act.DEVICES: _SELF,
    Act.PASSKEY_ADD: _SELF_AGAIN,
    Act.PASSKEY_END: _SELF_AGAIN,
    Act.PASSKEY_ADMIT: _SELF_AGAIN,
    # Refusing asks nothing first: it shuts a door.
    Act.PASSKEY_REFUSE: _SELF,
    Act.SESSION_END: _SELF,
    Act.PROXIES: _PERSON,
    Act.PROXY_INVITE: _SELF_AGAIN,
    Act.PROXY_ACCEPT: _SELF,
    Act.PROXY_END: _PERSON,
    Act.SWITCH: _PERSON,
}


def asks(act: Act) -> Callable[[View], View]:
    """行為の申告 — marks a page; the door holds it to the rule of its act before the page is called."""

    def mark(view: View) -> View:
        view.portal_act = act  # type: ignore[attr-defined]
        return view

    return mark


def act_of(view: Callable[..., Any]) -> Act | None:
    """行為 — of a page; ``None`` when it declares none, and so stays closed."""
    found: Act | None = getattr(view, "portal_act", None)
    return found


def undeclared_pages(resolver: URLResolver) -> list[str]:
    """申告のない画面 — addresses of the portal that name no act."""
    from tasuki_server.accounts.addresses import addresses

    return [each.name or each.template for each in addresses(resolver) if act_of(each.view) is None]
