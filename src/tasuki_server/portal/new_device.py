# SPDX-License-Identifier: Apache-2.0
"""端末の替え — a device registered by a code, for someone whose devices before are still in use.

A code is handed over by an institution that saw the person; who stole that institution's line could ask for one too.
So the new device waits, the devices before tell of it on every page, and each of them may admit or refuse it. Nobody
answering, it takes their place when its time has come: then they are lost, as the person said at the desk.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from fido2.webauthn import AttestedCredentialData

from tasuki_server.portal.models import Account, CodeKind, OneTimeCode, Passkey
from tasuki_server.portal.passkeys import keep_passkey
from tasuki_server.portal.sessions import PASSKEY, end_sessions
from tasuki_server.settings_table import number


def passkeys_in_use(account: Account) -> QuerySet[Passkey]:
    """使えるパスキー — neither removed nor waiting."""
    in_time = Q(waits_until=None) | Q(waits_until__lte=timezone.now())
    return account.passkeys.filter(in_time, removed_at=None)


def waiting_passkey(account: Account) -> Passkey | None:
    """待つ端末 — that has not taken its place yet, whether its time has come or not."""
    return account.passkeys.filter(removed_at=None, waits_until__isnull=False).order_by("-made_at").first()


def register_device(account: Account, made: AttestedCredentialData, label: str) -> Passkey:
    """端末の登録 — in use at once where no other is; else it waits, and one that waited before ends."""
    Account.objects.select_for_update().get(pk=account.pk)
    if not passkeys_in_use(account).exists():
        return keep_passkey(account, made, label)
    now = timezone.now()
    account.passkeys.filter(removed_at=None, waits_until__gt=now).update(removed_at=now)
    row = keep_passkey(account, made, label)
    row.waits_until = now + timedelta(hours=number("TASUKI_PORTAL_LOST_HOURS"))
    row.save(update_fields=["waits_until"])
    _tell(account, row)
    return row


def admit(account: Account, passkey_id: UUID) -> bool:
    """端末の承認 — by a device in use: both serve from now on; False when it does not wait."""
    done = _waiting(account, passkey_id).update(waits_until=None)
    _tell(account, waiting_passkey(account))
    return bool(done)


def refuse(account: Account, passkey_id: UUID) -> bool:
    """端末の拒否 — it never serves, and no code of the desk that is out registers another; False when it does not wait."""
    now = timezone.now()
    done = _waiting(account, passkey_id).update(removed_at=now)
    OneTimeCode.objects.filter(
        person=account.person_id, kind=CodeKind.OWN, used_at=None, until_at__gt=now
    ).update(until_at=now)
    # One whose time had come before another was registered still waits to be used.
    _tell(account, waiting_passkey(account))
    return bool(done)


def take_place(passkey: Passkey) -> None:
    """端末の交替 — at the first sign-in by a device whose time has come: those before it open nothing any more."""
    if passkey.waits_until is None:
        return
    others = Passkey.objects.filter(account=passkey.account_id, removed_at=None).exclude(pk=passkey.pk)
    others.update(removed_at=timezone.now())
    end_sessions(passkey.account, PASSKEY)
    Passkey.objects.filter(pk=passkey.pk).update(waits_until=None)
    _tell(passkey.account, None)


def _waiting(account: Account, passkey_id: UUID) -> QuerySet[Passkey]:
    return account.passkeys.filter(pk=passkey_id, removed_at=None, waits_until__isnull=False)


def _tell(account: Account, waiting: Passkey | None) -> None:
    account.waits_until = None if waiting is None else waiting.waits_until
    Account.objects.filter(pk=account.pk).update(waits_until=account.waits_until)
