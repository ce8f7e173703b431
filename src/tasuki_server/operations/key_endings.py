# SPDX-License-Identifier: Apache-2.0
"""鍵の期限 — keys by which systems name themselves, before the last one of a system ends and it is shut out.

A key ends by itself; a new one is registered beside it first. So what counts of each system is the key that ends last:
an old one beside a newer one is no news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

TOLD_DAYS, URGENT_DAYS = 30, 7


class Ending(NamedTuple):
    """鍵の期限 — where the key opens, whose it is, and when it ends."""

    where: str
    name: str
    ends_at: datetime

    def days_left(self, at: datetime) -> int:
        """残りの日数 — whole days; below 0 when it has ended.

        >>> from datetime import UTC
        >>> Ending("", "", datetime(2026, 12, 1, 12, tzinfo=UTC)).days_left(datetime(2026, 11, 30, 13, tzinfo=UTC))
        0
        """
        return (self.ends_at - at).days

    def mark(self, at: datetime) -> str:
        """印 — 期限切れ, 7日以内 or 30日以内."""
        if self.ends_at <= at:
            return "期限切れ"
        is_urgent = self.ends_at <= at + timedelta(days=URGENT_DAYS)
        return f"{URGENT_DAYS if is_urgent else TOLD_DAYS}日以内"

    def is_urgent(self, at: datetime) -> bool:
        """急ぐか — ended, or in its last seven days."""
        return self.ends_at <= at + timedelta(days=URGENT_DAYS)

    def words(self, at: datetime) -> str:
        """文 — one line of a list."""
        day = f"{timezone.localtime(self.ends_at):%Y-%m-%d}"
        return f"{self.where}「{self.name}」{day}（{self.mark(at)}）"


def endings_here(institution_id: UUID, at: datetime) -> list[Ending]:
    """この医療機関の鍵の期限 — inside its transaction: of systems that connect to it, and of itself at services of this house.

    What a service elsewhere registered of it is not known here.
    """
    from tasuki_server.api.models import ServiceClient
    from tasuki_server.platform.models import InstitutionKey
    from tasuki_server.receiving.models import SenderKey

    named = list(_ending("接続先", ServiceClient.objects.filter(revoked_at=None), at))
    own = _own_thumbprints(institution_id)
    for where, keys in (("請求の送信", SenderKey.objects), ("全国サービス", InstitutionKey.objects)):
        last = keys.filter(thumbprint__in=own, revoked_at=None).aggregate(last=Max("expires_at"))["last"]
        if last is not None and last <= at + timedelta(days=TOLD_DAYS):
            named.append(Ending(where, "この医療機関の鍵", last))
    return sorted(named, key=lambda each: each.ends_at)


def endings_of_senders(at: datetime) -> list[Ending]:
    """送信元の鍵の期限 — of who sends claims to the service of this house."""
    from tasuki_server.receiving.models import SendingClient

    return list(_ending("請求の送信元", SendingClient.objects.filter(revoked_at=None), at))


def endings_of_institutions(at: datetime) -> list[Ending]:
    """接続機関の鍵の期限 — of institutions that ask the platform of this house, and of their programs."""
    from tasuki_server.exchange.client_models import ExchangeClient
    from tasuki_server.platform.models import ConnectedInstitution

    programs = ExchangeClient.objects.filter(revoked_at=None, connected__revoked_at=None)
    found = [
        *_ending("接続機関", ConnectedInstitution.objects.filter(revoked_at=None), at),
        *_ending("接続プログラム", programs, at),
    ]
    return sorted(found, key=lambda each: each.ends_at)


def every_ending(at: datetime) -> list[tuple[str, Ending]]:
    """設置のすべての鍵の期限 — with whose office it concerns; by a command of the machine."""
    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    found = [("この設置のサービス", each) for each in (*endings_of_senders(at), *endings_of_institutions(at))]
    for institution in Institution.objects.using("owner").order_by("prefecture", "code"):
        with as_institution(institution.id, system_actor(institution.id)):
            found += [(institution.name, each) for each in endings_here(institution.id, at)]
    return sorted(found, key=lambda each: each[1].ends_at)


def document_of(found: Iterable[tuple[str, Ending]], at: datetime) -> list[Mapping[str, Any]]:
    """鍵の期限の文書 — for JSON."""
    return [
        {
            "of": whose,
            "where": each.where,
            "name": each.name,
            "ends_at": each.ends_at.isoformat(),
            "days_left": each.days_left(at),
            "mark": each.mark(at),
        }
        for whose, each in found
    ]


def _ending(where: str, rows: QuerySet[Any], at: datetime) -> Iterable[Ending]:
    """Systems whose last key ends soon or has ended; one that never had a key is known by a token."""
    last = Max("keys__expires_at", filter=Q(keys__revoked_at=None))
    soon = rows.annotate(ends_at=last).filter(ends_at__lte=at + timedelta(days=TOLD_DAYS))
    for name, ends_at in soon.order_by("ends_at", "name").values_list("name", "ends_at"):
        yield Ending(where, name, ends_at)


def _own_thumbprints(institution_id: UUID) -> list[str]:
    """Of the generation that is set, and of the one before, which serves until the newer is known."""
    from tasuki_server.api.own_sender import own_key
    from tasuki_server.settings_table import number

    newest = number("TASUKI_SENDER_KEY")
    return [
        own_key(institution_id, generation).thumbprint()
        for generation in range(newest, max(newest - 2, 0), -1)
    ]
