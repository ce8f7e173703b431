# SPDX-License-Identifier: Apache-2.0
"""接続機関の登録と照合 — who may ask by machine; the token is shown once and kept as its HMAC only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from django.db import connections, transaction

from tasuki_server.database.places import installation_secrets
from tasuki_server.platform.models import ConnectedInstitution, FeeTable

PREFIX = "tskp_"


class AlreadyConnected(ValueError):
    """登録済み — a live connection of this number stands; ``row`` is it. A second one would split what belongs together."""

    def __init__(self, row: ConnectedInstitution) -> None:
        self.row = row
        super().__init__(str(row.pk))

    @property
    def words(self) -> tuple[str, str]:
        """することの説明 — Japanese and English: a key is added to the connection that is there."""
        number, key = self.row.institution_number, self.row.pk
        return (
            f"{number}（{self.row.name}）は接続済みです（識別子 {key}）。トークンを鍵に替えるときは、その接続に公開鍵を登録してください（接続機関の画面の「鍵」、または ./tasuki platform key add {key} --key ファイル）。",
            f"{number} ({self.row.name}) is connected already, as {key}; to change from its token to a key, register the key there (./tasuki platform key add {key} --key FILE).",
        )


_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('connected ' || %s, 13))"


def register_institution(
    prefecture: str, fee_table: FeeTable, code: str, name: str, token: str = ""
) -> tuple[ConnectedInstitution, str]:
    """接続機関の登録 — gives the row and its token; with a token given (of this house), the row is made once.

    Raises :class:`AlreadyConnected` where a live connection of the same number stands. An institution of this house gets its
    own beside it: a number is no proof, and two institutions here may have been opened with one. `up` tells of it
    (:func:`connected_twice`), and an operator stops the one that is not used.
    """
    if not token:
        with transaction.atomic(using="platform"):
            _hold(prefecture, fee_table, code)
            refuse_second(prefecture, fee_table, code)
            return _registered(prefecture, fee_table, code, name, PREFIX + secrets.token_urlsafe(32))
    return _registered(prefecture, fee_table, code, name, token)


def connected_twice() -> list[str]:
    """二つ以上の接続のある番号 — number and names; what one of them wrote is not the other's."""
    names: dict[str, list[str]] = {}
    for row in ConnectedInstitution.objects.filter(revoked_at=None).order_by("made_at"):
        names.setdefault(row.institution_number, []).append(row.name)
    return [
        f"{number} {'・'.join(dict.fromkeys(each))}"
        for number, each in sorted(names.items())
        if len(each) > 1
    ]


def refuse_second(prefecture: str, fee_table: str, code: str) -> None:
    """二つ目の接続の確認 — raises :class:`AlreadyConnected` when one of this number is live."""
    live = ConnectedInstitution.objects.filter(
        prefecture=prefecture, fee_table=fee_table, code=code, revoked_at=None
    ).first()
    if live is not None:
        raise AlreadyConnected(live)


def _hold(prefecture: str, fee_table: str, code: str) -> None:
    """One after the other for a number, until the transaction ends: else two would both find none that is live."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(_HOLD, [f"{prefecture}{FeeTable(fee_table).value}{code}"])


def _registered(
    prefecture: str, fee_table: FeeTable, code: str, name: str, plain: str
) -> tuple[ConnectedInstitution, str]:
    row, _ = ConnectedInstitution.objects.get_or_create(
        digest=token_digest(plain),
        defaults={"prefecture": prefecture, "fee_table": fee_table, "code": code, "name": name},
    )
    return row, plain


def revoke_institution(row: ConnectedInstitution, at: datetime) -> bool:
    """接続機関の停止 — its token opens nothing a second later; what it registered stays. False when it was stopped before."""
    found = ConnectedInstitution.objects.filter(pk=row.pk, revoked_at__isnull=True)
    return bool(found.update(revoked_at=at))


def restore_institution(row: ConnectedInstitution) -> bool:
    """接続機関の再開 — the same token opens again; for one that was stopped by mistake.

    Raises :class:`AlreadyConnected` when another of its number took its place.
    """
    with transaction.atomic(using="platform"):
        _hold(row.prefecture, row.fee_table, row.code)
        if row.revoked_at is not None:
            refuse_second(row.prefecture, row.fee_table, row.code)
        found = ConnectedInstitution.objects.filter(pk=row.pk, revoked_at__isnull=False)
        return bool(found.update(revoked_at=None))


def house_token(institution_id: UUID) -> str:
    """同じ設置の医療機関のトークン — derived from the installation's key, so that none is stored on the clinic's side."""
    key = installation_secrets().derived("platform-house")
    return PREFIX + hmac.new(key, institution_id.bytes, hashlib.sha256).hexdigest()


def token_digest(token: str, key: bytes | None = None) -> str:
    """トークンの要約 — as the table keeps it; whoever asks often brings the key of :func:`digest_key`."""
    return hmac.digest(key or digest_key(), token.encode(), "sha256").hex()


def digest_key() -> bytes:
    """要約の鍵 — of this installation."""
    return installation_secrets().derived("platform-token")
