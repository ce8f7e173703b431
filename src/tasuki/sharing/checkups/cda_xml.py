# SPDX-License-Identifier: Apache-2.0
"""特定健診XMLの安全な読取 — UTF-8, no declared types or entities, bounded size; each element knows its place.

Cite: 特定健診情報ファイル仕様説明書 (HL7 CDA R2); Extensible Markup Language (XML) 1.0; OWASP XML Security
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from tasuki.kernel.finding import Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.messages import refuse, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.kernel.finding import Finding

# An lxml element; lxml has no types of its own.
Element = Any

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MOST_BYTES = 4 * 1024 * 1024
MOST_ELEMENTS = 50_000
DEEPEST = 64
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,8})?")
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def parse_safely(data: bytes, file: str = "") -> Element:
    """XMLの安全な読取 — the root, comments taken out. Raises :class:`BadInput`."""
    where = Where(file)
    if len(data) > MOST_BYTES:
        raise refuse("CHK-X-03", where, limit=f"{MOST_BYTES // 1024 // 1024}MB")
    if found := _DECLARED.search(data):
        raise refuse("CHK-X-02", where, what=f"文書型などの宣言（{found[0].decode('ascii')}）")
    said = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if said and said[1].lower() != b"utf-8":
        raise refuse("CHK-X-01", where, reason=f"文字コードが{said[1].decode('ascii')}です")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise refuse("CHK-X-01", where, reason=f"{wrong.start}バイト目がUTF-8ではありません") from wrong
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as wrong:
        raise refuse("CHK-X-01", where, reason=printable(str(wrong), 100)) from wrong
    _settle(root, where)
    return root


def _settle(root: Element, where: Where) -> None:
    """Takes comments out where they stand between elements; within a text they would hide a part of it."""
    count, waiting = 0, [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if count > MOST_ELEMENTS:
            raise refuse("CHK-X-03", where, limit=f"要素{MOST_ELEMENTS:,}個")
        if depth > DEEPEST:
            raise refuse("CHK-X-03", where, limit=f"入れ子{DEEPEST}段")
        for child in list(element):
            if isinstance(child.tag, str):
                waiting.append((child, depth + 1))
            elif child.tag is etree.Comment:
                before = child.getprevious()
                kept = (element.text if before is None else before.tail) or ""
                if kept.strip() and (child.tail or "").strip():
                    raise refuse(
                        "CHK-X-02", Where(where.file, child.sourceline or 0), what="文字の途中の注釈"
                    )
                _remove(element, child)
            else:
                raise refuse("CHK-X-02", where, what="実体参照")


def _remove(parent: Element, child: Element) -> None:
    before = child.getprevious()
    if before is None:
        parent.text = (parent.text or "") + (child.tail or "")
    else:
        before.tail = (before.tail or "") + (child.tail or "")
    child.tail = None
    parent.remove(child)


class Place:
    """XMLの箇所 — an element with the path to it; what is wrong in it goes to one list."""

    __slots__ = ("element", "file", "found", "path")

    def __init__(self, element: Element, path: str, file: str, found: list[Finding]) -> None:
        self.element, self.path, self.file, self.found = element, path, file, found

    def where(self, field: str = "") -> Where:
        """箇所 — file, line, path."""
        return Where(self.file, self.element.sourceline or 0, self.path, field)

    def tell(self, code: str, field: str = "", **facts: object) -> None:
        """指摘 — here."""
        self.found.append(told(code, self.where(field), **facts))

    def children(self, name: str) -> Iterator[Place]:
        """子の要素 — of a name, in order."""
        same = [each for each in self.element if each.tag == f"{{{HL7}}}{name}"]
        for number, each in enumerate(same, start=1):
            shown = f"{name}[{number}]" if len(same) > 1 else name
            yield Place(each, f"{self.path}/{shown}", self.file, self.found)

    def child(self, *names: str) -> Place | None:
        """子の要素 — down a path, the only one at each step; told when there are more."""
        place = self
        for name in names:
            same = list(place.children(name))
            if not same:
                return None
            if len(same) > 1:
                same[1].tell("CHK-X-06", name=name, count=len(same))
            place = same[0]
        return place

    def need(self, *names: str) -> Place | None:
        """必須の要素 — told when it is not there."""
        found = self.child(*names)
        if found is None:
            self.tell("CHK-X-05", name="/".join(names))
        return found

    def get(self, name: str) -> str:
        """属性 — empty when absent."""
        value: str = self.element.get(name, "")
        return value.strip()

    def need_attribute(self, name: str) -> str:
        """必須の属性 — told when it is absent or empty."""
        value = self.get(name)
        if not value:
            self.tell("CHK-X-05", name, name=f"属性 {name}")
        return value

    def text(self) -> str:
        """文字 — of the element, without blanks around."""
        return ("".join(self.element.itertext()) or "").strip()

    def day(self, name: str = "value") -> date | None:
        """年月日 — of eight digits in an attribute; told when it is none."""
        value = self.need_attribute(name)
        if not value:
            return None
        match = _DAY.fullmatch(value[:8])
        try:
            if match and value.isascii():
                return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            pass
        self.tell("CHK-X-07", name, value=printable(value, 20), wanted="年月日（YYYYMMDD）")
        return None

    def number(self, name: str = "value") -> Decimal | None:
        """数値 — as written, its zeros kept; told when it is none."""
        value = self.need_attribute(name)
        if not value:
            return None
        if not _NUMBER.fullmatch(value):
            self.tell("CHK-X-07", name, value=printable(value, 20), wanted="数値")
            return None
        return Decimal(value)
