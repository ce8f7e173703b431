# SPDX-License-Identifier: Apache-2.0
"""一度だけのコード — made after a person was seen, or by a person for their proxy; serves once and is kept as its HMAC."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db import connections, router, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tasuki_server.accounts.back_off import Budget, give_back, take_try
from tasuki_server.accounts.enrolment import ALPHABET
from tasuki_server.accounts.networks import address_of
from tasuki_server.database.places import installation_secrets
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.platform.models import ConnectedInstitution
from tasuki_server.portal.models import CodeKind, OneTimeCode

# 16 characters of 32: eighty bits, so that a digest may be looked up and nobody finds one by trying.
LENGTH = 16
# Of two that are made at once for a person the later one ends the earlier.
_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('one-time-code ' || %s, 15))"
LASTS = {
    CodeKind.OWN: timedelta(days=7),
    CodeKind.CHILD: timedelta(days=7),
    CodeKind.INVITE: timedelta(days=1),
    CodeKind.DEMO: timedelta(days=3650),
}


def issue_code(
    person: InsuredPerson, kind: CodeKind, issuer: ConnectedInstitution | None = None, code: str = "",
    *, ends_on: date | None = None, may_consent: bool = False,
) -> str:  # fmt: skip
    """コードの発行 — an earlier one of this kind for the person opens nothing any more; shown this once."""
    plain = _letters(code) or new_code()
    alias = router.db_for_write(OneTimeCode)
    with transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute(_HOLD, [f"{kind.value} {person.pk}"])
        now = timezone.now()
        OneTimeCode.objects.filter(person=person, kind=kind, used_at=None, until_at__gt=now).update(
            until_at=now
        )
        OneTimeCode.objects.create(
            person=person, kind=kind, digest=code_digest(plain), issuer=issuer, ends_on=ends_on,
            may_consent=may_consent, made_at=now, until_at=now + LASTS[kind],
        )  # fmt: skip
    return shown(plain)


def find_code(
    request: HttpRequest, given: str, kinds: Collection[CodeKind], born: date | None = None
) -> OneTimeCode | None:
    """コードの照合 — ``None`` when it is wrong, used, past its day, not of this birthday, or tries are spent."""
    budget = budget_at(request, "code")
    if not take_try(budget):
        return None
    found = _open().filter(digest=code_digest(_letters(given)), kind__in=kinds).first()
    if found is None or (born is not None and found.person.born != born):
        return None
    give_back(budget)
    return found


def open_code(code_id: UUID) -> OneTimeCode | None:
    """使えるコード — by id, as long as it has not served."""
    return _open().filter(pk=code_id).first()


def spend_code(code: OneTimeCode) -> bool:
    """コードの使用 — once; of two at the same moment one finds it used."""
    return bool(_open().filter(pk=code.pk).update(used_at=timezone.now()))


def budget_at(request: HttpRequest, door: str) -> Budget:
    """試せる回数 — of where the request comes from: nobody has a name here before the proof."""
    return Budget(hashlib.sha256(f"portal\0{door}\0{address_of(request)}".encode()).hexdigest())


def shown(code: str) -> str:
    """コードの表記 — in fours, as it is read from paper.

    >>> shown("ABCDEFGH23456789")
    'ABCD-EFGH-2345-6789'
    """
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _open() -> QuerySet[OneTimeCode]:
    rows = OneTimeCode.objects.select_related("person")
    return rows.filter(used_at=None, until_at__gt=timezone.now())


def _letters(text: str) -> str:
    return "".join(each for each in text.upper() if each in ALPHABET)


def new_code() -> str:
    """新しいコード — drawn by chance, without the hyphens it is shown with."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_digest(code: str) -> str:
    """コードの要約 — as the table keeps it."""
    return hmac.digest(installation_secrets().derived("portal-code"), code.encode(), "sha256").hex()
