# SPDX-License-Identifier: Apache-2.0
"""鍵の控え — the columns of every table of data keys."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class KeyPurpose(models.TextChoices):
    """鍵の用途 — to seal columns, or to make the codes that are searched by."""

    DATA = "data", "項目の暗号化"
    INDEX = "index", "検索用の符号"


class KeptKey(models.Model):
    """鍵の控え — the newest that is not retired seals; a retired one still opens until no row needs it."""

    number = models.PositiveIntegerField("番号")
    purpose = models.CharField("用途", max_length=6, choices=KeyPurpose.choices)
    wrapped = models.BinaryField("包まれた鍵")
    wrapped_with = models.CharField("包んだ鍵の名前", max_length=60)
    made_at = models.DateTimeField("作成日時", default=timezone.now)
    retired_at = models.DateTimeField("引退日時", null=True)

    class Meta:
        abstract = True
