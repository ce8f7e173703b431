# SPDX-License-Identifier: Apache-2.0
"""電文 — a message as a tree of named values, read by name whatever the order of its elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.kernel.finding import Finding

UTF8, SHIFT_JIS = "UTF-8", "Shift_JIS"


class Node(NamedTuple):
    """節 — an element: its name, its own text, what stands in it, in order, and attributes, if it has any."""

    name: str
    text: str = ""
    children: tuple[Node, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def child(self, name: str) -> Node | None:
        """子の要素 — the first of that name."""
        for each in self.children:
            if each.name == name:
                return each
        return None

    def all(self, name: str) -> Iterator[Node]:
        """子の要素すべて — those of that name, in order."""
        return (each for each in self.children if each.name == name)

    def value(self, name: str) -> str:
        """要素の値 — the text of the first child of that name, "" when it is absent."""
        found = self.child(name)
        return found.text if found is not None else ""

    def walk(self, *names: str) -> Iterator[Node]:
        """下りた先の要素 — every element reached by the names, one after the other."""
        if not names:
            yield self
            return
        for each in self.all(names[0]):
            yield from each.walk(*names[1:])


_NONE = Node("")


@dataclass(frozen=True, slots=True)
class Message:
    """電文 — the root, the character code it came in, its name, and what was found while it was read."""

    root: Node
    encoding: str = UTF8
    name: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def header(self) -> Node:
        """メッセージヘッダー — an empty one when there is none."""
        return self.root.child("MessageHeader") or _NONE

    @property
    def body(self) -> Node:
        """メッセージボディ — an empty one when there is none."""
        return self.root.child("MessageBody") or _NONE

    @property
    def persons(self) -> tuple[Node, ...]:
        """一人ずつの結果 — the units of a bulk message, or the body itself."""
        units = tuple(self.body.all("BulkConfirmUnit"))
        return units or (self.body,)
