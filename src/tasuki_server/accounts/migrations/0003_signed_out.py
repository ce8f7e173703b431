# SPDX-License-Identifier: Apache-2.0
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sessions")]

    operations = [
        migrations.AddField("user", "signed_out_at", models.DateTimeField(editable=False, null=True)),
    ]
