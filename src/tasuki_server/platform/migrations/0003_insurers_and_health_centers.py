# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0002_portal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="connectedinstitution",
            name="fee_table",
            field=models.CharField(
                choices=[
                    ("1", "医科"),
                    ("3", "歯科"),
                    ("4", "調剤"),
                    ("7", "保健所"),
                    ("8", "保険者"),
                    ("9", "本人の閲覧"),
                ],
                max_length=1,
                verbose_name="点数表",
            ),
        ),
    ]
