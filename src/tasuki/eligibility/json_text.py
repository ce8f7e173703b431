# SPDX-License-Identifier: Apache-2.0
"""JSONの電文 — the WebAPI shape of a message: the same elements by name under XmlMsg, repeated ones in lists.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 WebAPI連携編 (shape as clients in public show it)
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from tasuki.eligibility import messages as _messages  # noqa: F401
from tasuki.eligibility.elements import CONTAINERS
from tasuki.eligibility.message import UTF8, Message, Node
from tasuki.eligibility.xml_text import DEEPEST, MOST_ELEMENTS
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.kernel.strict_json import NotStrict, read_strictly

if TYPE_CHECKING:
    from collections.abc import Iterator

# JSON is turned into values before anything can be counted, so less of it is taken than of XML.
MOST_JSON_BYTES = 8 * 1024 * 1024


def read_json(data: bytes, name: str = "") -> Message:
    """JSONの電文の読取 — a list is one element after the other, null is an absent one. Raises :class:`BadInput`.

    >>> read_json(b'{"XmlMsg": {"MessageHeader": {"ErrorCode": null, "SegmentOfResult": "1"}}}').header
    Node(name='MessageHeader', text='', children=(Node(name='SegmentOfResult', text='1', children=(), attributes=()),), attributes=())
    """
    if len(data) > MOST_JSON_BYTES:
        _refuse(name, "OQS-F-03", what="バイト数", limit=MOST_JSON_BYTES)
    try:
        found = read_strictly(data, DEEPEST)
    except NotStrict as wrong:
        _refuse(name, "OQS-F-10", reason=str(wrong))
    if not isinstance(found, dict) or list(found) != ["XmlMsg"]:
        _refuse(name, "OQS-F-06", found=printable(", ".join(found)) if isinstance(found, dict) else "")
    counting = _Counting(name)
    nodes = list(counting.nodes("XmlMsg", found["XmlMsg"]))
    if len(nodes) != 1:
        _refuse(name, "OQS-F-06", found="XmlMsg の一覧")
    return Message(nodes[0], UTF8, name)


class _Counting:
    """The tree as it grows, refused when it has too many elements."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._count = 0

    def nodes(self, name: str, value: Any) -> Iterator[Node]:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            _refuse(self.name, "OQS-F-03", what="要素の数", limit=MOST_ELEMENTS)
        if isinstance(value, list):
            for each in value:
                yield from self.nodes(name, each)
        elif isinstance(value, dict):
            children = tuple(node for key, inner in value.items() for node in self.nodes(key, inner))
            yield Node(name, "", children)
        elif value is not None:
            yield Node(name, _text(value))


def _text(value: str | bool | int | Decimal) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def write_json(message: Message) -> bytes:
    """JSONの電文の書出 — every value as text; an element that may stand repeatedly is always a list."""
    made = {message.root.name: plain_value(message.root)}
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def plain_value(node: Node) -> Any:
    """要素のJSON値 — text, or members by official name; an element that may stand repeatedly is a list."""
    if not node.children:
        return {} if node.name in CONTAINERS and not node.text else node.text
    made: dict[str, Any] = {}
    for child in node.children:
        value = plain_value(child)
        kind = CONTAINERS.get(child.name)
        if child.name in made:
            if not isinstance(made[child.name], list):
                made[child.name] = [made[child.name]]
            made[child.name].append(value)
        else:
            made[child.name] = [value] if kind is not None and kind.is_repeated else value
    return made


def _refuse(name: str, code: str, **facts: object) -> NoReturn:
    raise BadInput([Finding(code, Severity.BLOCK, Where(name), f"eligibility.read.{code}", facts)])
