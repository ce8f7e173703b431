# SPDX-License-Identifier: Apache-2.0


import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tasuki_server.accounts.models
import tasuki_server.institutions.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FailureCount",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("waits_until", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "照合の失敗",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="must_change_password",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("browser", models.CharField(blank=True, max_length=60)),
                ("first_seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "既知の端末",
                "constraints": [models.UniqueConstraint(fields=("user", "digest"), name="known_device_once")],
            },
        ),
        migrations.CreateModel(
            name="SignInSession",
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
                (
                    "public_id",
                    models.CharField(
                        default=tasuki_server.accounts.models.public_id,
                        editable=False,
                        max_length=10,
                        unique=True,
                    ),
                ),
                ("device", models.CharField(max_length=64)),
                ("browser", models.CharField(blank=True, max_length=60)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("network", models.CharField(blank=True, max_length=50)),
                ("factor", models.CharField(blank=True, max_length=20)),
                ("is_new_device", models.BooleanField(default=False)),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("signed_out", "サインアウト"),
                            ("idle", "操作がなかった"),
                            ("self", "本人が終了"),
                            ("admin", "管理者が終了"),
                            ("disabled", "利用停止"),
                            ("roles", "役割の変更"),
                            ("password", "パスワードの変更"),
                            ("factor", "二要素認証の変更"),
                            ("device", "別の端末からの利用"),
                            ("browser", "別のブラウザーからの利用"),
                            ("network", "別のネットワークからの利用"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "サインイン中の端末",
                "indexes": [models.Index(fields=["user", "ended_at"], name="sign_in_session_open")],
            },
        ),
    ]
