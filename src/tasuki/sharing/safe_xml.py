# SPDX-License-Identifier: Apache-2.0
"""XMLの安全な読取 — UTF-8, no declared types or entities, bounded size; comments between elements are taken out.

Cite: Extensible Markup Language (XML) 1.0; OWASP XML Security
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, NamedTuple

from lxml import etree

from tasuki.kernel.printable import printable

# An lxml element; lxml has no types of its own.
Element = Any

_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


class XmlFault(StrEnum):
    """XMLの誤りの種類 — no XML at all, what is not taken from outside, more than is taken."""

    UNREADABLE = "unreadable"
    REFUSED = "refused"
    TOO_LARGE = "too large"


class UnsafeXml(ValueError):
    """読めないXML — the kind of fault, what it is in Japanese, and the line where that is known."""

    def __init__(self, fault: XmlFault, detail: str, line: int = 0) -> None:
        self.fault, self.detail, self.line = fault, detail, line
        super().__init__(f"{fault}: {detail}")


class XmlLimits(NamedTuple):
    """XMLの上限 — bytes, elements and how deep they stand in each other."""

    bytes: int
    elements: int
    depth: int


def parse_xml(data: bytes, limits: XmlLimits) -> Element:
    """XMLの安全な読取 — the root. Raises :class:`UnsafeXml`."""
    if len(data) > limits.bytes:
        raise UnsafeXml(XmlFault.TOO_LARGE, f"{limits.bytes // 1024 // 1024}MB")
    if found := _DECLARED.search(data):
        raise UnsafeXml(XmlFault.REFUSED, f"文書型などの宣言（{found[0].decode('ascii')}）")
    said = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if said and said[1].lower() != b"utf-8":
        raise UnsafeXml(XmlFault.UNREADABLE, f"文字コードが{said[1].decode('ascii')}です")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise UnsafeXml(XmlFault.UNREADABLE, f"{wrong.start}バイト目がUTF-8ではありません") from wrong
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as wrong:
        raise UnsafeXml(XmlFault.UNREADABLE, printable(str(wrong), 100)) from wrong
    _settle(root, limits)
    return root


def _settle(root: Element, limits: XmlLimits) -> None:
    """Takes comments out where they stand between elements; within a text they would hide a part of it."""
    count, waiting = 0, [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if count > limits.elements:
            raise UnsafeXml(XmlFault.TOO_LARGE, f"要素{limits.elements:,}個")
        if depth > limits.depth:
            raise UnsafeXml(XmlFault.TOO_LARGE, f"入れ子{limits.depth}段", element.sourceline or 0)
        for child in list(element):
            if isinstance(child.tag, str):
                waiting.append((child, depth + 1))
            elif child.tag is etree.Comment:
                before = child.getprevious()
                kept = (element.text if before is None else before.tail) or ""
                if kept.strip() and (child.tail or "").strip():
                    raise UnsafeXml(XmlFault.REFUSED, "文字の途中の注釈", child.sourceline or 0)
                _remove(element, child)
            else:
                raise UnsafeXml(XmlFault.REFUSED, "実体参照", child.sourceline or 0)


def _remove(parent: Element, child: Element) -> None:
    before = child.getprevious()
    if before is None:
        parent.text = (parent.text or "") + (child.tail or "")
    else:
        before.tail = (before.tail or "") + (child.tail or "")
    child.tail = None
    parent.remove(child)
