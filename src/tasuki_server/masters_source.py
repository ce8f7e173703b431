# SPDX-License-Identifier: Apache-2.0
"""点数表の選択 — the one book this process calculates with."""

from __future__ import annotations

from functools import cache

from tasuki.masters.book import Book
from tasuki.masters.starter import load_starter


@cache
def current_book() -> Book:
    """現在の点数表 — the starter book until official masters are imported."""
    return load_starter()
