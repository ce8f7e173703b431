# SPDX-License-Identifier: Apache-2.0
from django.db import migrations, models

from tasuki_server.accounts.models import Why


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_signed_out")]

    operations = [
        migrations.AlterField(
            "signinsession",
            "ended_why",
            models.CharField(blank=True, choices=Why.choices, max_length=12),
        ),
    ]
