# SPDX-License-Identifier: Apache-2.0
"""レセプトの暗号化 — receipts and files hold the numbers of insurance cards."""

from django.db import migrations, models

from tasuki_server.database.sealed_field import SealedBinaryField, SealedJsonField
from tasuki_server.database.sealing_columns import sealed_column


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0004_later_checks"),
    ]

    operations = [
        sealed_column(
            "claims", "builtclaim", "records", SealedJsonField(), models.JSONField,
        ),
        sealed_column(
            "claims", "claimfile", "data", SealedBinaryField("内容"), models.BinaryField,
        ),
        sealed_column(
            "claims", "submission", "data", SealedBinaryField("内容"), models.BinaryField,
        ),
        sealed_column(
            "claims", "resultfile", "data", SealedBinaryField("内容"), models.BinaryField,
        ),
        sealed_column(
            "claims", "returnedclaim", "records", SealedJsonField(default=list), models.JSONField,
        ),
        sealed_column(
            "claims", "returnedclaim", "history", SealedBinaryField(), models.BinaryField,
        ),
    ]  # fmt: skip
