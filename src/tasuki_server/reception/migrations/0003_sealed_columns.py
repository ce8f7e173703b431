# SPDX-License-Identifier: Apache-2.0
"""受付メモの暗号化 — the memo of a reception is where a way to reach someone is noted."""

from django.db import migrations, models

from tasuki_server.database.sealed_field import SealedTextField
from tasuki_server.database.sealing_columns import sealed_column


class Migration(migrations.Migration):
    dependencies = [
        ("reception", "0002_kind_decision"),
    ]

    operations = [
        sealed_column(
            "reception", "visit", "memo", SealedTextField("受付メモ", max_length=200, blank=True), models.CharField,
        ),
    ]  # fmt: skip
