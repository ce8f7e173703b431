# SPDX-License-Identifier: Apache-2.0
"""認証基盤の設定と結び付け — an administrator's acts, inside a transaction of the institution."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki_server.accounts.app_permits import end_access
from tasuki_server.accounts.models import Why
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.providers.models import IdentityProvider, LinkedIdentity
from tasuki_server.providers.wire import NotReached, describe, forget, is_usable_address


class NotSet(ValueError):
    """設定できない — ``why`` is a code of :data:`.flow.REASONS`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def provider_in_use() -> IdentityProvider | None:
    """使用中の認証基盤 — of this institution."""
    return IdentityProvider.objects.filter(ended_at=None).first()


def access_provider() -> dict[str, Any]:
    """認証基盤の画面の内容 — the settings without the secret, and who is linked; looking at it is noted."""
    record("provider.read")
    provider = provider_in_use()
    linked = (
        LinkedIdentity.objects.select_related("staff", "linked_by")
        .filter(provider=provider, ended_at=None)
        .order_by("staff__kana")
    )
    rows = list(linked) if provider else []
    taken = {each.staff.id for each in rows}
    people = (
        Staff.objects.filter(is_active=True, is_system=False).exclude(user_id=None).order_by("kana", "name")
    )
    return {
        "provider": provider,
        "linked": rows,
        "people": [each for each in people if each.id not in taken],
    }


def set_provider(name: str, issuer: str, client_id: str, client_secret: str) -> IdentityProvider:
    """認証基盤の設定 — asked for its description at once; another issuer or client ends what was linked to the last one.

    Raises :class:`NotSet`.
    """
    _check(0 < len(name.strip()) <= 60, "name")
    _check(len(issuer) <= 300 and is_usable_address(issuer) and "?" not in issuer, "address")
    _check(0 < len(client_id) <= 300 and client_id.isprintable(), "client")
    now = provider_in_use()
    _check(0 < len(client_secret) <= 500 or (now is not None and not client_secret), "secret")
    forget()
    try:
        describe(issuer)
    except NotReached as refusal:
        raise NotSet(refusal.why) from None
    work = current_work()
    if now is not None and (now.issuer, now.client_id) == (issuer, client_id):
        now.name, now.set_by_id, now.set_at = name.strip(), work.actor.staff_id, work.at  # type: ignore[attr-defined]
        if client_secret:
            now.client_secret = client_secret
        now.save()
        record("provider.set", now, detail={"issuer": issuer, "new_secret": bool(client_secret)})
        return now
    _check(bool(client_secret), "secret")
    if now is not None:
        end_provider(now)
    row = IdentityProvider.objects.create(
        name=name.strip(), issuer=issuer, client_id=client_id, client_secret=client_secret,
        set_by_id=work.actor.staff_id, set_at=work.at,
    )  # fmt: skip
    record("provider.set", row, detail={"issuer": issuer, "new_secret": True})
    return row


def end_provider(row: IdentityProvider) -> None:
    """認証基盤の終了 — with its links; whoever signed in through it goes on by password."""
    if row.ended_at is not None:
        return
    row.ended_at = current_work().at
    row.save(update_fields=["ended_at"])
    ended = LinkedIdentity.objects.filter(provider=row, ended_at=None).update(ended_at=row.ended_at)
    record("provider.end", row, detail={"linked": ended})


def link(staff_id: UUID, subject: str) -> LinkedIdentity:
    """結び付け — one account there is one person here, by the provider's own identifier and nothing else.

    Raises :class:`NotSet`.
    """
    provider = provider_in_use()
    staff = Staff.objects.filter(id=staff_id, is_active=True, is_system=False).exclude(user_id=None).first()
    if provider is None or staff is None:
        raise Http404
    _check(0 < len(subject) <= 255 and subject.isprintable() and "@" not in subject, "subject")
    linked = LinkedIdentity.objects.filter(provider=provider, ended_at=None)
    _check(not linked.filter(subject=subject).exists(), "taken")
    _check(not linked.filter(staff=staff).exists(), "has_one")
    work = current_work()
    row = LinkedIdentity.objects.create(
        provider=provider, staff=staff, subject=subject, linked_by_id=work.actor.staff_id, linked_at=work.at
    )
    record("provider.link", staff, detail={"identity": str(row.id)})
    return row


def unlink(identity_id: UUID) -> None:
    """切離し — the account there opens nothing here any more; the person's sessions end, and what they allowed apps."""
    row = LinkedIdentity.objects.select_related("staff").filter(id=identity_id).first()
    if row is None:
        raise Http404
    if row.ended_at is not None:
        return
    row.ended_at = current_work().at
    row.save(update_fields=["ended_at"])
    detail = {"identity": str(row.id), **end_access(row.staff, Why.ADMIN)}
    record("provider.unlink", row.staff, detail=detail)


def _check(is_so: bool, why: str) -> None:
    if not is_so:
        raise NotSet(why)
