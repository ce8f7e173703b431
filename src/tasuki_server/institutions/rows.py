# SPDX-License-Identifier: Apache-2.0
"""医療機関の行 — what every table of a tenant is made of."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.work import current_institution_id, current_work, note_sight


class Rights(StrEnum):
    """表の権利 — what the app role may do to a table; the least that serves."""

    READ = "read"
    APPEND = "append"
    UPDATE = "update"
    FULL = "full"

    @property
    def privileges(self) -> str:
        """SQLの権利 — as GRANT writes them."""
        return {
            Rights.READ: "SELECT",
            Rights.APPEND: "SELECT, INSERT",
            Rights.UPDATE: "SELECT, INSERT, UPDATE",
            Rights.FULL: "SELECT, INSERT, UPDATE, DELETE",
        }[self]


class InstitutionRow(models.Model):
    """医療機関の行 — carries its institution; row-level security is put on its table by ``tenancy.protect``.

    A subclass states its ``rights`` when appending is not enough. Foreign keys to other tenant tables are doubled
    in the database by a key over (institution, id), so a row can never point into another institution.
    ``whose`` names the column that tells which patient a row is about, if it has one.
    """

    rights: ClassVar[Rights] = Rights.APPEND
    whose: ClassVar[str] = "patient_id"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(
        "institutions.Institution",
        on_delete=models.PROTECT,
        default=current_institution_id,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        """行の読込み — the trail will name whose row a page loaded."""
        row = super().from_db(db, field_names, values)
        patient = row.__dict__.get(cls.whose)
        if patient is not None:
            note_sight(patient)
        return row


class ServiceRow(models.Model):
    """サービスの行 — of a service of the other side, which no institution owns; its role alone reaches the table.

    ``own_rights`` is what that role may do to it.
    """

    own_rights: ClassVar[Rights] = Rights.APPEND

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class StaleVersion(Exception):
    """版の衝突 — someone saved a newer version meanwhile; carries both, for the 409 page."""

    def __init__(self, mine: Any, theirs: Any) -> None:
        self.mine = mine
        self.theirs = theirs
        super().__init__(f"version {theirs.version} is newer than the one that was read")


class VersionedQuerySet(models.QuerySet[Any]):
    """版のある行の集合 — asks for the newest versions only, or for all of one record."""

    def latest_versions(self) -> Self:
        """最新版 — of each record, withdrawn ones included."""
        newer = self.model._base_manager.filter(
            record_id=OuterRef("record_id"), version__gt=OuterRef("version")
        )
        return self.filter(~Exists(newer))

    def current(self) -> Self:
        """現行版 — the newest version of each record that is not withdrawn."""
        return self.latest_versions().filter(withdrawn=False)

    def history(self, record_id: UUID) -> Self:
        """版の履歴 — all versions of one record, the first first."""
        return self.filter(record_id=record_id).order_by("version")


class VersionedRow(InstitutionRow):
    """版のある行 — append-only: a correction is a new version which says who, when and why (真正性).

    Cite: 医療情報システムの安全管理に関するガイドライン 電子保存の要求事項（真正性・見読性・保存性）
    """

    record_id = models.UUIDField(default=new_id, editable=False, db_index=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    withdrawn = models.BooleanField(default=False)
    made_by = models.ForeignKey(
        "institutions.Staff", on_delete=models.PROTECT, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "record_id", "version"], name="%(app_label)s_%(class)s_one_version"
            ),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(reason=""), name="%(app_label)s_%(class)s_reason"
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """保存 — inserts only; the author is who this transaction belongs to."""
        if not self._state.adding:
            raise ValueError("a saved version is never changed; call revise()")
        if self.made_by_id is None:
            self.made_by_id = current_work().actor.staff_id
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def revise(self, *, read_version: int, reason: str, **changes: Any) -> Self:
        """改版 — a new version with these changes, made from the version the user had read.

        Raises :class:`StaleVersion` when that is no longer the newest, also when two save at the same moment.
        """
        newest = type(self)._base_manager.filter(record_id=self.record_id).order_by("-version").first()
        assert newest is not None
        values = {
            field.attname: getattr(newest, field.attname)
            for field in self._meta.concrete_fields
            if field.attname not in ("id", "made_by_id", "made_at")
        }
        mine = type(self)(**values)
        mine.previous = newest
        mine.version = newest.version + 1
        mine.reason = reason
        for name, value in changes.items():
            setattr(mine, name, value)
        if newest.version != read_version:
            raise StaleVersion(mine, newest)
        if not reason.strip():
            raise ValueError("a new version says why")
        try:
            with transaction.atomic(using="default"):
                mine.save()
        except IntegrityError as clash:
            theirs = type(self)._base_manager.filter(record_id=self.record_id).order_by("-version").first()
            if theirs is not None and theirs.version > read_version:
                raise StaleVersion(mine, theirs) from clash
            raise
        return mine

    def withdraw(self, *, read_version: int, reason: str) -> Self:
        """取消 — a last version that marks the record as withdrawn; nothing is deleted."""
        return self.revise(read_version=read_version, reason=reason, withdrawn=True)
