# SPDX-License-Identifier: Apache-2.0
"""FHIRリソースの表 — resources as served, their earlier versions, what they are found by, denials of consent, and who looked.

The rows belong to no institution's tables; the role of the platform alone reaches them. ``writer`` is the institution
whose token wrote: proved with every request, so no foreign key is checked a second time for each row.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Collate, Left

from tasuki_server.exchange.app_models import AppPermit, AppSecret, LaunchApp
from tasuki_server.exchange.client_models import (
    ExchangeClient,
    ExchangeClientKey,
    Narrowing,
    SpentExchangeProof,
)
from tasuki_server.exchange.sending_models import ExportFile, ExportJob, Hook, Notice
from tasuki_server.institutions.rows import Rights, ServiceRow
from tasuki_server.platform.models import ConnectedInstitution

__all__ = [
    "AccessEvent",
    "AppPermit",
    "AppSecret",
    "Denial",
    "EarlierVersion",
    "ExchangeClient",
    "ExchangeClientKey",
    "ExportFile",
    "ExportJob",
    "FoundDate",
    "FoundPair",
    "FoundQuantity",
    "FoundReference",
    "FoundString",
    "FoundToken",
    "FoundUri",
    "Hook",
    "KeyBlock",
    "LaunchApp",
    "Narrowing",
    "Notice",
    "SpentExchangeProof",
    "StoredResource",
]


def _institution() -> models.ForeignKey[ConnectedInstitution, ConnectedInstitution]:
    return models.ForeignKey(
        ConnectedInstitution,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )


class PlainNumeric(models.DecimalField):
    """数値の列 — ``numeric`` without a size: FHIR sets none."""

    def db_type(self, connection: Any) -> str:
        """列の型 — see the class."""
        return "numeric"


class Differ(models.Func):
    """異なる値 — ``a <> b`` as the planner finds it again in what is asked; Django's ``~Q`` also says what becomes of NULL."""

    template = "%(expressions)s"
    arg_joiner = " <> "
    output_field = models.BooleanField()
    conditional = True


class KeyBlock(ServiceRow):
    """鍵の区画 — the next key not yet given out; a process takes many at once, so that one statement writes all tables."""

    own_rights: ClassVar[Rights] = Rights.UPDATE

    next = models.BigIntegerField(default=1)

    class Meta:
        verbose_name = "鍵の区画"


class StoredResource(models.Model):
    """FHIRリソース — the current version, as bytes that are served unread; a deleted one keeps its row and no body."""

    own_rights: ClassVar[Rights] = Rights.FULL

    key = models.BigIntegerField(primary_key=True)
    type = models.CharField("種類", max_length=64)
    logical_id = models.CharField("識別子", max_length=64, db_column="id")
    version = models.IntegerField("版")
    updated = models.DateTimeField("更新日時")
    method = models.CharField("方法", max_length=6)
    body = models.BinaryField("内容", null=True)
    is_deleted = models.BooleanField("削除", default=False)
    writer = _institution()
    # The Patient whose compartment it is in; None for what is about nobody.
    patient = models.CharField("患者", max_length=64, null=True)

    class Meta:
        db_table = "exchange_resource"
        verbose_name = "FHIRリソース"
        constraints = [models.UniqueConstraint(fields=["type", "logical_id"], name="exchange_resource_id")]
        indexes = [
            models.Index(fields=["type", "updated", "key"], name="exchange_resource_newest"),
            models.Index(fields=["patient", "type", "key"], name="exchange_resource_patient"),
        ]


class EarlierVersion(models.Model):
    """FHIRリソースの以前の版 — moved here when a newer one takes its place; never changed."""

    own_rights: ClassVar[Rights] = Rights.APPEND

    pk = models.CompositePrimaryKey("key", "version")
    key = models.BigIntegerField()
    version = models.IntegerField("版")
    updated = models.DateTimeField("更新日時")
    method = models.CharField("方法", max_length=6)
    body = models.BinaryField("内容", null=True)
    writer = _institution()

    class Meta:
        db_table = "exchange_version"
        verbose_name = "FHIRリソースの以前の版"
        indexes = [models.Index(fields=["updated"], name="exchange_version_newest")]


class _Found(models.Model):
    """A value a resource is found by; ``param`` is the number of (type, parameter), ``nth`` its place among them."""

    own_rights: ClassVar[Rights] = Rights.FULL

    pk = models.CompositePrimaryKey("key", "param", "nth")
    key = models.BigIntegerField()
    param = models.SmallIntegerField()
    nth = models.SmallIntegerField()
    # Values of one element stand together where a composite search asks for both; 0 everywhere else.
    item = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True


class FoundToken(_Found):
    """検索の値（コード） — system and code; ``words`` is the folded display and text."""

    system = models.TextField(default="")
    code = models.TextField(default="")
    words = models.TextField(default="")

    class Meta:
        db_table = "exchange_token"
        verbose_name = "検索の値（コード）"
        indexes = [models.Index(fields=["param", "code", "system", "key"], name="exchange_token_code")]


