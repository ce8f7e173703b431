# SPDX-License-Identifier: Apache-2.0
"""本人としての取引 — while a page is made the database knows who acts and whose record is open, and gives no other row (decision 1106).

Before that it is not known who asks: the door (:mod:`.door`) and the pages of sign-in and registering go through a role
of their own, which reaches accounts, passkeys, codes and sessions and no record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connections, transaction

from tasuki_server.database.prepared import execute_prepared
from tasuki_server.database.router import PORTAL, PORTAL_DOOR, by_way_of
from tasuki_server.institutions.work import signed
from tasuki_server.portal.standing import Standing


@contextmanager
def as_person(standing: Standing) -> Iterator[str]:
    """本人としての取引 — one transaction, whose connection is told; refused where nobody is signed in."""
    if standing.account is None or standing.person is None:
        raise PermissionDenied
    with by_way_of(PORTAL), transaction.atomic(using=PORTAL):
        _tell(standing, standing.person.pk)
        yield PORTAL


@contextmanager
def before_anyone_is_known() -> Iterator[str]:
    """だれか分かる前の取引 — one transaction of the door, for pages that anybody may open."""
    with by_way_of(PORTAL_DOOR), transaction.atomic(using=PORTAL_DOOR):
        yield PORTAL_DOOR


def at_the_door() -> AbstractContextManager[None]:
    """入口の照会 — within a page: what tells whose a code or a key is. It is asked beside the page's transaction."""
    return by_way_of(PORTAL_DOOR)


@contextmanager
def with_record_of(standing: Standing, person: UUID) -> Iterator[None]:
    """別の人の記録 — of somebody whom the account stands in for, or begins to; then the record that was open is open again."""
    assert standing.person is not None
    _tell(standing, person)
    yield
    _tell(standing, standing.person.pk)


def _tell(standing: Standing, opened: UUID) -> None:
    assert standing.account is not None
    account = standing.account
    backend = connections[PORTAL].connection.info.backend_pid
    proof = signed(f"{account.pk},{account.person_id},{opened}", backend)
    execute_prepared("SELECT set_config('tasuki.standing', %s, true)", [proof], PORTAL)
