# SPDX-License-Identifier: Apache-2.0
"""保険者の画面 — who may see what came for an insurer, and room for what a list of checkups shows."""

from __future__ import annotations

from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models

import tasuki_server.institutions.ids

_HEADS = (
    ("kind", "健診の種別", 20),
    ("name", "氏名", 100),
    ("kana", "フリガナ", 100),
    ("words", "検索キー", 220),
)


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
    ]
