# SPDX-License-Identifier: Apache-2.0
"""送信単位の版 — as the institution counts it, so that a late copy of an older one undoes nothing."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """送信単位の版の追加."""

    dependencies: ClassVar = [("records", "0001_permissions_and_documents")]

    operations: ClassVar = [
        migrations.AddField("unit", "version", models.PositiveIntegerField("版", null=True)),
    ]
