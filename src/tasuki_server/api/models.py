# SPDX-License-Identifier: Apache-2.0
"""接続トークン — what another system of an institution shows to ask for calculations."""

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
