# SPDX-License-Identifier: Apache-2.0
"""免許番号の暗号化 — the licence number of a member of staff."""

from django.db import migrations, models

from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.database.sealing_columns import sealed_column


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0002_facility_facts"),
    ]

    operations = [
        sealed_column(
            "institutions", "staff", "licence", SealedTextField("免許番号", max_length=20, blank=True), models.CharField,
        ),
    ]  # fmt: skip
