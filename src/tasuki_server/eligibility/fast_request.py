# SPDX-License-Identifier: Apache-2.0
"""要求の読取り — the usual request of one person taken apart by one expression; every other one is the codec's.

What it takes is a narrow part of what the codec takes, and gives the same tree: a property test holds both together.
"""

from __future__ import annotations

import re

from tasuki.eligibility.elements import CONTAINERS
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message, Node

_BLANK = "[ \t\n]*"
# No markup, no reference, and nothing that XML forbids or turns into something else.
_LEAF = rf"<([A-Za-z][A-Za-z0-9]*)>([^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*)</\1>{_BLANK}"
_SAME = _LEAF.replace("([A-Za-z][A-Za-z0-9]*)", "(?P<{0}>[A-Za-z][A-Za-z0-9]*)").replace(
    "([^<>", "(?:[^<>"
).replace("\\1", "(?P={0})")  # fmt: skip
_WHOLE = re.compile(
    rf'{_BLANK}<\?xml version="1\.0" encoding="(UTF-8|Shift_JIS)"(?: standalone="no")?\?>{_BLANK}<XmlMsg>{_BLANK}'
    rf"<MessageHeader>{_BLANK}((?:{_SAME.format('h')})*)</MessageHeader>{_BLANK}<MessageBody>{_BLANK}"
    rf"<QualificationConfirmSearchInfo>{_BLANK}((?:{_SAME.format('b')})*)</QualificationConfirmSearchInfo>{_BLANK}"
    rf"</MessageBody>{_BLANK}</XmlMsg>{_BLANK}"
)
_LEAVES = re.compile(_LEAF)
# The usual request has some four hundred bytes.
_LONGEST = 4000
_PYTHON = {UTF8: "utf-8", SHIFT_JIS: "cp932"}


def read_usual(data: bytes) -> Message | None:
    """要求の読取り — the message, or None for whatever the codec must read."""
    if len(data) > _LONGEST or not data.startswith(b"<?xml"):
        return None
    encoding = SHIFT_JIS if b'encoding="Shift_JIS"' in data[:60] else UTF8
    try:
        found = _WHOLE.fullmatch(data.decode(_PYTHON[encoding]))
    except UnicodeDecodeError:
        return None
    if found is None or found[1] != encoding:
        return None
    header, body = _LEAVES.findall(found[2]), _LEAVES.findall(found[4])
    if not header or not body or any(name in CONTAINERS for name, _ in (*header, *body)):
        return None
    search = Node("QualificationConfirmSearchInfo", "", tuple(Node(*each) for each in body))
    parts = (
        Node("MessageHeader", "", tuple(Node(*each) for each in header)),
        Node("MessageBody", "", (search,)),
    )
    return Message(Node("XmlMsg", "", parts), encoding)
