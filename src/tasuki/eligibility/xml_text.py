# SPDX-License-Identifier: Apache-2.0
"""XMLの電文 — bytes to a tree and back, in UTF-8 and Shift_JIS, without declarations, entities or unbounded size.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 文字コード OQSCD005; Extensible Markup Language (XML) 1.0
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from tasuki.eligibility import messages as _messages  # noqa: F401
from tasuki.eligibility.elements import CONTAINERS, OPEN_CONTAINERS
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message, Node
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.kernel.shift_jis import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

# A bulk answer of some thousand people takes a few megabytes.
MOST_BYTES = 32 * 1024 * 1024
MOST_ELEMENTS = 500_000
DEEPEST = 32
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CODECS = {"utf-8": UTF8, "utf8": UTF8, "shift_jis": SHIFT_JIS, "shift-jis": SHIFT_JIS, "sjis": SHIFT_JIS,
           "windows-31j": SHIFT_JIS, "cp932": SHIFT_JIS, "ms932": SHIFT_JIS}  # fmt: skip
_PYTHON = {UTF8: "utf-8", SHIFT_JIS: "cp932"}
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]*")


def read_xml(data: bytes, name: str = "") -> Message:
    """XMLの電文の読取 — the whole message, elements in their order.

    Raises :class:`BadInput` for what is no XML, has a declaration of a document type or of entities, or is too large.

    >>> read_xml(b"<XmlMsg><MessageBody><ReceptionNumber>7</ReceptionNumber></MessageBody></XmlMsg>").body.value(
    ...     "ReceptionNumber")
    '7'
    """
    if len(data) > MOST_BYTES:
        _refuse(name, "OQS-F-03", what="バイト数", limit=MOST_BYTES)
    encoding = _encoding_of(data, name)
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode(_PYTHON[encoding])
    except UnicodeDecodeError as wrong:
        _refuse(name, "OQS-F-04", encoding=encoding, at=wrong.start)
    building = _Building(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.text
    parser.StartDoctypeDeclHandler = building.declared
    parser.EntityDeclHandler = building.declared
    try:
        # Given as text, the declaration of the character code no longer counts.
        parser.Parse(text, True)
    except expat.ExpatError as wrong:
        _refuse(
            name, "OQS-F-01", line=wrong.lineno, column=wrong.offset + 1, reason=expat.ErrorString(wrong.code)
        )
    except UnicodeEncodeError:
        _refuse(name, "OQS-F-04", encoding=encoding, at=0)
    root = building.root
    if root is None or root.name != "XmlMsg":
        _refuse(name, "OQS-F-06", found=printable(root.name) if root else "")
    return Message(root, encoding, name)


class _Building:
    """The tree as it grows; an element is finished when it ends."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self._open: list[tuple[str, tuple[tuple[str, str], ...], list[Node], list[str]]] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            _refuse(self.name, "OQS-F-03", what="要素の数", limit=MOST_ELEMENTS)
        if len(self._open) >= DEEPEST:
            _refuse(self.name, "OQS-F-03", what="入れ子の深さ", limit=DEEPEST)
        self._open.append((tag, tuple(attributes.items()), [], []))

    def text(self, data: str) -> None:
        self._open[-1][3].append(data)

    def end(self, _tag: str) -> None:
        tag, attributes, children, texts = self._open.pop()
        text = "".join(texts)
        if children or (tag in CONTAINERS and tag not in OPEN_CONTAINERS):
            # Blanks around elements are only the layout of the file.
            text = text.strip()
        node = Node(tag, text, tuple(children), attributes)
        if self._open:
            self._open[-1][2].append(node)
        else:
            self.root = node

    def declared(self, *_: object) -> None:
        _refuse(self.name, "OQS-F-02")


def _encoding_of(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse(name, "OQS-F-05", encoding="UTF-16")
    found = _DECLARED.match(data[:400].removeprefix(b"\xef\xbb\xbf"))
    if found is None:
        return UTF8
    said = found[1].decode("ascii")
    if said.lower() not in _CODECS:
        _refuse(name, "OQS-F-05", encoding=said)
    return _CODECS[said.lower()]


def write_xml(message: Message) -> bytes:
    """XMLの電文の書出 — the declaration, then each element on a line of its own; reading it gives the same tree.

    Raises :class:`BadInput` for a character that XML or the character code cannot hold: none is replaced.
    """
    codec = _PYTHON[message.encoding]
    lines = [f'<?xml version="1.0" encoding="{message.encoding}" standalone="no"?>']
    findings: list[Finding] = []
    for line in _lines(message.root, "", codec, findings, message.name):
        lines.append(line)
    if findings:
        raise BadInput(findings)
    text = "\n".join(lines) + "\n"
    return (settle(text) if message.encoding == SHIFT_JIS else text).encode(codec)


def _lines(node: Node, indent: str, codec: str, findings: list[Finding], name: str) -> Iterator[str]:
    tag = node.name
    for each in (tag, *(key for key, _ in node.attributes)):
        if not _NAME.fullmatch(each):
            findings.append(_finding(name, "OQS-W-03", printable(tag), field=printable(each)))
            return
    attributes = "".join(
        f" {key}={_attribute(_writable(node, text, codec, findings, name))}" for key, text in node.attributes
    )
    text = escape(_writable(node, node.text, codec, findings, name), {"\r": "&#13;"})
    if not node.children:
        yield f"{indent}<{tag}{attributes}>{text}</{tag}>"
        return
    yield f"{indent}<{tag}{attributes}>{text}"
    for child in node.children:
        yield from _lines(child, indent + "    ", codec, findings, name)
    yield f"{indent}</{tag}>"


def _attribute(text: str) -> str:
    return quoteattr(text, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


def _writable(node: Node, text: str, codec: str, findings: list[Finding], name: str) -> str:
    bad = _UNWRITABLE.search(text)
    if bad:
        findings.append(_finding(name, "OQS-W-02", node.name, field=node.name, point=f"{ord(bad[0]):04X}"))
        return ""
    if codec == "cp932" and not text.isascii():
        strange = "".join(dict.fromkeys(c for c in settle(text) if not _is_encodable(c)))
        if strange:
            findings.append(
                _finding(
                    name, "OQS-W-01", node.name, field=node.name, encoding=SHIFT_JIS, characters=strange[:40]
                )
            )
            return ""
    return text


def _is_encodable(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _finding(name: str, code: str, record: str, **facts: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(name, 0, record), f"eligibility.write.{code}", facts)


def _refuse(name: str, code: str, **facts: object) -> NoReturn:
    raise BadInput([Finding(code, Severity.BLOCK, Where(name), f"eligibility.read.{code}", facts)])
