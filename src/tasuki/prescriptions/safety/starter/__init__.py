# SPDX-License-Identifier: Apache-2.0
"""医薬品知識の初期表 — the rows that ship with the project, each written from published facts it names."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from tasuki.prescriptions.safety.knowledge import Knowledge, read_knowledge
from tasuki.prescriptions.safety.reading import TABLES


@cache
def starter_knowledge() -> Knowledge:
    """医薬品知識の初期表 — read once a process."""
    folder = files("tasuki.prescriptions.safety.starter")
    return read_knowledge({f"{name}.tsv": (folder / f"{name}.tsv").read_bytes() for name in TABLES})
