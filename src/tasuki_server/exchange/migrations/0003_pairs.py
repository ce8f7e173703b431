# SPDX-License-Identifier: Apache-2.0
"""コードと量の組 — rows that a search by code and quantity asked together move into one table, one row for both."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import tasuki_server.exchange.models

# What was written in between would stand in the tables of before, where it is no longer looked for.
_HOLD = "LOCK TABLE exchange_resource IN SHARE ROW EXCLUSIVE MODE"
_MOVE = """
    INSERT INTO exchange_pair (key, param, nth, item, concept_system, concept, low, high, system, code, unit)
    SELECT t.key, m.param, row_number() OVER (PARTITION BY t.key, m.param ORDER BY t.item, t.nth, q.nth) - 1, t.item,
      t.system, t.code, q.low, q.high, q.system, q.code, q.unit
    FROM unnest(%s::smallint[], %s::smallint[], %s::smallint[]) AS m(param, concept, quantity)
    JOIN exchange_token t ON t.param = m.concept
    JOIN exchange_quantity q ON q.key = t.key AND q.param = m.quantity AND q.item = t.item
"""


def move(apps: Any, schema_editor: Any) -> None:
    """組への移動 — by the numbers of the search parameters, which never change their meaning."""
    from tasuki.sharing.search.parameters import parameters_of, search_table
    from tasuki.sharing.search.query import is_pair

    found = [
        (each.number, *(part.number for part in each.components))
        for type_name in search_table().shapes
        for each in parameters_of(type_name)
        if each.kind == "composite" and is_pair(each)
    ]
    params, concepts, quantities = (list(column) for column in zip(*found, strict=True))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_MOVE, [params, concepts, quantities])
        cursor.execute("DELETE FROM exchange_token WHERE param = ANY(%s::smallint[])", [concepts])
        cursor.execute("DELETE FROM exchange_quantity WHERE param = ANY(%s::smallint[])", [quantities])


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_scopes_exports_subscriptions")]

    operations = [
        migrations.CreateModel(
            name="FoundPair",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "param", "nth", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.BigIntegerField()),
                ("param", models.SmallIntegerField()),
                ("nth", models.SmallIntegerField()),
                ("item", models.SmallIntegerField(default=0)),
                ("concept_system", models.TextField(default="")),
                ("concept", models.TextField(default="")),
                (
                    "low",
                    tasuki_server.exchange.models.PlainNumeric(decimal_places=50, max_digits=100, null=True),
                ),
                (
                    "high",
                    tasuki_server.exchange.models.PlainNumeric(decimal_places=50, max_digits=100, null=True),
                ),
                ("system", models.TextField(default="")),
                ("code", models.TextField(default="")),
                ("unit", models.TextField(default="")),
            ],
            options={
                "verbose_name": "検索の値（コードと量の組）",
                "db_table": "exchange_pair",
                "indexes": [
                    models.Index(fields=["param", "concept", "low", "key"], name="exchange_pair_low"),
                    models.Index(fields=["param", "concept", "high", "key"], name="exchange_pair_high"),
                ],
            },
        ),
        migrations.RunSQL(_HOLD, migrations.RunSQL.noop),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
