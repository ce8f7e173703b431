# SPDX-License-Identifier: Apache-2.0
"""保存期間の索引 — what is past its days is found, and its document removed, without reading whole tables."""

from django.db import migrations, models

from tasuki_server.database.index_beside import AddIndexBeside

_INDEXES = (
    ("prescription", "registered_at", "prescriptions_of_days"),
    ("prescription", "document", "prescriptions_of_document"),
    ("dispensing", "registered_at", "prescriptions_disp_days"),
    ("dispensing", "document", "prescriptions_disp_document"),
    ("keptanswer", "at", "prescriptions_answer_days"),
    ("preparation", "at", "prescriptions_prep_days"),
    ("storedprescription", "stored_until", "prescriptions_stored_days"),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("prescriptions", "0001_registered_prescriptions")]

    operations = [
        AddIndexBeside(model, models.Index(fields=[field], name=name)) for model, field, name in _INDEXES
    ]
