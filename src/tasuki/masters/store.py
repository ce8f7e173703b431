# SPDX-License-Identifier: Apache-2.0
"""取込み済みマスター — compiled tables as bytes: a line that says what they are, then packed rows.

The bytes are ours and may be thrown away: the official files make them again. They are refused, never
guessed at, when another version of the rows wrote them.
"""

from __future__ import annotations

import gc
import hashlib
import zlib
from datetime import date
from typing import NamedTuple

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.masters import rows
from tasuki.masters.book import Book, Revision, Tables

MAGIC = b"TASUKI MASTERS 1\n"
# Level 1 is a quarter slower to read than no compression and seven times smaller.
_LEVEL = 1


class StoredSource(NamedTuple):
    """取込み元 — one file that was read: what it was, its hash, and what became of its rows."""

    name: str
    kind: str
    title: str
    published_on: date | None
    is_full: bool
    sha256: str
    rows_read: int
    rows_kept: int
    rows_bad: int


class StoreHeader(msgspec.Struct, frozen=True):
    """見出し — which rows wrote the store, what it covers, its files, and what the starter filled in."""

    layout: str
    revisions: tuple[Revision, ...] = ()
    sources: tuple[StoredSource, ...] = ()
    filled: tuple[str, ...] = ()


def row_layout() -> str:
    """行の形 — a mark that changes with any field of any row, because rows are stored by place."""
    structs = sorted(
        (
            value
            for value in vars(rows).values()
            if isinstance(value, type) and issubclass(value, msgspec.Struct)
        ),
        key=lambda struct: struct.__name__,
    )
    text = "\n".join(f"{s.__name__}: {' '.join(s.__struct_fields__)}" for s in structs)
    text += "\n" + " ".join(Tables._fields)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def encode_store(
    tables: Tables, sources: tuple[StoredSource, ...] = (), filled: tuple[str, ...] = ()
) -> bytes:
    """書出し — tables and where they came from, as bytes."""
    header = msgspec.json.encode(StoreHeader(row_layout(), tables.revisions, sources, filled))
    return MAGIC + header + b"\n" + zlib.compress(msgspec.msgpack.encode(tables), _LEVEL)


def read_header(data: bytes, file: str = "") -> StoreHeader:
    """見出しの読取り — without the rows. Raises :class:`BadInput` when the bytes are not a store."""
    return _split(data, file)[0]


def decode_store(data: bytes, file: str = "") -> Tables:
    """読取り — the tables of a store.

    Raises :class:`BadInput` when the bytes are not a store, are cut short, or were written by another
    version of the rows.
    """
    header, packed = _split(data, file)
    if header.layout != row_layout():
        raise _refused("masters.store-version", file)
    # Hundreds of thousands of rows without a cycle among them: collecting while they are made
    # would look at each again and again.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _DECODER.decode(zlib.decompress(packed))
    except (zlib.error, msgspec.DecodeError) as error:
        raise _refused("masters.store-broken", file) from error
    finally:
        if was_enabled:
            gc.enable()


def load_book(data: bytes, file: str = "") -> Book:
    """本の読込み — the Book of a store. Raises :class:`BadInput` as :func:`decode_store` does."""
    return Book(decode_store(data, file))


def _split(data: bytes, file: str) -> tuple[StoreHeader, bytes]:
    if not data.startswith(MAGIC):
        raise _refused("masters.store-broken", file)
    head, _, packed = data[len(MAGIC) :].partition(b"\n")
    try:
        return msgspec.json.decode(head, type=StoreHeader), packed
    except msgspec.DecodeError as error:
        raise _refused("masters.store-broken", file) from error


def _refused(code: str, file: str) -> BadInput:
    return BadInput([Finding(code, Severity.BLOCK, Where(file=file), code)])


_DECODER = msgspec.msgpack.Decoder(Tables)
