# SPDX-License-Identifier: Apache-2.0
"""認証基盤と結び付け — where an institution's people prove their first factor, and whose account there is whose here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.institutions.rows import InstitutionRow, Rights


class IdentityProvider(InstitutionRow):
    """認証基盤 — an OpenID provider the institution trusts for the first factor; one is in use at a time."""

    rights: ClassVar[Rights] = Rights.UPDATE

    name = models.CharField("名前", max_length=60)
    issuer = models.URLField("発行者（issuer）", max_length=300)
    client_id = models.CharField("クライアントID", max_length=300)
    client_secret = SealedTextField("クライアントシークレット", max_length=500)
    set_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, editable=False, related_name="+"
    )
    set_at = models.DateTimeField("設定日時", default=timezone.now)
    ended_at = models.DateTimeField("終了日時", null=True)

    class Meta:
        verbose_name = "認証基盤"
        constraints = [
            models.UniqueConstraint(
                fields=("institution",), condition=models.Q(ended_at=None), name="providers_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LinkedIdentity(InstitutionRow):
    """結び付け — an account there (``subject``, as the provider names it for good) is this member of staff here."""

    rights: ClassVar[Rights] = Rights.UPDATE

    provider = models.ForeignKey(IdentityProvider, on_delete=models.PROTECT, related_name="identities")
    staff = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    subject = models.CharField("アカウントの識別子（sub）", max_length=255)
    linked_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, editable=False, related_name="+"
    )
    linked_at = models.DateTimeField("結び付けた日時", default=timezone.now)
    last_used_at = models.DateTimeField("最後のサインイン", null=True)
    ended_at = models.DateTimeField("切り離した日時", null=True)

    class Meta:
        verbose_name = "認証基盤のアカウント"
        constraints = [
            models.UniqueConstraint(
                fields=("institution", "provider", "subject"),
                condition=models.Q(ended_at=None),
                name="providers_one_person_an_account",
            ),
            models.UniqueConstraint(
                fields=("institution", "provider", "staff"),
                condition=models.Q(ended_at=None),
                name="providers_one_account_a_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