class FoundReference(_Found):
    """検索の値（参照） — the resource pointed at, or its address as written, or its identifier."""

    target_type = models.TextField(default="")
    target_id = models.TextField(default="")
    uri = models.TextField(default="")
    system = models.TextField(default="")
    value = models.TextField(default="")

    class Meta:
        db_table = "exchange_reference"
        verbose_name = "検索の値（参照）"
        indexes = [
            models.Index(
                fields=["param", "target_id", "target_type", "key"], name="exchange_reference_target"
            ),
            models.Index(fields=["param", "uri", "key"], name="exchange_reference_uri", condition=~Q(uri="")),
            models.Index(
                fields=["param", "value", "system", "key"],
                name="exchange_reference_logical",
                condition=~Q(value=""),
            ),
        ]


class FoundDate(_Found):
    """検索の値（日時） — from its first moment to the first that is no longer it."""

    low = models.DateTimeField()
    high = models.DateTimeField()

    class Meta:
        db_table = "exchange_date"
        verbose_name = "検索の値（日時）"
        indexes = [
            models.Index(fields=["param", "low", "key"], name="exchange_date_low"),
            models.Index(fields=["param", "high", "key"], name="exchange_date_high"),
        ]


class FoundString(_Found):
    """検索の値（文字） — folded for finding, and as written for ``:exact``."""

    folded = models.TextField()
    exact = models.TextField()

    class Meta:
        db_table = "exchange_string"
        verbose_name = "検索の値（文字）"
        indexes = [
            # A B-tree takes no long text: its beginning is enough to find the rows to look at.
            models.Index(F("param"), Collate(Left("folded", 100), "C"), name="exchange_string_folded")
        ]


class FoundQuantity(_Found):
    """検索の値（量・数） — the least and the greatest that it may be; none where it is not bounded."""

    low = PlainNumeric(max_digits=100, decimal_places=50, null=True)
    high = PlainNumeric(max_digits=100, decimal_places=50, null=True)
    system = models.TextField(default="")
    code = models.TextField(default="")
    unit = models.TextField(default="")

    class Meta:
        db_table = "exchange_quantity"
        verbose_name = "検索の値（量・数）"
        indexes = [
            models.Index(fields=["param", "low", "key"], name="exchange_quantity_low"),
            models.Index(fields=["param", "high", "key"], name="exchange_quantity_high"),
        ]


class FoundUri(_Found):
    """検索の値（URI） — as written."""

    value = models.TextField()

    class Meta:
        db_table = "exchange_uri"
        verbose_name = "検索の値（URI）"
        indexes = [
            models.Index(
                fields=["param", "value"],
                name="exchange_uri_value",
                opclasses=["int2_ops", "text_pattern_ops"],
            )
        ]


class FoundPair(_Found):
    """検索の値（コードと量の組） — what a composite search by code and quantity asks for, in one row of one B-tree."""

    concept_system = models.TextField(default="")
    concept = models.TextField(default="")
    low = PlainNumeric(max_digits=100, decimal_places=50, null=True)
    high = PlainNumeric(max_digits=100, decimal_places=50, null=True)
    system = models.TextField(default="")
    code = models.TextField(default="")
    unit = models.TextField(default="")

    class Meta:
        db_table = "exchange_pair"
        verbose_name = "検索の値（コードと量の組）"
        indexes = [
            models.Index(fields=["param", "concept", "low", "key"], name="exchange_pair_low"),
            models.Index(fields=["param", "concept", "high", "key"], name="exchange_pair_high"),
        ]


class Denial(models.Model):
    """提供の拒否 — made of a Consent that denies: other institutions find nothing of this patient meanwhile."""

    own_rights: ClassVar[Rights] = Rights.FULL

    key = models.BigIntegerField("同意の鍵", primary_key=True)
    patient = models.CharField("患者", max_length=64)
    since = models.DateTimeField("開始", null=True)
    until = models.DateTimeField("終了", null=True)

    class Meta:
        db_table = "exchange_denial"
        verbose_name = "提供の拒否"
        indexes = [models.Index(fields=["patient"], name="exchange_denial_patient")]


class AccessEvent(models.Model):
    """交換の利用の記録 — one interaction with one resource or one search; kept before the answer leaves, never changed."""

    own_rights: ClassVar[Rights] = Rights.APPEND

    number = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("日時")
    caller = _institution()
    interaction = models.CharField("操作", max_length=24)
    type = models.CharField("種類", max_length=64)
    logical_id = models.CharField("識別子", max_length=64, db_column="id")
    version = models.IntegerField("版", null=True)
    patient = models.CharField("患者", max_length=64, null=True)
    # Who wrote what was looked at: it may read the event too.
    writer_id = models.UUIDField("登録した機関", null=True)
    status = models.SmallIntegerField("結果")
    query = models.TextField("条件", default="")

    class Meta:
        db_table = "exchange_access"
        verbose_name = "交換の利用の記録"
        indexes = [
            models.Index(fields=["caller", "at"], name="exchange_access_caller"),
            models.Index(fields=["patient", "at"], name="exchange_access_patient"),
            # What somebody does with what they wrote themselves is found by who does it: an entry less for most rows.
            models.Index(
                fields=["writer_id", "at"],
                name="exchange_access_of_others",
                condition=Q(Differ(F("writer_id"), F("caller_id"))),
            ),
        ]
