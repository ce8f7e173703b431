# SPDX-License-Identifier: Apache-2.0
"""印字内容の暗号化 — what a form was printed from holds the numbers of insurance cards."""

from django.db import migrations, models

from tasuki_server.database.sealed_field import SealedJsonField
from tasuki_server.database.sealing_columns import sealed_column


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0001_initial"),
    ]

    operations = [
        sealed_column(
            "documents", "issueddocument", "sheets", SealedJsonField("印字内容"), models.JSONField,
        ),
    ]  # fmt: skip
