# SPDX-License-Identifier: Apache-2.0

import django.contrib.auth.validators
from django.db import migrations, models

import tasuki_server.institutions.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
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
                    "username",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="利用者名",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="メールアドレス")),
                ("institution_id", models.UUIDField(db_index=True, editable=False)),
                ("is_active", models.BooleanField(default=True)),
                ("is_demo", models.BooleanField(default=False, editable=False)),
                ("enrolment_hash", models.CharField(blank=True, editable=False, max_length=128)),
                ("enrolment_until", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "利用者",
            },
        ),
    ]
