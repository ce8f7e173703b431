# SPDX-License-Identifier: Apache-2.0
"""電文の点検 — every element held against the table: known, once, of its kind, of its codes, of its length."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from typing import TYPE_CHECKING

from tasuki.eligibility import messages as _messages  # noqa: F401
from tasuki.eligibility.codes import CODES
from tasuki.eligibility.elements import CONTAINERS, OPEN_CONTAINERS, Element
from tasuki.eligibility.message import UTF8, Message, Node
from tasuki.eligibility.numbers import read_payer_number
from tasuki.eligibility.times import read_day, read_time
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_message(message: Message) -> tuple[Finding, ...]:
    """電文の点検 — in the order of the message. Nothing is changed; what is unknown is kept and told.

    Values that cannot be taken are CONFIRM: the answer of the service stands, a person looks.
    """
    found = list(_container(message.root, "XmlMsg", message.name))
    said = message.header.value("CharacterCodeIdentifier")
    if said in ("0", "1") and (said == "0") != (message.encoding == UTF8):
        facts: dict[str, object] = {"said": CODES["charset"][said], "encoding": message.encoding}
        found.append(
            _finding("OQS-F-09", message.name, "MessageHeader", "CharacterCodeIdentifier", facts, "read")
        )
    return tuple(found)


def _container(node: Node, path: str, name: str) -> Iterator[Finding]:
    if node.name in OPEN_CONTAINERS or node.name not in CONTAINERS:
        return
    kind = CONTAINERS[node.name]
    if node.text:
        yield _finding("OQS-F-13", name, path, "", {"text": printable(node.text, 20)}, "read")
    counts = Counter(child.name for child in node.children)
    seen: Counter[str] = Counter()
    for child in node.children:
        seen[child.name] += 1
        element = kind.element(child.name)
        inner = CONTAINERS.get(child.name) if child.name in kind.containers else None
        if element is None and inner is None:
            if seen[child.name] == 1:
                shown = printable(child.name)
                facts: dict[str, object] = {"found": shown}
                yield _finding("OQS-F-07", name, path, shown, facts, "read", Severity.ADVICE)
            continue
        if inner is not None:
            if counts[child.name] > 1 and not inner.is_repeated and seen[child.name] == 2:
                yield _twice(name, path, child.name, counts[child.name])
            nth = f"[{seen[child.name]}]" if counts[child.name] > 1 else ""
            yield from _container(child, f"{path}/{child.name}{nth}", name)
        elif element is not None:
            if seen[child.name] == 2:
                yield _twice(name, path, child.name, counts[child.name])
            yield from _element(element, child.text, path, name)


def _twice(name: str, path: str, field: str, count: int) -> Finding:
    return _finding("OQS-F-08", name, path, field, {"found": field, "count": count}, "read")


def _element(element: Element, text: str, path: str, name: str) -> Iterator[Finding]:
    for code, severity, facts in value_faults(element, text):
        yield _finding(code, name, path, element.name, {"term": element.term, **facts}, "value", severity)


def value_faults(element: Element, text: str) -> Iterator[tuple[str, Severity, dict[str, object]]]:
    """値の誤り — code, severity and facts of what is wrong with one value; an empty one is absent."""
    if not text:
        return
    confirm, shown = Severity.CONFIRM, {"text": printable(text)}
    match element.kind:
        case "day" if read_day(text) is None:
            yield "OQS-V-01", confirm, {**shown}
        case "time" if read_time(text) is None:
            yield "OQS-V-01", confirm, {**shown}
        case "month" if read_day(f"{text}01") is None:
            yield "OQS-V-01", confirm, {**shown}
        case "code" if text not in CODES[element.codes]:
            yield "OQS-V-02", confirm, {**shown}
        case "number" if not (text.isascii() and text.isdecimal()):
            yield "OQS-V-05", confirm, {**shown}
        case "digits" if not (text.isascii() and text.isdecimal() and len(text) == element.limit):
            yield "OQS-V-04", confirm, {**shown, "limit": element.limit}
        case "insurer":
            number = read_payer_number(text)
            if len(text) != element.limit or number is None:
                yield "OQS-V-06", confirm, {**shown}
            if number is not None and not number.has_check:
                yield "OQS-V-07", Severity.ADVICE, {"text": number.text}
        case "base64" if not _is_base64(text):
            yield "OQS-V-08", confirm, {}
        case "text" if element.limit and len(text) > element.limit:
            yield "OQS-V-03", confirm, {"length": len(text), "limit": element.limit}


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _finding(
    code: str,
    file: str,
    path: str,
    field: str,
    facts: dict[str, object],
    part: str,
    severity: Severity = Severity.CONFIRM,
) -> Finding:
    return Finding(code, severity, Where(file, 0, path, field), f"eligibility.{part}.{code}", facts)
