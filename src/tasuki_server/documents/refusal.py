# SPDX-License-Identifier: Apache-2.0
"""発行できない理由 — why a document is not made, as findings with a Japanese sentence."""

from __future__ import annotations

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki_server.documents import messages as _messages  # noqa: F401  (registers the sentences)

_CODES = {
    "document.no_bill": "DOC-0001",
    "document.not_signed": "DOC-0002",
    "document.no_outside": "DOC-0003",
    "document.narcotic": "DOC-0004",
    "document.no_names": "DOC-0005",
    "document.not_registered": "DOC-0006",
    "document.is_electronic": "DOC-0007",
    "document.waiting": "DOC-0008",
    "document.held": "DOC-0009",
}


def refusal(key: str, **facts: object) -> BadInput:
    """発行の拒否 — to be raised; nothing was written."""
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
