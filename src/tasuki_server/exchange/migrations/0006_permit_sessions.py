# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0005_deleted_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="apppermit",
            name="allowed_in",
            field=models.CharField(db_default="", default="", max_length=10, verbose_name="許可した端末"),
        ),
    ]
