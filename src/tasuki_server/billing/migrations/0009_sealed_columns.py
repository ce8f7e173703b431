# SPDX-License-Identifier: Apache-2.0
"""会計の資格の暗号化 — the cover a bill was made with holds the numbers of its cards."""

from django.db import migrations, models

from tasuki_server.database.sealed_field import SealedJsonField
from tasuki_server.database.sealing_columns import sealed_column


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0008_assessed_entry"),
    ]

    operations = [
        sealed_column(
            "billing", "bill", "coverage", SealedJsonField(), models.JSONField,
        ),
    ]  # fmt: skip
