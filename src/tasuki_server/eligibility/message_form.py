# SPDX-License-Identifier: Apache-2.0
"""電文の形 — an answer goes back in the form and character code the request came in."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from tasuki.eligibility.json_text import write_json
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message, Node
from tasuki.eligibility.xml_text import write_xml
from tasuki.kernel.shift_jis import settle
from tasuki_server.platform.engine import Reply

# 黒丸: what stands for a character that the character code of the asker lacks, as on the real service.
BLACK_CIRCLE = "●"


class Form(NamedTuple):
    """電文の形 — XML of a character code, or JSON."""

    encoding: str = UTF8
    is_json: bool = False

    @property
    def media_type(self) -> str:
        """メディアタイプ — of the answer."""
        return "application/json" if self.is_json else "application/xml"


XML = Form()


def message_reply(message: Message, form: Form) -> Reply:
    """電文の応答 — in the form; what it cannot hold is ●."""
    if form.is_json:
        return Reply(200, form.media_type, write_json(message))
    return Reply(200, form.media_type, message_bytes(message, form.encoding))


def message_bytes(message: Message, encoding: str) -> bytes:
    """電文のバイト — with ● for what Shift_JIS lacks."""
    if encoding == SHIFT_JIS:
        message = replace(message, root=_circled(message.root), encoding=encoding)
    return write_xml(message)


def circled(text: str) -> str:
    """黒丸への置換え — of what Shift_JIS lacks; a selector of a shape says nothing there and goes.

    >>> circled("葛\\U000e0100飾"), circled("𠮷野")
    ('葛飾', '●野')
    """
    if text.isascii():
        return text
    made = []
    for character in settle(text):
        if "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
            continue
        try:
            character.encode("cp932")
        except UnicodeEncodeError:
            character = BLACK_CIRCLE
        made.append(character)
    return "".join(made)


def _circled(node: Node) -> Node:
    return node._replace(text=circled(node.text), children=tuple(_circled(each) for each in node.children))
