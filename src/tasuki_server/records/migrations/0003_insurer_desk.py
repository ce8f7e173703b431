# SPDX-License-Identifier: Apache-2.0
"""保険者の画面 — who may see what came for an insurer, and what a list of checkups shows, taken from those already kept."""

from __future__ import annotations

from typing import Any, ClassVar

import django.utils.timezone
import msgspec
from django.db import migrations, models

import tasuki_server.institutions.ids

_AT_ONCE = 200
_HEADS = (
    ("kind", "健診の種別", 20),
    ("name", "氏名", 100),
    ("kana", "フリガナ", 100),
    ("words", "検索キー", 220),
)


def fill_heads(apps: Any, schema_editor: Any) -> None:
    """見出しの記入 — of the reports that were registered before lists showed any."""
    from tasuki_server.records.checkup_heads import head_of

    rows = apps.get_model("records", "Checkup").objects.using(schema_editor.connection.alias)
    for row in rows.filter(body__isnull=False, kind="").iterator(_AT_ONCE):
        row.kind, row.name, row.kana, row.words = head_of(msgspec.json.decode(bytes(row.body)))
        row.save(update_fields=[name for name, _, _ in _HEADS])


class Migration(migrations.Migration):
    """見出しと担当者の追加."""

    dependencies: ClassVar = [("platform", "0001_initial"), ("records", "0002_unit_version")]

    operations: ClassVar = [
        *(
            migrations.AddField(
                "checkup", name, models.CharField(label, max_length=size, blank=True, db_default="")
            )
            for name, label, size in _HEADS
        ),
        migrations.CreateModel(
            name="InsurerClerk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tasuki_server.institutions.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("user_id", models.UUIDField(unique=True)),
                ("name", models.CharField(max_length=60, verbose_name="氏名")),
                (
                    "connected",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=models.deletion.PROTECT,
                        related_name="+",
                        to="platform.connectedinstitution",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="終了日時")),
            ],
            options={"verbose_name": "保険者の担当者", "db_table": "records_insurer_clerk"},
        ),
        migrations.RunPython(fill_heads, migrations.RunPython.noop),
    ]
