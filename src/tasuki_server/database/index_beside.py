# SPDX-License-Identifier: Apache-2.0
"""索引の追加 — beside the work, as often as it takes: a migration of several that was interrupted goes on where it was.

Such a migration is no transaction. What of it was made before it gave up, or was ended, stands under its name when it is
begun again, and the half made one stands too and serves nobody.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently

_IS_WHOLE = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"


class AddIndexBeside(AddIndexConcurrently):
    """索引の追加 — a whole one stays, a half made one goes first."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """索引の追加 — see the class."""
        is_whole = None if schema_editor.collect_sql else self._is_whole(schema_editor.connection)
        if is_whole:
            return
        if is_whole is not None:
            self.database_backwards(app_label, schema_editor, to_state, from_state)
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def _is_whole(self, connection: Any) -> bool | None:
        """None where there is none."""
        with connection.cursor() as cursor:
            cursor.execute(_IS_WHOLE, [connection.ops.quote_name(self.index.name)])
            found = cursor.fetchone()
        return found[0] if found is not None else None
