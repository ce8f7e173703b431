# SPDX-License-Identifier: Apache-2.0
"""医薬品知識の所在 — the tables of this process: the starter, and what was imported under the data folder beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tasuki.prescriptions.safety import Knowledge, KnowledgeTables, read_knowledge, starter_knowledge
from tasuki.prescriptions.safety.reading import TABLES, encode_table
from tasuki_server.database.places import data_folder


def knowledge_folder() -> Path:
    """取り込んだ医薬品知識の場所 — TASUKI_DATA (or ``var``) / masters / drug_knowledge."""
    return data_folder() / "masters" / "drug_knowledge"


def current_knowledge() -> Knowledge:
    """現在の医薬品知識 — one value a process, made again when another import has changed the folder.

    Raises ``BadInput`` when an imported table is broken: a check must not go on without it unseen.
    """
    paths = sorted(knowledge_folder().glob("*/*.tsv"))
    return _knowledge(tuple((str(path), path.stat().st_mtime_ns) for path in paths))


def keep_tables(name: str, tables: KnowledgeTables) -> Path:
    """医薬品知識の保存 — the tables of one import under its name; an earlier import of that name is replaced."""
    folder = knowledge_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    for table, kind in TABLES.items():
        rows, path = getattr(tables, table), folder / f"{table}.tsv"
        if rows:
            made = path.with_suffix(".part")
            made.write_bytes(encode_table(kind, rows))
            made.replace(path)
        else:
            path.unlink(missing_ok=True)
    return folder


@cache
def _knowledge(paths: tuple[tuple[str, int], ...]) -> Knowledge:
    found = starter_knowledge()
    imports: dict[Path, dict[str, bytes]] = {}
    for path, _changed_at in paths:
        imports.setdefault(Path(path).parent, {})[path] = Path(path).read_bytes()
    for files in imports.values():
        found = found.joined(read_knowledge(files, beside=found))
    return found
