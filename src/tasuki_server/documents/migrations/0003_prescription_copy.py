# SPDX-License-Identifier: Apache-2.0
"""処方内容（控え） — one more kind of document; the column itself does not change."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_sealed_columns"),
    ]

    operations = [
        migrations.AlterField(
            model_name="issueddocument",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receipt", "領収証"),
                    ("statement", "診療明細書"),
                    ("prescription", "処方箋"),
                    ("copy", "処方内容（控え）"),
                ],
                max_length=12,
                verbose_name="種類",
            ),
        ),
    ]
