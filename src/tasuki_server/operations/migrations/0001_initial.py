# SPDX-License-Identifier: Apache-2.0
"""稼働の記録の表 — served times, and what was said about stops."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ServiceSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["-until"], name="operations_span_until")],
            },
        ),
        migrations.CreateModel(
            name="ServiceStop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("planned", "計画停止"),
                            ("disaster", "大規模災害"),
                            ("provider", "クラウド事業者の障害"),
                            ("fault", "障害"),
                        ],
                        max_length=8,
                        verbose_name="種別",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="開始")),
                ("until", models.DateTimeField(verbose_name="終了")),
                ("noted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="記入")),
                ("reason", models.CharField(max_length=400, verbose_name="理由")),
                ("remedy", models.CharField(blank=True, max_length=400, verbose_name="対策と再発防止")),
            ],
            options={
                "indexes": [models.Index(fields=["-since"], name="operations_stop_since")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="operations_stop_forward"
                    )
                ],
            },
        ),
    ]
