# SPDX-License-Identifier: Apache-2.0
"""連絡先と被保険者番号の暗号化 — the columns become sealed; a telephone number is found by its codes from now on."""

from django.db import migrations, models

from tasuki_server.database.sealed_field import SealedJsonField, SealedTextField
from tasuki_server.database.sealing_columns import sealed_column


class Migration(migrations.Migration):
    dependencies = [
        ("keys", "0001_initial"),
        ("patients", "0004_household"),
    ]

    operations = [
        sealed_column(
            "patients", "demographics", "phone",
            SealedTextField("電話番号", max_length=20, blank=True), models.CharField,
        ),
        sealed_column(
            "patients", "demographics", "postal_code",
            SealedTextField("郵便番号", max_length=8, blank=True), models.CharField,
        ),
        sealed_column(
            "patients", "demographics", "address",
            SealedTextField("住所", max_length=200, blank=True), models.CharField,
        ),
        sealed_column(
            "patients", "demographics", "memo",
            SealedTextField("メモ", max_length=400, blank=True), models.CharField,
        ),
        sealed_column("patients", "insurancerecord", "value", SealedJsonField(), models.JSONField),
        sealed_column("patients", "programmerecord", "value", SealedJsonField(), models.JSONField),
        migrations.AddField(
            model_name="patient",
            name="phone_codes",
            field=models.CharField(blank=True, default="", editable=False, max_length=255),
            preserve_default=False,
        ),
        migrations.RemoveField(model_name="patient", name="phone_key"),
    ]  # fmt: skip
