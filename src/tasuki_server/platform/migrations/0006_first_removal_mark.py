# SPDX-License-Identifier: Apache-2.0

from django.db import migrations

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
                "INSERT INTO platform_removalmark (id, name, at) VALUES (gen_random_uuid(), 'removal', %s)"
                " ON CONFLICT (name) DO NOTHING",
                [max(last)],
            )


class Migration(migrations.Migration):
    # By itself: it must not keep a table that the step before made or changed.
    atomic = False
    dependencies = [
        ("platform", "0005_removal_mark"),
    ]

    operations = [
        migrations.RunPython(note_last_use, migrations.RunPython.noop),
    ]
