# SPDX-License-Identifier: Apache-2.0
"""代理 — a parent for a child until an age, and whom a person chose, within a period; ended at once by either side.

Cite: 民法 第4条（成年）・第818条（親権者）・第99条（代理）; 年齢計算ニ関スル法律
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tasuki.kernel.days import reached_on
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.portal.models import Account, CodeKind, OneTimeCode, Proxy, ProxyKind
from tasuki_server.portal.statements import proxies_by, unread_of
from tasuki_server.settings_table import number


def child_until(born: date) -> date:
    """子の代理の最終日 — the day an age is reached in law, which is the eve of the birthday; the age is a setting."""
    return reached_on(born, number("TASUKI_PORTAL_CHILD_AGE"))


def last_day(proxy: Proxy) -> date | None:
    """代理の最終日 — the earlier of what was agreed and the child's age; none until somebody ends it."""
    days = [proxy.ends_on] if proxy.ends_on is not None else []
    if proxy.kind == ProxyKind.PARENT:
        days.append(child_until(proxy.person.born))
    return min(days, default=None)


def is_live(proxy: Proxy, today: date | None = None) -> bool:
    """代理は続いているか — judged at each page; nothing has to run for it to end."""
    if proxy.revoked_at is not None:
        return False
    last = last_day(proxy)
    return last is None or (today or timezone.localdate()) <= last


def may_be_child(person: InsuredPerson) -> bool:
    """子の代理ができる年齢か — today."""
    return timezone.localdate() <= child_until(person.born)


def proxies_held(account: Account) -> list[Proxy]:
    """自分が代理する人 — those that go on, by name."""
    return [each for each in proxies_by(account) if is_live(each)]


def proxies_given(person: InsuredPerson) -> list[Proxy]:
    """自分の代理人 — all that ever were, the newest first."""
    return list(_rows().filter(person=person).order_by("-since_at"))


def find_proxy(proxy_id: UUID) -> Proxy | None:
    """代理の参照 — by id."""
    return _rows().filter(pk=proxy_id).first()


def accept(account: Account, code: OneTimeCode) -> Proxy | None:
    """代理の開始 — by a code for a child or an invitation; ``None`` for one's own code, which stands in for nobody."""
    if code.person_id == account.person_id:
        return None
    if code.kind == CodeKind.CHILD:
        if not may_be_child(code.person):
            return None
        return Proxy.objects.create(
            person=code.person, account=account, kind=ProxyKind.PARENT, may_consent=True, code=code
        )
    return Proxy.objects.create(
        person=code.person, account=account, kind=ProxyKind.CHOSEN, may_consent=code.may_consent, code=code,
        ends_on=code.ends_on,
    )  # fmt: skip


def revoke(proxy: Proxy, by: Account) -> bool:
    """代理の取消 — from the next page on; False when it had ended before."""
    found = Proxy.objects.filter(pk=proxy.pk, revoked_at=None)
    return bool(found.update(revoked_at=timezone.now(), revoked_by=by))


def _rows() -> QuerySet[Proxy]:
    rows = Proxy.objects.select_related("person", "account__person")
    return rows.defer(*unread_of("person", "account__person")).order_by("person__kana_key", "since_at")
