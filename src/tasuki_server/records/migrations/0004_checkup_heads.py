# SPDX-License-Identifier: Apache-2.0
"""健診結果の見出し — of the reports that were registered before lists showed any: row by row, so that nobody waits for the table."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from django.db import migrations

_AT_ONCE = 200


def fill_heads(apps: Any, schema_editor: Any) -> None:
    """見出しの記入 — each by itself; one that is replaced meanwhile has the heads of what came in its place."""
    from tasuki_server.records.checkup_heads import head_of

    every = apps.get_model("records", "Checkup").objects.using(schema_editor.connection.alias)
    rows, last = every.filter(body__isnull=False, kind="").order_by("pk"), None
    while found := list((rows if last is None else rows.filter(pk__gt=last))[:_AT_ONCE]):
        for row in found:
            head = head_of(msgspec.json.decode(bytes(row.body)))
            rows.filter(pk=row.pk, registered_at=row.registered_at).update(**head._asdict())
        last = found[-1].pk


class Migration(migrations.Migration):
    """見出しの記入 — begun again where it was interrupted."""

    atomic = False
    dependencies: ClassVar = [("records", "0003_insurer_desk")]
    operations: ClassVar = [migrations.RunPython(fill_heads, migrations.RunPython.noop)]
