# SPDX-License-Identifier: Apache-2.0
"""登録の点検 — the structure of every resource, and the profiles it claims; errors refuse, questions come back as warnings."""

from __future__ import annotations

from functools import cache
from typing import Any

from tasuki.kernel.finding import Finding, Severity
from tasuki.sharing.validator import Validator
from tasuki_server.exchange.outcome import Issue, Refused, issue_of, refuse

MOST_TOLD = 100
# 添付の数: of one resource, each of which a reader shows as a file. 32 MB of empty ones would be hundreds of thousands.
MOST_ATTACHED = 100
# 添付の繰り返す要素, by type: photographs, texts in other forms, what a message carries.
_ATTACHED = {
    "Communication": "payload", "CommunicationRequest": "payload", "DiagnosticReport": "presentedForm",
    "DocumentManifest": "content", "DocumentReference": "content", "Library": "content", "Patient": "photo",
    "Person": "photo", "Practitioner": "photo", "RelatedPerson": "photo",
}  # fmt: skip


@cache
def validator() -> Validator:
    """点検の用意 — of the built-in guides; what it compiles stays."""
    return Validator()


def check(value: dict[str, Any], prefix: str = "", profiles: tuple[str, ...] = ()) -> tuple[Issue, ...]:
    """点検 — gives what is no error; raises with everything when something is."""
    _check_attached(value, prefix)
    found = findings(value, profiles)
    issues = tuple(issue_of(each, prefix) for each in found[:MOST_TOLD])
    if any(each.severity is Severity.BLOCK for each in found):
        raise Refused(422, issues)
    return issues


def _check_attached(value: dict[str, Any], prefix: str) -> None:
    kind = value.get("resourceType")
    member = _ATTACHED.get(kind) if isinstance(kind, str) else None
    given = value.get(member) if member is not None else None
    if isinstance(given, list) and len(given) > MOST_ATTACHED:
        raise refuse("attached", f"{prefix}{kind}.{member}", count=len(given), most=MOST_ATTACHED)


def findings(value: dict[str, Any], profiles: tuple[str, ...] = ()) -> list[Finding]:
    """指摘 — errors first, then in the order of the resource."""
    found = validator().validate_value(value, profiles=profiles)
    return sorted(found, key=lambda each: each.severity is not Severity.BLOCK)
