# SPDX-License-Identifier: Apache-2.0
"""文書の読取り — what a FHIR document says of itself, and its sections as plain text; markup of others is not shown as markup."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone

from tasuki.sharing.build.parts import day_of
from tasuki.sharing.permission import RecordKind
from tasuki_server.portal.data import Document
from tasuki_server.portal.reading import text_of

_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
DEEPEST = 8


class DocumentRow(NamedTuple):
    """文書 — its title, day, who wrote it, and for a letter to whom and how it stands (``state.*`` of the words)."""

    id: str
    title: str
    kind: str
    on: date
    institution: str
    receiver: str
    receiver_number: str
    state: str
    has_text: bool

    @property
    def is_waiting(self) -> bool:
        """同意待ちか — a letter its receiver may not read before the person agrees; what goes with it is agreed with it."""
        return self.state == "waiting" and self.kind == RecordKind.REFERRAL


class Section(NamedTuple):
    """文書の節 — its heading and text."""

    title: str
    text: str
    depth: int


def document_row(given: Document) -> DocumentRow:
    """文書の読取り — by its Composition, or by its kind once the text was let go."""
    composition = composition_of(given.bundle or {})
    title = str(composition.get("title") or text_of(composition.get("type")) or given.kind.label)
    day = day_of(composition.get("date")) or timezone.localtime(given.at).date()
    return DocumentRow(
        given.id,
        title,
        given.kind.value,
        day,
        given.institution,
        given.receiver,
        given.receiver_number,
        given.state,
        given.bundle is not None,
    )


def sections_of(bundle: Mapping[str, Any]) -> list[Section]:
    """文書の本文 — section by section; one without text shows what its entries are called."""
    held = {
        str(each.get("fullUrl")): each["resource"]
        for each in bundle.get("entry") or ()
        if isinstance(each.get("resource"), Mapping)
    }
    found: list[Section] = []
    _walk(composition_of(bundle).get("section"), held, 0, found)
    return found


def composition_of(bundle: Mapping[str, Any]) -> Mapping[str, Any]:
    """文書の表紙 — the Composition of a document; empty when it has none."""
    for each in bundle.get("entry") or ():
        resource = each.get("resource")
        if isinstance(resource, Mapping) and resource.get("resourceType") == "Composition":
            return resource
    return {}


def plain_text(markup: str) -> str:
    """平文 — of XHTML: its text with line breaks where blocks end.

    >>> plain_text("<div><p>胃痛</p><p>A &lt; B</p></div>")
    '胃痛\\nA < B'
    """
    text = html.unescape(_TAGS.sub("", _BREAKS.sub("\n", markup)))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _walk(sections: Any, held: Mapping[str, Any], depth: int, found: list[Section]) -> None:
    if not isinstance(sections, list) or depth > DEEPEST:
        return
    for each in sections:
        if not isinstance(each, Mapping):
            continue
        title = str(each.get("title") or text_of(each.get("code")))
        text = plain_text(str((each.get("text") or {}).get("div", "")))
        if not text:
            text = "\n".join(
                filter(None, (_called(held.get(str(it.get("reference")))) for it in each.get("entry") or ()))
            )
        found.append(Section(title, text, depth))
        _walk(each.get("section"), held, depth + 1, found)


def _called(resource: Any) -> str:
    if not isinstance(resource, Mapping):
        return ""
    for name in ("code", "medicationCodeableConcept", "type"):
        if said := text_of(resource.get(name)):
            return said
    return str(resource.get("description") or "")
