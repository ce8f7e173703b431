# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tasuki.facility.institution
import tasuki_server.institutions.ids
import tasuki_server.institutions.work


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Institution",
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
                ("code", models.CharField(max_length=7, verbose_name="医療機関コード")),
                ("prefecture", models.CharField(max_length=2, verbose_name="都道府県番号")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("telephone", models.CharField(blank=True, max_length=20, verbose_name="電話番号")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="所在地")),
                ("director", models.CharField(blank=True, max_length=60, verbose_name="開設者・管理者")),
                (
                    "kind",
                    models.CharField(
                        choices=[("clinic", "診療所"), ("hospital", "病院")],
                        default=tasuki.facility.institution.InstitutionKind["CLINIC"],
                        max_length=10,
                        verbose_name="病院・診療所の別",
                    ),
                ),
                ("beds", models.PositiveIntegerField(default=0, verbose_name="許可病床数")),
                ("hours", models.JSONField(default=list, verbose_name="診療時間")),
                ("closed_days", models.JSONField(default=list, verbose_name="休診日")),
                ("standards", models.JSONField(default=list, verbose_name="届出施設基準")),
                ("is_demo", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "医療機関",
            },
        ),
        migrations.CreateModel(
            name="Staff",
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
                ("user_id", models.UUIDField(editable=False, null=True, unique=True)),
                ("name", models.CharField(max_length=60, verbose_name="氏名")),
                ("kana", models.CharField(blank=True, max_length=60, verbose_name="フリガナ")),
                ("roles", models.JSONField(default=list, verbose_name="役割")),
                ("licence", models.CharField(blank=True, max_length=20, verbose_name="免許番号")),
                ("is_system", models.BooleanField(default=False, verbose_name="自動処理")),
                ("is_active", models.BooleanField(default=True, verbose_name="在籍")),
                (
                    "institution",
                    models.ForeignKey(
                        default=tasuki_server.institutions.work.current_institution_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "職員",
            },
        ),
    ]
