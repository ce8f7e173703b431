# SPDX-License-Identifier: Apache-2.0
"""送信元の公開鍵 — a row of any service that knows its senders by a key; nothing secret of a sender is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone


class SenderKeyRow(models.Model):
    """送信元の公開鍵 — P-256; ``thumbprint`` names it (RFC 7638), and so the sender."""

    thumbprint = models.CharField("拇印", max_length=43, unique=True)
    public = models.JSONField("公開鍵")
    added_at = models.DateTimeField("登録日時", default=timezone.now)
    expires_at = models.DateTimeField("有効期限")
    revoked_at = models.DateTimeField("停止日時", null=True)

    class Meta:
        abstract = True

    def is_usable(self, moment: datetime) -> bool:
        """使えるか — at that moment."""
        return self.revoked_at is None and moment < self.expires_at
