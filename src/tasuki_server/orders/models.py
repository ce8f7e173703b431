# SPDX-License-Identifier: Apache-2.0
"""オーダ — signed orders, the institution's sets, and warnings that were overridden."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.chart.orders import Order
from tasuki.kernel.validity import Validity
from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow
from tasuki_server.orders.codec import decode_order


class PlacedOrder(VersionedRow):
    """オーダの記録 — one counting unit as signed; ``record_id`` is the order's id.

    ``value`` is :class:`tasuki.chart.orders.Order` as ``orders.codec`` writes it. ``origin`` is the
    record the order was copied from (Do, set), so that a renewal keeps its link.
    """

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="orders")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="orders")
    position = models.PositiveIntegerField("並び")
    kind = models.CharField("オーダ種別", max_length=12)
    value = models.JSONField()
    origin = models.UUIDField("転記元", null=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "オーダ"
        indexes = [models.Index(fields=["institution", "visit"], name="orders_of_visit")]

    def order(self) -> Order:
        """オーダの算定値 — as the calculation reads it."""
        return decode_order(self.value)


class OrderSet(VersionedRow):
    """セット — orders of the institution entered together by a short code, with the days they may be used."""

    name = models.CharField("セット名", max_length=60)
    name_key = models.CharField(max_length=80)
    quick_code = models.CharField("短縮コード", max_length=12)
    since = models.DateField("使用開始日")
    until = models.DateField("使用終了日", null=True, blank=True)
    orders = models.JSONField(default=list)

    class Meta(VersionedRow.Meta):
        verbose_name = "セット"

    @property
    def validity(self) -> Validity:
        """有効期間 — the days the set may be used."""
        return Validity(self.since, self.until)


class WarningOverride(InstitutionRow):
    """警告の解除 — a warning that was seen and passed, with the reason given, by whom and when."""

    rights: ClassVar[Rights] = Rights.APPEND

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("reception.Visit", on_delete=models.PROTECT, related_name="+")
    order_record = models.UUIDField()
    code = models.CharField("警告コード", max_length=20)
    facts = models.JSONField(default=dict)
    reason = models.CharField("理由", max_length=200)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "警告の解除"
