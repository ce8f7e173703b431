# SPDX-License-Identifier: Apache-2.0
"""組込みの制約表 — FHIR R4, JP Core, JP-CLINS and 健診結果報告書, made from the official packages by our importer."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from tasuki.sharing.ig.table import Table, read_table

NAMES = ("fhir-r4", "jp-core", "jp-clins", "jp-echeckup")


@cache
def builtin_tables() -> tuple[Table, ...]:
    """組込みの制約表 — read once from the package's own data."""
    folder = files("tasuki.sharing") / "data"
    return tuple(read_table((folder / f"{name}.fhirtable").read_bytes(), name) for name in NAMES)
