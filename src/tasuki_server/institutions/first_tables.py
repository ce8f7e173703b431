# SPDX-License-Identifier: Apache-2.0
"""最初の表 — an empty database gets the tables of this version at once, not by way of every version before.

Going through the history costs half a minute of computing, for each table is described anew at each step. None of the
steps of ours moves data, so on an empty database only where they end counts; a test holds both ways against each other.
What has any table goes through the history.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder


def make_first_tables(connection: Any) -> bool:
    """最初の表の作成 — whether it was an empty database and they were made; all or nothing."""
    if connection.introspection.table_names():
        return False
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    tables = executor.loader.project_state().apps
    with connection.schema_editor(atomic=True) as editor:
        for model in tables.get_models(include_auto_created=False):
            if model._meta.can_migrate(connection) and not model._meta.proxy:
                editor.create_model(model)
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        recorder.migration_qs.bulk_create(
            recorder.Migration(app=step.app_label, name=step.name) for step, _ in plan
        )
    return True


__all__ = ["make_first_tables"]
