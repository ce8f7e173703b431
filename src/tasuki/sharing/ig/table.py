# SPDX-License-Identifier: Apache-2.0
"""制約表 — what an implementation guide constrains, as facts only, in one compressed file of our own layout."""

from __future__ import annotations

import gzip
import io
from decimal import Decimal
from typing import Any

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where

LAYOUT = "tasuki-fhir-1"
MOST_BYTES = 200_000_000


class Slicing(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """スライシング — how the items of a list are told apart: (kind, path) pairs, rules, and whether order counts."""

    discriminators: tuple[tuple[str, str], ...] = ()
    rules: str = "open"
    is_ordered: bool = False


class TypeFact(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """要素の型 — a type code with the profiles of the value and of what a reference points at."""

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, omit_defaults=True, rename={
    "id": "i", "min": "n", "max": "x", "types": "t", "fixed": "f", "pattern": "p", "binding": "b",
    "slicing": "s", "invariants": "c", "content_of": "r", "max_length": "l", "least": "lo", "most": "hi",
    "is_list": "a",
}):  # fmt: skip
    """制約の行 — what one element of a profile says beyond its type; absent parts say nothing."""

    id: str
    min: int | None = None
    max: str | None = None
    types: tuple[TypeFact, ...] | None = None
    fixed: Any = None
    pattern: Any = None
    binding: tuple[str, str] | None = None
    slicing: Slicing | None = None
    invariants: tuple[int, ...] = ()
    content_of: str = ""
    max_length: int | None = None
    least: Any = None
    most: Any = None
    is_list: bool = False


class Invariant(msgspec.Struct, frozen=True, array_like=True):
    """不変条件 — key, whether it is an error, and the FHIRPath expression."""

    key: str
    is_error: bool
    expression: str


class Profile(msgspec.Struct, frozen=True, omit_defaults=True, rename={
    "url": "u", "type": "t", "kind": "k", "parent": "d", "over": "o", "rows": "e", "contexts": "x",
    "is_abstract": "ab",
}):  # fmt: skip
    """プロファイル — one StructureDefinition: its type, parent, the rows beyond the type and, for an
    extension, where it may stand."""

    url: str
    type: str
    kind: str
    parent: str = ""
    over: str = ""
    rows: tuple[Row, ...] = ()
    contexts: tuple[str, ...] = ()
    is_abstract: bool = False

    @property
    def is_type(self) -> bool:
        """A resource or data type itself, not a constraint on one."""
        return self.kind in ("resource", "complex", "primitive")


class ValueSet(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """値セット — the codes of each system; ``open`` systems belong whole, and could not be listed."""

    codes: dict[str, tuple[str, ...]] = {}
    open: tuple[str, ...] = ()
    is_known: bool = True


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """制約表 — packages it was made from, profiles, value sets, small complete code systems, invariants."""

    layout: str
    packages: tuple[str, ...] = ()
    profiles: tuple[Profile, ...] = ()
    value_sets: dict[str, ValueSet] = {}
    code_systems: dict[str, tuple[str, ...]] = {}
    invariants: tuple[Invariant, ...] = ()


# Decimals stay what they are: 0.1 as a binary fraction equals no 0.1 of a file.
_READER = msgspec.json.Decoder(Table, float_hook=Decimal)
_WRITER = msgspec.json.Encoder(decimal_format="number")


def write_table(table: Table) -> bytes:
    """制約表の書出し — the same table gives the same bytes."""
    return gzip.compress(_WRITER.encode(table), 9, mtime=0)


def read_table(data: bytes, name: str) -> Table:
    """制約表の読込み — raises :class:`BadInput` for a file that is none, or is too large."""
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            plain = stream.read(MOST_BYTES + 1)
        if len(plain) > MOST_BYTES:
            raise BadInput([_broken(name, "大きすぎます")])
        table = _READER.decode(plain)
    except (OSError, EOFError, ValueError) as wrong:
        if isinstance(wrong, BadInput):
            raise
        raise BadInput([_broken(name, str(wrong))]) from wrong
    if table.layout != LAYOUT:
        raise BadInput([_broken(name, table.layout)])
    return table


def _broken(name: str, detail: str) -> Finding:
    return Finding("FHIR-P-08", Severity.BLOCK, Where(name), "sharing.FHIR-P-08", {"detail": detail})
