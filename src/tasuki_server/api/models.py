# SPDX-License-Identifier: Apache-2.0
"""接続の登録 — clients with their public keys, what was used up, and the tokens of this machine."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, Rights

# 利用範囲 — what a token may ask, in the words of the page.
SCOPES = {"calculate": "算定・試算", "copay": "窓口負担"}


class ApiToken(InstitutionRow):
    """接続トークン — the token itself is shown once and not kept: ``digest`` is its HMAC-SHA256."""

    rights: ClassVar[Rights] = Rights.UPDATE

    name = models.CharField("名前", max_length=60)
    scopes = models.JSONField("利用範囲", default=list)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField("末尾", max_length=4, editable=False)
    made_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, editable=False, related_name="+"
    )
    made_at = models.DateTimeField("発行日時", default=timezone.now)
    expires_at = models.DateTimeField("有効期限")
    revoked_at = models.DateTimeField("停止日時", null=True)
    last_used_at = models.DateTimeField("最終利用", null=True)
    use_count = models.PositiveBigIntegerField("利用回数", default=0)

    class Meta:
        verbose_name = "接続トークン"

    def __str__(self) -> str:
        return self.name

    def state_at(self, moment: datetime) -> str:
        """状態 — revoked, expired or usable."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if moment >= self.expires_at else "usable"


class ServiceClient(InstitutionRow):
    """接続先 — another system that proves who it is with a key of its own; nothing secret of it is kept here."""

    rights: ClassVar[Rights] = Rights.UPDATE

    name = models.CharField("名前", max_length=60)
    scopes = models.JSONField("利用範囲", default=list)
    made_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, editable=False, related_name="+"
    )
    made_at = models.DateTimeField("登録日時", default=timezone.now)
    revoked_at = models.DateTimeField("停止日時", null=True)
    last_used_at = models.DateTimeField("最終利用", null=True)
    use_count = models.PositiveBigIntegerField("利用回数", default=0)

    class Meta:
        verbose_name = "接続先"

    def __str__(self) -> str:
        return self.name


class ClientKey(InstitutionRow):
    """接続先の公開鍵 — P-256; ``thumbprint`` names it (RFC 7638). One key serves one client."""

    rights: ClassVar[Rights] = Rights.UPDATE

    client = models.ForeignKey(ServiceClient, on_delete=models.PROTECT, related_name="keys")
    thumbprint = models.CharField("拇印", max_length=43)
    public = models.JSONField("公開鍵")
    added_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, editable=False, related_name="+"
    )
    added_at = models.DateTimeField("登録日時", default=timezone.now)
    expires_at = models.DateTimeField("有効期限")
    revoked_at = models.DateTimeField("停止日時", null=True)

    class Meta:
        verbose_name = "接続先の公開鍵"
        constraints = [
            models.UniqueConstraint(fields=("institution", "thumbprint"), name="api_clientkey_one"),
        ]

    def __str__(self) -> str:
        return self.thumbprint

    def state_at(self, moment: datetime) -> str:
        """状態 — revoked, expired or usable."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if moment >= self.expires_at else "usable"


class SpentProof(InstitutionRow):
    """使用済みの証明 — a proof or an assertion serves once in every process; kept until nobody would take it anyway."""

    rights: ClassVar[Rights] = Rights.FULL

    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "使用済みの証明"
        constraints = [models.UniqueConstraint(fields=("institution", "digest"), name="api_spentproof_once")]
        indexes = [models.Index(fields=["institution", "expires_at"], name="api_spentproof_expiry")]
