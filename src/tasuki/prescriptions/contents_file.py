# SPDX-License-Identifier: Apache-2.0
"""処方内容のファイル — a prescription as JSON, from which the symbol, the records and the document are made.

The members are those of :class:`PrescriptionContents`; amounts may be numbers or text, and a member nobody knows is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.printable import printable
from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki.prescriptions.contents import PrescriptionContents

if TYPE_CHECKING:
    from collections.abc import Iterator

register(
    {
        "prescription.contents.RX-J-01": "JSONとして読めません（{reason}）。",
        "prescription.contents.RX-J-02": "処方内容の形が違います（{place}: {reason}）。`./tasuki schema prescription` の形に直してください。",
        "prescription.contents.RX-J-03": "「{place}」は知られていない項目です。`./tasuki schema prescription` の形に直してください。",
    }
)


def read_contents(data: bytes, file: str = "") -> PrescriptionContents:
    """処方内容の読取 — Raises :class:`BadInput` naming the member that is wrong."""
    try:
        value = read_strictly(data)
    except NotStrict as wrong:
        _refuse("RX-J-01", file, "", reason=str(wrong))
    try:
        contents: PrescriptionContents = msgspec.convert(value, PrescriptionContents)
    except msgspec.ValidationError as wrong:
        reason, _, place = str(wrong).partition(" - at `$")
        place = place.rstrip("`").lstrip(".") or "全体"
        _refuse("RX-J-02", file, place, place=place, reason=printable(reason, 120))
    for place in _unknown(value, msgspec.to_builtins(contents), ""):
        _refuse("RX-J-03", file, place, place=printable(place, 80))
    return contents


def write_contents(contents: PrescriptionContents) -> bytes:
    """処方内容の書出 — JSON that reads back as the same value."""
    return msgspec.json.encode(contents)


def contents_schema() -> dict[str, Any]:
    """処方内容のスキーマ — JSON Schema of the file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "prescription",
        **msgspec.json.schema(PrescriptionContents),
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return plain


def _unknown(given: Any, known: Any, place: str) -> Iterator[str]:
    """Members that were given and are in no value: a misspelt one would be left out without a word."""
    if isinstance(given, dict) and isinstance(known, dict):
        for name, value in given.items():
            at = f"{place}.{name}".lstrip(".")
            if name not in known:
                yield at
            else:
                yield from _unknown(value, known[name], at)
    elif isinstance(given, list) and isinstance(known, list | tuple):
        for nth, (one, other) in enumerate(zip(given, known, strict=False)):
            yield from _unknown(one, other, f"{place}[{nth}]")


def _refuse(code: str, file: str, field: str, **facts: object) -> NoReturn:
    where = Where(file, field=field)
    raise BadInput([Finding(code, Severity.BLOCK, where, f"prescription.contents.{code}", facts)])
