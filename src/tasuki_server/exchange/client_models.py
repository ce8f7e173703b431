# SPDX-License-Identifier: Apache-2.0
"""接続プログラムの表 — programs of an institution that prove who they are by a key, what each may do, and narrowings."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution


class ExchangeClient(ServiceRow):
    """接続プログラム — of an institution; its scopes are looked up with every request, so that a change counts at once."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    connected = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("名前", max_length=60)
    scopes = models.JSONField("利用範囲", default=list)
    # 持参人トークン: a token that serves its holder, as SMART's own clients expect; else it serves beside proofs only.
    is_bearer = models.BooleanField("持参人トークン", default=False)
    made_at = models.DateTimeField("登録日時", default=timezone.now)
    revoked_at = models.DateTimeField("停止日時", null=True)

    class Meta:
        verbose_name = "接続プログラム"


class ExchangeClientKey(ServiceRow):
    """接続プログラムの公開鍵 — ``thumbprint`` names it (RFC 7638); nothing secret of the program is kept here."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    client = models.ForeignKey(ExchangeClient, on_delete=models.PROTECT, related_name="keys")
    thumbprint = models.CharField("拇印", max_length=43, unique=True)
    public = models.JSONField("公開鍵")
    added_at = models.DateTimeField("登録日時", default=timezone.now)
    expires_at = models.DateTimeField("有効期限")
    revoked_at = models.DateTimeField("停止日時", null=True)

    class Meta:
        verbose_name = "接続プログラムの公開鍵"

    def is_usable(self, moment: datetime) -> bool:
        """使えるか — at that moment."""
        return self.revoked_at is None and moment < self.expires_at


class SpentExchangeProof(models.Model):
    """使用済みの証明 — a proof or an assertion serves once in every process; kept until time alone refuses it."""

    own_rights: ClassVar[Rights] = Rights.FULL

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "exchange_spentproof"
        verbose_name = "使用済みの証明"


class Narrowing(models.Model):
    """利用範囲の限定 — bounds everything of an institution, its own token too; without a row it may do all that it sees."""

    own_rights: ClassVar[Rights] = Rights.FULL

    connected = models.OneToOneField(
        ConnectedInstitution, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    scopes = models.JSONField("利用範囲", default=list)
    made_at = models.DateTimeField("登録日時", default=timezone.now)

    class Meta:
        db_table = "exchange_narrowing"
        verbose_name = "利用範囲の限定"
