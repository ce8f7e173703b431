# SPDX-License-Identifier: Apache-2.0
"""列の暗号化への移行 — a plain column becomes bytes that are marked as not sealed yet; sealing follows (keys.sealing).

The owner who changes tables cannot see rows of institutions, and the change must not wait for millions of seals. So
the type changes at once, in place, and rows are sealed institution by institution at the end of the migration.
"""

from __future__ import annotations

from django.db import migrations, models

from tasuki_server.database.sealed_field import SealedField

# On the column until every row of it is sealed.
WAITING = "tasuki: to be sealed"


def sealed_column(
    app_label: str, model_name: str, name: str, field: SealedField, was: type[models.Field]
) -> migrations.SeparateDatabaseAndState:
    """列の移行 — ``was`` is the kind of field it had."""
    table, column = f"{app_label}_{model_name}", name
    plain = {
        models.CharField: f"convert_to(\"{column}\", 'UTF8')",
        models.JSONField: f"convert_to(\"{column}\"::text, 'UTF8')",
        models.BinaryField: f'"{column}"',
    }[was]
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f'ALTER TABLE "{table}" ALTER COLUMN "{column}" DROP DEFAULT,'
                f" ALTER COLUMN \"{column}\" TYPE bytea USING '\\x00'::bytea || {plain};"
                f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STORAGE EXTERNAL;'
                f'COMMENT ON COLUMN "{table}"."{column}" IS \'{WAITING}\''
            )
        ],
        state_operations=[migrations.AlterField(model_name, name, field)],
    )
