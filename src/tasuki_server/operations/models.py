# SPDX-License-Identifier: Apache-2.0
"""稼働の記録 — when the service could be used, and what was said about the times when it could not.

Both are of the installation and hold nothing of an institution; the owner writes them, pages may read them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.security.availability import StopKind
from tasuki_server.institutions.rows import Rights


class ServiceSpan(models.Model):
    """稼働していた時間帯 — seen from outside by a probe; what lies between two of them was not served."""

    shared_rights: ClassVar[Rights] = Rights.READ

    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-until"], name="operations_span_until")]


class ServiceStop(models.Model):
    """停止の記録 — announced before it begins, or explained afterwards with its cause and remedy."""

    shared_rights: ClassVar[Rights] = Rights.READ

    kind = models.CharField("種別", max_length=8, choices=[(each.value, each.label) for each in StopKind])
    since = models.DateTimeField("開始")
    until = models.DateTimeField("終了")
    noted_at = models.DateTimeField("記入", default=timezone.now)
    reason = models.CharField("理由", max_length=400)
    remedy = models.CharField("対策と再発防止", max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")), name="operations_stop_forward"
            )
        ]
        indexes = [models.Index(fields=["-since"], name="operations_stop_since")]
