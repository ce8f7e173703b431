# SPDX-License-Identifier: Apache-2.0
"""利用登録 — opened by a code from an institution's desk, or in a rehearsal by a made-up card; ended by a passkey.

Between the two lies a ticket that the page carries: the code is spent when the passkey is there, so whoever breaks off
begins again with the same code. For someone who registered before, the new device waits (:mod:`.new_device`).
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.core import signing
from django.http import HttpRequest
from django.utils import timezone
from fido2.webauthn import AttestedCredentialData

from tasuki_server.accounts.back_off import give_back, take_try
from tasuki_server.api.callers import bearer_serves_here
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.portal.codes import budget_at, find_code, open_code, spend_code
from tasuki_server.portal.models import Account, CodeKind, OneTimeCode, Passkey
from tasuki_server.portal.new_device import passkeys_in_use, register_device

TICKET_SECONDS = 900
_SALT = "portal-register"


class Opened(NamedTuple):
    """登録の開始 — for whom, by which code (none for the made-up card), and the name a device will know the person by."""

    person: InsuredPerson
    code: OneTimeCode | None
    handle: bytes


def is_rehearsal() -> bool:
    """試行か — neither HTTPS nor a proxy says that others reach this server; made-up cards and demo codes end there."""
    return bearer_serves_here()


def open_by_code(request: HttpRequest, given: str, born: date) -> Opened | None:
    """コードによる登録の開始 — with the birthday, so that a sheet that was found is not enough."""
    code = find_code(request, given, (CodeKind.OWN,), born)
    return None if code is None else _opened(code.person, code)


def open_by_card(request: HttpRequest, card: str, born: date) -> Opened | None:
    """架空のカードによる登録の開始 — stands in for マイナンバーカード, in a rehearsal alone; a stopped card opens nothing."""
    budget = budget_at(request, "card")
    if not is_rehearsal() or not take_try(budget):
        return None
    found = InsuredPerson.objects.filter(
        card=card.strip()[:40], born=born, card_stopped_at=None, card_until_on__gte=timezone.localdate()
    ).first()
    if found is None:
        return None
    give_back(budget)
    return _opened(found, None)


def ticket_of(request: HttpRequest, opened: Opened) -> str:
    """登録の券 — carried by the page of this browser, a quarter of an hour."""
    code = str(opened.code.pk) if opened.code else ""
    kept = {"person": str(opened.person.pk), "code": code, "handle": opened.handle.hex()}
    return signing.dumps(kept, salt=_salt(request))


def opened_by(request: HttpRequest, ticket: str) -> Opened | None:
    """登録の券の照合 — ``None`` when it is not of this browser, too old, or its code has served meanwhile."""
    try:
        kept = signing.loads(ticket, salt=_salt(request), max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    handle = bytes.fromhex(kept["handle"])
    if not kept["code"]:
        person = InsuredPerson.objects.get(pk=UUID(kept["person"]))
        return Opened(person, None, handle) if is_rehearsal() else None
    code = open_code(UUID(kept["code"]))
    return None if code is None else Opened(code.person, code, handle)


def finish(opened: Opened, made: AttestedCredentialData, label: str) -> tuple[Account, Passkey] | None:
    """登録の完了 — the account with its passkey, which may have to wait; ``None`` when the code served in the meantime."""
    if opened.code is not None and not spend_code(opened.code):
        return None
    account, _ = Account.objects.get_or_create(person=opened.person, defaults={"handle": opened.handle})
    return account, register_device(account, made, label)


def is_known(opened: Opened) -> bool:
    """登録済みか — whether the person has devices in use, which are asked first."""
    account = Account.objects.filter(person=opened.person).first()
    return account is not None and passkeys_in_use(account).exists()


def demo_account(request: HttpRequest, given: str) -> Account | None:
    """お試しのサインイン — by a demo's code, in a rehearsal alone; it serves again, and makes the account if need be."""
    if not is_rehearsal():
        return None
    code = find_code(request, given, (CodeKind.DEMO,))
    return None if code is None else Account.objects.get_or_create(person=code.person)[0]


def _opened(person: InsuredPerson, code: OneTimeCode | None) -> Opened:
    known = Account.objects.filter(person=person).first()
    return Opened(person, code, bytes(known.handle) if known is not None else secrets.token_bytes(32))


def _salt(request: HttpRequest) -> str:
    return f"{_SALT}:{request.META.get('CSRF_COOKIE', '')}"
