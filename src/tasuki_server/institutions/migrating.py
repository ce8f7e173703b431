# SPDX-License-Identifier: Apache-2.0
"""移行 — tables brought to this version, then protected; one process at a time."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connections

# One number for the whole project; any process that changes tables waits for the one before.
LOCK = 0x7461_7375_6B69


def migrate(*, keeps_masks: bool = False) -> list[str]:
    """移行の実行 — as the owner; returns the tables whose protection changed.

    Raises :class:`~tasuki_server.cli.words.Stop` for what would block people who are served by another process.
    With ``keeps_masks`` the masked views stay until new ones take their place, for people who work meanwhile.
    """
    from tasuki_server.institutions.first_tables import make_first_tables
    from tasuki_server.institutions.tenancy import protect
    from tasuki_server.keys.sealing import seal_what_waits
    from tasuki_server.maintenance.masking import drop_masks, make_masks
    from tasuki_server.operations.gentle_migration import refuse_while_others_serve

    refuse_while_others_serve()
    connection = connections["owner"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        if not keeps_masks:
            drop_masks(connection)
        make_first_tables(connection)
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        call_command("createcachetable", database="owner", verbosity=0)
        changed = protect(connection)
        make_masks(connection)
        seal_what_waits()
        return changed
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
