# SPDX-License-Identifier: Apache-2.0
"""送信元の公開鍵 — a row of any service that knows its senders by a key; nothing secret of a sender is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

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


def without_key(
    rows: models.QuerySet[Any], keyed: models.QuerySet[Any], at: datetime, own: Iterable[str]
) -> models.QuerySet[Any]:
    """鍵のない接続 — of those in use, whom no usable key names; whoever has a token of this house (``own``) asks in this process.

    ``keyed`` are rows of keys with the one column that says whose each is.
    """
    usable = keyed.filter(revoked_at=None, expires_at__gt=at)
    return rows.filter(revoked_at=None).exclude(pk__in=usable).exclude(digest__in=list(own)).order_by("name")
