# SPDX-License-Identifier: Apache-2.0
"""XMLの安全な読取 — UTF-8 alone, nothing declared, nothing hidden: what is read is what was signed.

A comment within a text would cut what a reader takes from what the digest covers, an entity would let a document
say more than its bytes, two elements of one identifier would leave open which one was signed: all are refused.

Cite: W3C XML Signature Best Practices; OWASP XML Security
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from lxml import etree

from tasuki.kernel.printable import printable
from tasuki.prescriptions.signature.messages import fault, refuse

if TYPE_CHECKING:
    from tasuki.kernel.finding import Finding

# An lxml element; lxml has no types of its own.
Node = Any

MOST_BYTES = 4 * 1024 * 1024
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BLANKS = str.maketrans("", "", " \t\r\n")


def parse_safely(data: bytes) -> Node:
    """XMLの安全な読取 — the root element.

    Raises :class:`BadInput` for what is no XML, and for anything of it that could make two readers see two things.
    """
    if len(data) > MOST_BYTES:
        refuse("RX-G-31", limit=MOST_BYTES)
    if found := _DECLARED.search(data):
        refuse("RX-G-02", what=found[0].decode("ascii"))
    said = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if said and said[1].lower() != b"utf-8":
        refuse(
            "RX-G-01", reason=f"文字コードが{printable(said[1].decode('ascii'), 20)}です。UTF-8で記録します"
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        refuse("RX-G-01", reason=f"UTF-8ではありません（{wrong.start}バイト目）")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as wrong:
        refuse("RX-G-01", reason=printable(str(wrong), 100))
    tree = root.getroottree()
    outside = [*root.itersiblings(), *root.itersiblings(preceding=True)]
    if tree.docinfo.internalDTD is not None or outside:
        refuse("RX-G-02", what="文書の外側の宣言")
    for each in root.iter():
        if not isinstance(each.tag, str):
            refuse("RX-G-02", what=printable(etree.tostring(each, with_tail=False).decode("utf-8"), 40))
    return root


def same_ids(root: Node) -> list[Finding]:
    """重複する識別子 — every value that more than one attribute of that name carries, in whatever case it is written."""
    counts = Counter(
        value
        for each in root.iter()
        for name, value in each.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    )
    return [
        fault("RX-G-06", id=printable(value, 60), count=count) for value, count in counts.items() if count > 1
    ]


def only(root: Node, path: tuple[str, ...]) -> Node:
    """ただ一つの要素 — at a path from the root. Raises :class:`BadInput` when there is none, or more than one."""
    found = [root] if root.tag == path[0] else []
    for name in path[1:]:
        found = [child for each in found for child in each if child.tag == name]
    shown = "/".join(etree.QName(name).localname for name in path)
    if not found:
        refuse("RX-G-03", field=shown, path=shown)
    if len(found) > 1:
        refuse("RX-G-04", field=shown, path=shown, count=len(found))
    return found[0]


def text_of(node: Node) -> str:
    """要素の文字 — of an element without children. Raises :class:`BadInput` when it has any."""
    if len(node):
        name = etree.QName(node).localname
        refuse("RX-G-05", field=name, path="/".join((name, etree.QName(node[0]).localname)))
    return node.text or ""


def decode_base64(text: str, what: str) -> bytes:
    """Base64の復号 — line breaks may stand in it; anything else, and bits that no byte needs, are refused."""
    plain = text.translate(_BLANKS)
    try:
        data = base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        refuse("RX-G-25", field=what, what=what)
    if base64.b64encode(data).decode("ascii") != plain:
        refuse("RX-G-25", field=what, what=what)
    return data


def canonical(node: Node, *, is_exclusive: bool) -> bytes:
    """正規化 — C14N 1.0 of an element in its place, without comments; exclusive leaves out what it does not use."""
    made: bytes = etree.tostring(node, method="c14n", exclusive=is_exclusive, with_comments=False)
    return made
