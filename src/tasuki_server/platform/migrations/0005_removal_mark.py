# SPDX-License-Identifier: Apache-2.0

import django.utils.timezone
from django.db import migrations, models

import tasuki_server.institutions.ids


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0004_sender_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovalMark",
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
                ("name", models.CharField(max_length=20, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="日時")),
            ],
            options={
                "verbose_name": "最後の整理",
            },
        ),
    ]
