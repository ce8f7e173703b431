# SPDX-License-Identifier: Apache-2.0
"""電文の表示 — what a message holds, in Japanese: a line an element, codes with their meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.eligibility.codes import meaning
from tasuki.eligibility.elements import CONTAINERS, Element
from tasuki.eligibility.file_names import read_file_name
from tasuki.eligibility.json_text import plain_value
from tasuki.eligibility.numbers import read_payer_number
from tasuki.eligibility.times import read_day, read_time
from tasuki.kernel.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.eligibility.message import Message, Node

_SHOWN = 200


def message_text(message: Message) -> str:
    """電文の文字表示 — the file's kind, then each element under the one it stands in."""
    return "\n".join([_title(message), *_lines(message.root, 0)])


def message_view(message: Message) -> dict[str, Any]:
    """電文のJSON表示 — elements by their official names; an element that stands repeatedly is a list."""
    named = read_file_name(message.name.rpartition("!")[2].rpartition("/")[2])
    return {
        "file": message.name,
        "kind": named.kind.term if named else "",
        "is_answer": named.is_answer if named else None,
        "encoding": message.encoding,
        "message": plain_value(message.root),
    }


def _title(message: Message) -> str:
    named = read_file_name(message.name.rpartition("!")[2].rpartition("/")[2])
    if named is None:
        return f"{printable(message.name, _SHOWN) or '電文'}（{message.encoding}）"
    way = "結果" if named.is_answer else "要求"
    place = "・顔認証付きカードリーダー" if named.is_from_card_reader else ""
    return f"{printable(message.name, _SHOWN)}（{named.kind.term} {way}{place}、{message.encoding}）"


def _lines(node: Node, depth: int) -> Iterator[str]:
    kind = CONTAINERS.get(node.name)
    for child in node.children:
        element = kind.element(child.name) if kind is not None else None
        indent = "  " * depth
        if element is not None and not child.children:
            yield f"{indent}{element.term}: {value_text(element, child.text)}"
            continue
        inner = CONTAINERS.get(child.name)
        term = inner.term if inner is not None else printable(child.name)
        yield f"{indent}{term}" + (f": {_cut(child.text)}" if child.text else "")
        yield from _lines(child, depth + 1)


def value_text(element: Element, text: str) -> str:
    """値の表示 — a code with its meaning, a day and a time as people write them."""
    match element.kind:
        case "code":
            said = meaning(element.codes, text)
            return f"{text} {said}" if said != text else _cut(text)
        case "day":
            day = read_day(text)
            return f"{day:%Y-%m-%d}" if day else _cut(text)
        case "time":
            at = read_time(text)
            return f"{at:%Y-%m-%d %H:%M:%S}" if at else _cut(text)
        case "insurer":
            number = read_payer_number(text)
            return f"{number.text} {number.system}".rstrip() if number else _cut(text)
        case "base64":
            return f"（BASE64 {len(text)}文字）"
    return _cut(text)


def _cut(text: str) -> str:
    shown = printable(text, _SHOWN)
    return shown if len(text) <= _SHOWN else f"{shown}（全{len(text)}文字）"
