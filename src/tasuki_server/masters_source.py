# SPDX-License-Identifier: Apache-2.0
"""マスターの所在 — the book of this process: what was imported under the data folder, else the starter."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from tasuki.masters.book import Book
from tasuki.masters.search import SearchIndex
from tasuki.masters.starter import load_starter
from tasuki.masters.store import StoreHeader, load_book, read_header
from tasuki_server.database.places import data_folder

STORE_NAME = "masters.bin"


def store_path() -> Path:
    """取込み済みマスターの場所 — TASUKI_DATA (or ``var``) / masters."""
    return data_folder() / "masters" / STORE_NAME


def stored_header() -> StoreHeader | None:
    """取込み済みマスターの見出し — None when nothing was imported. Raises ``BadInput`` when it is broken."""
    path = store_path()
    return read_header(path.read_bytes(), str(path)) if path.exists() else None


def current_book() -> Book:
    """現在の点数表 — one Book a process, made again when another import has replaced the store.

    Raises ``BadInput`` when the store is broken or of another version: a clinic must not slide back to
    the starter without knowing.
    """
    path = store_path()
    return _book(str(path), path.stat().st_mtime_ns) if path.exists() else load_starter()


def current_index() -> SearchIndex:
    """現在の検索索引 — the search over :func:`current_book`."""
    return _index(current_book())


def keep_store(data: bytes) -> Path:
    """取込み済みマスターの保存 — replaces the store at once; an interrupted import leaves the old one."""
    path = store_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=STORE_NAME)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(made).chmod(0o644)
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
    return path


@cache
def _book(path: str, _changed_at: int) -> Book:
    return load_book(Path(path).read_bytes(), path)


@cache
def _index(book: Book) -> SearchIndex:
    return SearchIndex(book)
