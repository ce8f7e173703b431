# SPDX-License-Identifier: Apache-2.0
"""他機関の利用の索引 — of the record of use, only the rows of those who look at what others wrote."""

from __future__ import annotations

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

import tasuki_server.exchange.models
from tasuki_server.database.index_beside import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("exchange", "0006_permit_sessions")]
    operations = [
        AddIndexBeside(
            "accessevent",
            models.Index(
                condition=models.Q(
                    tasuki_server.exchange.models.Differ(models.F("writer_id"), models.F("caller_id"))
                ),
                fields=["writer_id", "at"],
                name="exchange_access_of_others",
            ),
        ),
        RemoveIndexConcurrently("accessevent", "exchange_access_writer"),
    ]
