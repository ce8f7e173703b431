# SPDX-License-Identifier: Apache-2.0
"""特定健診XMLの安全な読取 — UTF-8, no declared types or entities, bounded size; each element knows its place.

Cite: 特定健診情報ファイル仕様説明書 (HL7 CDA R2); Extensible Markup Language (XML) 1.0; OWASP XML Security
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.kernel.finding import Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.messages import refuse, told
from tasuki.sharing.safe_xml import Element, UnsafeXml, XmlFault, XmlLimits, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.kernel.finding import Finding

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LIMITS = XmlLimits(bytes=4 * 1024 * 1024, elements=50_000, depth=64)
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,8})?")
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def parse_safely(data: bytes, file: str = "") -> Element:
    """特定健診XMLの安全な読取 — the root, comments taken out. Raises :class:`BadInput`."""
    try:
        return parse_xml(data, LIMITS)
    except UnsafeXml as wrong:
        where = Where(file, wrong.line)
        if wrong.fault is XmlFault.TOO_LARGE:
            raise refuse("CHK-X-03", where, limit=wrong.detail) from wrong
        if wrong.fault is XmlFault.REFUSED:
            raise refuse("CHK-X-02", where, what=wrong.detail) from wrong
        raise refuse("CHK-X-01", where, reason=wrong.detail) from wrong


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
