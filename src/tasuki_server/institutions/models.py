# SPDX-License-Identifier: Apache-2.0
"""医療機関と職員 — the tenant and the people who work there."""

from __future__ import annotations

from datetime import date, time
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki.facility import institution as facility
from tasuki.kernel.validity import Validity
from tasuki.security.permissions import Permission, Role, permissions_of
from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.rows import InstitutionRow, Rights


class Institution(models.Model):
    """保険医療機関 — one tenant; its own row is visible to itself only."""

    rights: ClassVar[Rights] = Rights.UPDATE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField("医療機関コード", max_length=7)
    prefecture = models.CharField("都道府県番号", max_length=2)
    name = models.CharField("名称", max_length=100)
    telephone = models.CharField("電話番号", max_length=20, blank=True)
    address = models.CharField("所在地", max_length=200, blank=True)
    director = models.CharField("開設者・管理者", max_length=60, blank=True)
    kind = models.CharField(
        "病院・診療所・薬局の別",
        max_length=10,
        default=facility.InstitutionKind.CLINIC,
        choices=[("clinic", "診療所"), ("hospital", "病院"), ("pharmacy", "薬局")],
    )
    beds = models.PositiveIntegerField("許可病床数", default=0)
    general_beds = models.PositiveIntegerField("一般病床数", null=True, blank=True)
    departments = models.JSONField("標榜する診療科", default=list)
    is_open_on_holidays = models.BooleanField("祝日も診療する", default=False)
    hours = models.JSONField("診療時間", default=list)
    closed_days = models.JSONField("休診日", default=list)
    standards = models.JSONField("届出施設基準", default=list)
    is_demo = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "医療機関"

    def __str__(self) -> str:
        return self.name

    def facts(self) -> facility.Institution:
        """算定の前提 — what the calculation needs to know of this institution."""
        return facility.Institution(
            code=self.code,
            prefecture=self.prefecture,
            name=self.name,
            telephone=self.telephone,
            kind=facility.InstitutionKind(self.kind),
            beds=self.beds,
            standards=tuple(
                facility.NotifiedStandard(
                    code=each["code"],
                    validity=Validity(
                        date.fromisoformat(each["since"]),
                        date.fromisoformat(each["until"]) if each.get("until") else None,
                    ),
                )
                for each in self.standards
            ),
            hours=tuple(
                facility.OpenHours(
                    weekday=each["weekday"],
                    since=time.fromisoformat(each["since"]),
                    until=time.fromisoformat(each["until"]),
                )
                for each in self.hours
            ),
            closed_days=frozenset(date.fromisoformat(each) for each in self.closed_days),
            departments=tuple(self.departments),
            general_beds=self.general_beds,
            is_open_on_holidays=self.is_open_on_holidays,
        )


class Staff(InstitutionRow):
    """職員 — a person of the institution as its records name them; ``user_id`` is their sign-in, if they have one."""

    rights: ClassVar[Rights] = Rights.UPDATE
    # 作業指示が貸す権限: set on the row of one request by ``maintenance.gate``, kept nowhere.
    lent: frozenset[Permission] = frozenset()
    # 非常時アカウントの開封: set on the row of one request by ``continuity.emergency_account_gate``, kept nowhere.
    is_opened: bool = False

    user_id = models.UUIDField(null=True, unique=True, editable=False)
    name = models.CharField("氏名", max_length=60)
    kana = models.CharField("フリガナ", max_length=60, blank=True)
    roles = models.JSONField("役割", default=list)
    licence = SealedTextField("免許番号", max_length=20, blank=True)
    is_system = models.BooleanField("自動処理", default=False)
    is_active = models.BooleanField("在籍", default=True)

    class Meta:
        verbose_name = "職員"

    def __str__(self) -> str:
        return self.name

    def permissions(self) -> frozenset[Permission]:
        """持つ権限 — all that the member's roles give."""
        if Role.MAINTENANCE in self.roles:
            return permissions_of([Role.MAINTENANCE]) | self.lent
        return permissions_of(self.roles_now())

    def roles_now(self) -> frozenset[Role]:
        """いまの役割 — an account for emergencies has none while it is sealed, and no other beside its own."""
        held = frozenset(Role(each) for each in self.roles)
        if Role.EMERGENCY in held:
            return frozenset({Role.EMERGENCY}) if self.is_opened else frozenset()
        return held

    def may(self, permission: Permission) -> bool:
        """許可の有無 — whether the member may do this."""
        return self.is_active and permission in self.permissions()

    @property
    def role_labels(self) -> str:
        """役割名 — in Japanese, for screens."""
        return "・".join(Role(each).label for each in self.roles)
