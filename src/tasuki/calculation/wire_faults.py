# SPDX-License-Identifier: Apache-2.0
"""形の誤り — every member of a JSON value that does not fit its declared shape, all at once.

The decoder of msgspec stops at the first fault; a person who corrects a file wants the whole list.
"""

from __future__ import annotations

import re
import types
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Fault(NamedTuple):
    """形の誤り — the path of a member and what is wrong with it, in Japanese."""

    path: str
    detail: str


def faults(value: object, shape: type[msgspec.Struct]) -> list[Fault]:
    """形の誤り — of a decoded JSON value against a Struct type, in the order of the file.

    >>> class Point(msgspec.Struct, forbid_unknown_fields=True): x: int
    >>> faults({"y": 1}, Point)
    [Fault(path='y', detail='知らない項目です'), Fault(path='x', detail='必要な項目がありません')]
    """
    return list(_walk(value, shape, ""))


def _walk(value: object, hint: Any, path: str) -> Iterator[Fault]:
    plain = _without_none(hint)
    if value is None and plain is not hint:
        return
    bare = get_args(plain)[0] if get_origin(plain) is Annotated else plain
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct) and isinstance(value, dict):
        yield from _walk_members(value, bare, path)
    elif get_origin(bare) is tuple and isinstance(value, list):
        if not value:
            yield from _leaf(value, plain, path)
        for index, each in enumerate(value):
            yield from _walk(each, get_args(bare)[0], f"{path}[{index}]")
    else:
        yield from _leaf(value, plain, path)


def _walk_members(value: dict[str, object], shape: type[msgspec.Struct], path: str) -> Iterator[Fault]:
    hints = _hints(shape)
    for name, member in value.items():
        place = f"{path}.{name}" if path else name
        if name in hints:
            yield from _walk(member, hints[name], place)
        else:
            yield Fault(place, "知らない項目です")
    for field in msgspec.structs.fields(shape):
        if field.required and field.name not in value:
            yield Fault(f"{path}.{field.name}" if path else field.name, "必要な項目がありません")


@cache
def _hints(shape: type[msgspec.Struct]) -> Mapping[str, Any]:
    return get_type_hints(shape, include_extras=True)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    return next(each for each in get_args(hint) if each is not type(None))


def _leaf(value: object, hint: Any, path: str) -> Iterator[Fault]:
    try:
        msgspec.convert(value, hint, strict=True)
    except msgspec.ValidationError as wrong:
        yield Fault(path, _form(hint) if "matching regex" in str(wrong) else _japanese(str(wrong)))


def _form(hint: Any) -> str:
    """What a text of a fixed form must look like, as its declaration describes it."""
    described = [each.description for each in get_args(hint)[1:] if isinstance(each, msgspec.Meta)]
    return f"書き方が正しくありません（{'、'.join(text for text in described if text)}）"


# What the decoder says, in words a clerk reads; the first group is filled in.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"Invalid enum value (.+?)(?: - |$)", "{0} は選べない値です"),
    (r"Invalid RFC3339 encoded date", "実在する日付（YYYY-MM-DD）を入力してください"),
    (r"Expected `int` >= (-?\d+)", "{0}以上の整数を入力してください"),
    (r"Expected `int` <= (-?\d+)", "{0}以下の整数を入力してください"),
    (r"Expected `(?:array|list)` of length >= (\d+)", "{0}つ以上入力してください"),
    (r"Expected `str` of length >= (\d+)", "{0}文字以上入力してください"),
    (r"Invalid decimal string", "数を入力してください"),
    (r"Expected `(.+?)`, got `(.+?)`", "{0} のところに {1} があります"),
)
_KINDS = {
    "int": "整数", "str": "文字列", "bool": "true か false", "decimal": "数", "float": "数", "array": "配列",
    "list": "配列", "object": "オブジェクト", "dict": "オブジェクト", "null": "null", "date": "日付", "None": "null",
}  # fmt: skip


def _japanese(message: str) -> str:
    for pattern, japanese in _WORDS:
        found = re.search(pattern, message)
        if found:
            return japanese.format(*(_kinds(group) for group in found.groups()))
    return message


def _kinds(text: str) -> str:
    return "または".join(_KINDS.get(part, part) for part in text.split(" | "))
