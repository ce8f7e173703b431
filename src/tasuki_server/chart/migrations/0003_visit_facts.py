# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chart", "0002_draft_window"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="note",
            name="facts",
            field=models.JSONField(default=dict, verbose_name="診療の数字"),
        ),
    ]
