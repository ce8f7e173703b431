# SPDX-License-Identifier: Apache-2.0
"""お試しの本人の画面 — a few made-up people of the register who open the portal, with something to see there.

They sign in by a code that derives from the installation's key (none is in the source), which serves where nobody else
reaches the server and nowhere else. What they see was registered by a made-up hospital that the clinic does not know.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta
from typing import NamedTuple

from django.utils import timezone

from tasuki.kernel.days import age_on
from tasuki_server.accounts.enrolment import ALPHABET
from tasuki_server.database.places import installation_secrets
from tasuki_server.demo.hospital import GROWN_YEARS, register_record
from tasuki_server.demo.insured import KNOWN_CARD
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.platform.house import close_house
from tasuki_server.portal.codes import LENGTH, issue_code, shown
from tasuki_server.portal.data import insured_numbers
from tasuki_server.portal.models import Account, CodeKind, OneTimeCode, OwnEntry
from tasuki_server.portal.proxies import accept


class PortalPerson(NamedTuple):
    """お試しの利用者 — someone of the register, what they are here for, and the code they enter by."""

    person: InsuredPerson
    part: str
    code: str


def ensure_portal_people(today: date | None = None) -> None:
    """お試しの本人の準備 — a grown person, an elder who let them stand in, and a child; once."""
    if OneTimeCode.objects.filter(kind=CodeKind.DEMO).exists():
        return
    day = today or timezone.localdate()
    chosen = _chosen(day)
    if not chosen:
        return
    try:
        for person in chosen.values():
            issue_code(person, CodeKind.DEMO, code=demo_code(person))
            register_record(person, day)
        _let_stand_in(chosen, day)
    finally:
        close_house()


def portal_people() -> list[PortalPerson]:
    """お試しの利用者の一覧 — with their codes, as they enter them."""
    rows = OneTimeCode.objects.select_related("person").filter(kind=CodeKind.DEMO).order_by("person__born")
    today = timezone.localdate()
    found = [each for each in rows if each.until_at > timezone.now()]
    return [
        PortalPerson(each.person, _part(each.person, today), shown(demo_code(each.person))) for each in found
    ]


def demo_code(person: InsuredPerson) -> str:
    """お試しのコード — of a card, by the installation's key."""
    digest = hmac.digest(
        installation_secrets().derived("portal-demo"), str(person.card).encode(), hashlib.sha256
    )
    return "".join(ALPHABET[each % len(ALPHABET)] for each in digest[:LENGTH])


def _part(person: InsuredPerson, today: date) -> str:
    years = age_on(person.born, today).years
    return "child" if years < GROWN_YEARS else "elder" if years >= 75 else "grown"


def _chosen(today: date) -> dict[str, InsuredPerson]:
    """The first of each age whose card tells one person and was not stopped."""
    found: dict[str, InsuredPerson] = {}
    rows = InsuredPerson.objects.filter(
        card__startswith=KNOWN_CARD, card_stopped_at=None, service_stopped_at=None
    ).order_by("card")
    for person in rows:
        part = _part(person, today)
        if part == "grown" and not 45 <= age_on(person.born, today).years < 65:
            continue
        if part not in found and insured_numbers(person):
            found[part] = person
        if len(found) == 3:
            break
    return found


def _let_stand_in(chosen: dict[str, InsuredPerson], today: date) -> None:
    if "grown" not in chosen:
        return
    account, _ = Account.objects.get_or_create(person=chosen["grown"])
    for part, kind in (("child", CodeKind.CHILD), ("elder", CodeKind.INVITE)):
        if part not in chosen:
            continue
        now = timezone.now()
        row = OneTimeCode.objects.create(
            person=chosen[part], kind=kind, digest=f"demo-{part}", until_at=now, used_at=now,
            ends_on=today + timedelta(days=365) if kind == CodeKind.INVITE else None,
        )  # fmt: skip
        accept(account, row)
    for weeks, upper, lower in ((3, 142, 88), (2, 136, 84), (1, 131, 82)):
        OwnEntry.objects.create(
            person=chosen["grown"], account=account, kind="pressure", upper_mmhg=upper, lower_mmhg=lower,
            measured_at=timezone.now() - timedelta(weeks=weeks),
        )  # fmt: skip
