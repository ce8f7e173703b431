# SPDX-License-Identifier: Apache-2.0
"""取込み済みマスター — compiled tables as bytes: a line that says what they are, then packed rows.

Each table is packed by itself and opened when it is first asked for, each row made when its code is.

The bytes are ours and may be thrown away: the official files make them again. They are refused, never
guessed at, when another version of the rows wrote them.
"""

from __future__ import annotations

import gc
import hashlib
import zlib
from datetime import date
from typing import Any, NamedTuple, get_args, get_type_hints

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.masters import messages as _messages  # noqa: F401  (the sentences of what is raised here)
from tasuki.masters import rows
from tasuki.masters.book import KEYS, Book, Revision, Tables, arranged, edges_of
from tasuki.masters.packed_table import PackedTable

MAGIC = b"TASUKI MASTERS 2\n"
_ANY_VERSION = b"TASUKI MASTERS "
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
    # Name, first byte and length of each packed table, and the checksum of them all.
    parts: tuple[tuple[str, int, int], ...] = ()
    crc32: int = 0
    edges: tuple[date, ...] = ()  # 行の変わり目


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
    parts: list[tuple[str, int, int]] = []
    packed = bytearray()
    for name, (field, key) in _FIELDS.items():
        rows = getattr(tables, field)
        keys = [row[0] for row in rows] if key == "" else [getattr(row, key) for row in rows]
        part = zlib.compress(msgspec.msgpack.encode((keys, rows)), _LEVEL)
        parts.append((name, len(packed), len(part)))
        packed += part
    header = StoreHeader(
        row_layout(), tables.revisions, sources, filled, tuple(parts), zlib.crc32(packed), edges_of(tables)
    )
    return MAGIC + msgspec.json.encode(header) + b"\n" + packed


def read_header(data: bytes, file: str = "") -> StoreHeader:
    """見出しの読取り — without the rows. Raises :class:`BadInput` when the bytes are not a store."""
    return _split(data, file)[0]


def decode_store(data: bytes, file: str = "") -> Tables:
    """読取り — the tables of a store.

    Raises :class:`BadInput` when the bytes are not a store, are cut short, or were written by another
    version of the rows.
    """
    header, packed = _checked(data, file)
    fields = {}
    # Hundreds of thousands of rows without a cycle among them: collecting while they are made
    # would look at each again and again.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for name, start, length in header.parts:
            field = _FIELDS[name][0]
            decoder = msgspec.msgpack.Decoder(tuple[Any, _TYPES[field]])  # type: ignore[valid-type]
            fields[field] = decoder.decode(zlib.decompress(packed[start : start + length]))[1]
    except (zlib.error, msgspec.DecodeError, KeyError) as error:
        raise _refused("masters.store-broken", file) from error
    finally:
        if was_enabled:
            gc.enable()
    return Tables(header.revisions, **fields)


def load_book(data: bytes, file: str = "") -> Book:
    """本の読込み — the Book of a store, whose tables are opened when first asked for.

    Raises :class:`BadInput` as :func:`decode_store` does.
    """
    header, packed = _checked(data, file)
    places = {name: packed[start : start + length] for name, start, length in header.parts}
    if places.keys() != _FIELDS.keys():
        raise _refused("masters.store-broken", file)

    def open_table(name: str) -> Any:
        keys, rows = _RAW.decode(zlib.decompress(places[name]))
        if name == "standards":
            return {row.code: row for row in map(_DECODERS[name].decode, rows)}
        if name == "standard_members":
            return PackedTable(keys, rows, lambda raw: _DECODERS[name].decode(raw)[1], tuple)
        return PackedTable(keys, rows, _DECODERS[name].decode, arranged(name))

    return Book(header.revisions, open_table, header.edges)


def _checked(data: bytes, file: str) -> tuple[StoreHeader, memoryview]:
    """The header and the packed tables, whole and written by these rows."""
    header, packed = _split(data, file)
    if header.layout != row_layout():
        raise _refused("masters.store-version", file)
    if zlib.crc32(packed) != header.crc32:
        raise _refused("masters.store-broken", file)
    return header, packed


def _split(data: bytes, file: str) -> tuple[StoreHeader, memoryview]:
    if not data.startswith(MAGIC):
        is_other = data.startswith(_ANY_VERSION)
        raise _refused("masters.store-version" if is_other else "masters.store-broken", file)
    end = data.find(b"\n", len(MAGIC))
    head = data[len(MAGIC) : end if end >= 0 else len(data)]
    try:
        return msgspec.json.decode(head, type=StoreHeader), memoryview(data)[len(MAGIC) + len(head) + 1 :]
    except msgspec.DecodeError as error:
        raise _refused("masters.store-broken", file) from error


def _refused(code: str, file: str) -> BadInput:
    return BadInput([Finding(code, Severity.BLOCK, Where(file=file), code)])


_TYPES = get_type_hints(Tables)
_FIELDS = {**KEYS, "standards": ("standards", "code"), "standard_members": ("standard_members", "")}
_RAW = msgspec.msgpack.Decoder(tuple[list[str], list[msgspec.Raw]])
_DECODERS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(get_args(_TYPES[field])[0]) for name, (field, _) in _FIELDS.items()
}
