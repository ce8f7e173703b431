# SPDX-License-Identifier: Apache-2.0
"""要求と応答の形 — JSON or XML, as the body says it is and as the caller would like the answer.

What is kept is JSON; XML is read into it and written from it at the door.

Cite: HL7 FHIR R4 http.html 3.1.0.1.11 (content types), 3.1.0.1.12 (_format)
"""

from __future__ import annotations

from typing import Any

from tasuki.kernel.finding import BadInput
from tasuki.sharing.fhir_xml import read_fhir_xml, write_fhir_xml
from tasuki_server.exchange.bodies import read_kept
from tasuki_server.exchange.outcome import FHIR_JSON, Refused, issue_of, refuse
from tasuki_server.platform.engine import Reply

FHIR_XML = "application/fhir+xml"
FORMATS = (FHIR_JSON, FHIR_XML)
_JSON = frozenset((FHIR_JSON, "application/json", "text/json", "json"))
_XML = frozenset((FHIR_XML, "application/xml", "text/xml", "xml"))
_VERSIONS = frozenset(("4.0", "4.0.1"))
_ANY = frozenset(("*/*", "application/*"))


def is_json(media_type: str) -> bool:
    """JSONか — of a body without a type too."""
    return not media_type or _kind(media_type) in _JSON


def is_xml(media_type: str) -> bool:
    """XMLか — as FHIR's own type or as any XML."""
    return _kind(media_type) in _XML


def wanted_form(given: str, accept: str) -> str | None:
    """求められた形 — of ``_format``, which counts before ``Accept``; None when it is neither of ours.

    >>> wanted_form("", "text/html, application/fhir+xml;q=0.9, */*;q=0.1")
    'application/fhir+xml'
    >>> wanted_form("json", "application/fhir+xml")
    'application/fhir+json'
    >>> wanted_form("", "image/png")
    """
    # A plus in an address reads as a blank.
    wanted = given.replace(" ", "+") or accept
    if not wanted.strip():
        return FHIR_JSON
    ranked = sorted(wanted.split(","), key=_weight, reverse=True)
    for each in ranked:
        if _weight(each) <= 0:
            continue
        kind = _kind(each)
        if not is_our_version(each):
            continue
        if kind in _XML:
            return FHIR_XML
        if kind in _JSON or kind in _ANY:
            return FHIR_JSON
    return None


def accepted_kinds(accept: str) -> frozenset[str]:
    """求められた種類 — the media types of ``Accept`` that are not refused by a weight of nothing.

    >>> sorted(accepted_kinds("image/png, text/plain;q=0.5, text/html;q=0"))
    ['image/png', 'text/plain']
    """
    return frozenset(_kind(each) for each in accept.split(",") if _weight(each) > 0)


def read_xml(data: bytes) -> dict[str, Any]:
    """XMLの本文の読込み — as the JSON it means. Raises what the place and the reason are."""
    if b"&#0;" in data:
        raise refuse("text", "本文")
    try:
        return read_fhir_xml(data)
    except BadInput as bad:
        raise Refused(400, [issue_of(each) for each in bad.findings]) from bad


def formed(reply: Reply, form: str, *, may_refuse: bool = False) -> Reply:
    """応答の形 — XML when it was asked for. What XML cannot hold is refused to who only reads; what was done is told in JSON."""
    if form != FHIR_XML or reply.media_type != FHIR_JSON or not reply.body:
        return reply
    try:
        body = write_fhir_xml(read_kept(reply.body))
    except BadInput as bad:
        if may_refuse:
            raise Refused(406, [issue_of(each) for each in bad.findings]) from bad
        return reply
    return reply._replace(media_type=FHIR_XML, body=body)


def is_our_version(media_type: str) -> bool:
    """R4か — by ``fhirVersion`` of a media type; what names none is R4 here.

    Cite: HL7 FHIR R4 versioning.html (fhirVersion MIME-type parameter)

    >>> is_our_version("application/fhir+json; fhirVersion=3.0"), is_our_version("application/fhir+json; fhirVersion=4.0")
    (False, True)
    """
    for part in media_type.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "fhirversion":
            return value.strip().strip('"') in _VERSIONS
    return True


def _kind(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _weight(media_type: str) -> float:
    for part in media_type.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
