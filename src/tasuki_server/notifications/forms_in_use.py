# SPDX-License-Identifier: Apache-2.0
"""使う様式 — the table of notifiable diseases of this process: ours, and imported sheets laid over it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tasuki.notifications.sheets import read_sheet
from tasuki.notifications.table import Disease, NotifiableTable, builtin_table
from tasuki_server.database.places import data_folder


def sheets_folder() -> Path:
    """取り込んだ様式の場所 — TASUKI_DATA (or ``var``) / masters / notifications."""
    return data_folder() / "masters" / "notifications"


def current_table() -> NotifiableTable:
    """現在の様式 — one value a process, made again when another sheet was imported.

    Raises ``BadInput`` when an imported sheet is broken: a duty of the law must not go on without it unseen.
    """
    paths = sorted(sheets_folder().glob("*.sheet"))
    return _table(tuple((str(path), path.stat().st_mtime_ns) for path in paths))


def keep_sheet(data: bytes, name: str) -> Disease:
    """様式の保存 — read first, then kept under its disease and day; an earlier import of both is replaced.

    Raises ``BadInput``.
    """
    disease = read_sheet(data, current_table(), name)
    folder = sheets_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{disease.code}-{disease.validity.since}.sheet"
    made = path.with_suffix(".part")
    made.write_bytes(data)
    made.replace(path)
    return disease


@cache
def _table(paths: tuple[tuple[str, int], ...]) -> NotifiableTable:
    found = builtin_table()
    # By the first day, so that a later version of a form cuts the earlier one.
    for path in sorted(
        (Path(name) for name, _changed_at in paths), key=lambda each: (each.stem[-10:], each.stem)
    ):
        found = found.joined([read_sheet(path.read_bytes(), found, path.name)])
    return found
