# SPDX-License-Identifier: Apache-2.0
"""受け付けたファイルの暗号化 — files of this service hold the numbers of insurance cards."""

import django.utils.timezone
from django.db import migrations, models

import tasuki_server.institutions.ids
from tasuki_server.database.sealed_field import SealedBinaryField
from tasuki_server.database.sealing_columns import sealed_column


class Migration(migrations.Migration):
    dependencies = [
        ("receiving", "0001_initial"),
    ]

    operations = [
        sealed_column(
            "receiving", "delivery", "data", SealedBinaryField("内容"), models.BinaryField,
        ),
        sealed_column(
            "receiving", "outgoingfile", "data", SealedBinaryField("内容"), models.BinaryField,
        ),
        migrations.CreateModel(
            name="ServiceKey",
            fields=[
                ("number", models.PositiveIntegerField(verbose_name="番号")),
                (
                    "purpose",
                    models.CharField(
                        choices=[("data", "項目の暗号化"), ("index", "検索用の符号")], max_length=6, verbose_name="用途"
                    ),
                ),
                ("wrapped", models.BinaryField(verbose_name="包まれた鍵")),
                ("wrapped_with", models.CharField(max_length=60, verbose_name="包んだ鍵の名前")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="作成日時")),
                ("retired_at", models.DateTimeField(null=True, verbose_name="引退日時")),
                (
                    "id",
                    models.UUIDField(
                        default=tasuki_server.institutions.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "verbose_name": "受付のデータ鍵",
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "number"), name="receiving_servicekey_one_number")
                ],
            },
        ),
    ]  # fmt: skip
