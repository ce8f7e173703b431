# SPDX-License-Identifier: Apache-2.0

import django.utils.timezone
from django.db import migrations, models

import tasuki_server.institutions.ids

# 最後に使われたとき: by which the first round after an update knows whether the clock leapt. The trail of institutions
# is not shown to the owner of the tables.
_LAST = (
    ("platform_serviceevent", "at"),
    ("accounts_signinsession", "begun_at"),
)


def note_last_use(apps, schema_editor):
    connection = schema_editor.connection
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        last = []
        for table, column in _LAST:
            if table in there:
                cursor.execute(f'SELECT max({column}) FROM "{table}" WHERE {column} <= now()')
                last += [each for (each,) in cursor.fetchall() if each is not None]
        if last:
            cursor.execute(
                "INSERT INTO platform_removalmark (id, name, at) VALUES (gen_random_uuid(), 'removal', %s)",
                [max(last)],
            )


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0004_sender_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovalMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tasuki_server.institutions.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=20, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="日時")),
            ],
            options={
                "verbose_name": "最後の整理",
            },
        ),
        migrations.RunPython(note_last_use, migrations.RunPython.noop),
    ]
