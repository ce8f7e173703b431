# SPDX-License-Identifier: Apache-2.0
"""連携アプリの表 — apps that people allow to read one patient's data, what each was allowed, and digests of codes and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution


class LaunchApp(ServiceRow):
    """連携アプリ — of an institution; a public client, which proves itself by PKCE and an exact address to come back to."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    connected = models.ForeignKey(ConnectedInstitution, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("名前", max_length=60)
    redirect_uris = models.JSONField("戻り先", default=list)
    scopes = models.JSONField("利用範囲", default=list)
    made_at = models.DateTimeField("登録日時", default=timezone.now)
    revoked_at = models.DateTimeField("停止日時", null=True)

    class Meta:
        db_table = "exchange_launchapp"
        verbose_name = "連携アプリ"


class AppPermit(ServiceRow):
    """連携アプリへの許可 — who allowed which app what of which patient, and until when; ending it ends every token of it."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    app = models.ForeignKey(LaunchApp, on_delete=models.PROTECT, related_name="permits")
    # 許可した職員: a number of the institution's own, with the name it had.
    allowed_by = models.UUIDField("許可した職員")
    allowed_by_name = models.CharField("許可した職員の名前", max_length=80)
    # 許可した端末: the public number of the session; "" of permits from before it was kept.
    allowed_in = models.CharField("許可した端末", max_length=10, default="", db_default="")
    patient = models.CharField("患者", max_length=64)
    scopes = models.JSONField("利用範囲", default=list)
    made_at = models.DateTimeField("許可日時", default=timezone.now)
    expires_at = models.DateTimeField("期限")
    used_at = models.DateTimeField("最後の発行", null=True)
    ended_at = models.DateTimeField("終了日時", null=True)
    why = models.CharField("終了の理由", max_length=20, default="")

    class Meta:
        db_table = "exchange_apppermit"
        verbose_name = "連携アプリへの許可"
        indexes = [models.Index(fields=["app", "made_at"], name="exchange_apppermit_app")]

    def is_live(self, moment: datetime) -> bool:
        """生きているか — at that moment."""
        return self.ended_at is None and moment < self.expires_at


class AppSecret(models.Model):
    """認可コードとトークンの要約 — each serves as what it is; a code and a refresh token serve once, and a second time kill the permit."""

    own_rights: ClassVar[Rights] = Rights.FULL

    digest = models.CharField(max_length=64, primary_key=True)
    permit = models.ForeignKey(AppPermit, on_delete=models.PROTECT, related_name="secrets")
    kind = models.CharField(
        max_length=8, choices=[("code", "認可コード"), ("access", "利用"), ("refresh", "更新")]
    )
    # Of a code what it must come back with; of a token what it may do.
    redirect_uri = models.TextField(default="")
    challenge = models.CharField(max_length=43, default="")
    nonce = models.CharField(max_length=255, default="")
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_appsecret"
        verbose_name = "認可コードとトークンの要約"
