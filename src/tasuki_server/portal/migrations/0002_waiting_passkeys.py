# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="waits_until",
            field=models.DateTimeField(null=True, verbose_name="新しい端末を使えるようになる日時"),
        ),
        migrations.AddField(
            model_name="passkey",
            name="waits_until",
            field=models.DateTimeField(null=True, verbose_name="使えるようになる日時"),
        ),
    ]
