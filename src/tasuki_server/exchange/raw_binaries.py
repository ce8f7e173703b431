# SPDX-License-Identifier: Apache-2.0
"""そのままのBinary — bytes of any kind taken as a Binary, and a Binary answered as the bytes it holds.

What is JSON or XML by its media type is read as the resource itself; who asks for FHIR gets FHIR.

Cite: HL7 FHIR R4 binary.html (serving Binary resources using the RESTful API)
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from tasuki_server.exchange.bodies import read_kept
from tasuki_server.exchange.forms import accepted_kinds, is_json, is_xml
from tasuki_server.exchange.outcome import refuse

_WRITTEN, _READ = frozenset(("create", "update")), frozenset(("read", "vread"))
# What stands in a header as it was stored: nothing that could begin another one.
_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+\-]{1,100}/[A-Za-z0-9!#$&^_.+\-]{1,100}(; ?[A-Za-z0-9=_.\-\"]{1,100}){0,4}"
)


def is_taken_raw(type_name: str, interaction: str, media_type: str) -> bool:
    """バイトとして受けるか — a Binary is written in a type that is neither JSON nor XML."""
    return (
        type_name == "Binary"
        and interaction in _WRITTEN
        and not is_json(media_type)
        and not is_xml(media_type)
    )


def is_told_raw(type_name: str, interaction: str, given: str) -> bool:
    """バイトとして返せるか — a Binary is read, and ``_format`` says nothing else."""
    return type_name == "Binary" and interaction in _READ and not given


def taken(media_type: str, security_context: str, logical_id: str, body: bytes) -> dict[str, Any]:
    """バイトのBinary — ``security_context`` is of X-Security-Context, a reference, or empty."""
    if _MEDIA_TYPE.fullmatch(media_type) is None:
        raise refuse("media", found=media_type)
    made: dict[str, Any] = {"resourceType": "Binary", "contentType": media_type}
    if logical_id:
        made["id"] = logical_id
    if security_context:
        made["securityContext"] = {"reference": security_context}
    return made | {"data": base64.b64encode(body).decode()}


def told(body: bytes, accept: str) -> tuple[str, bytes, tuple[tuple[str, str], ...]]:
    """Binaryのバイト — its media type, what it holds and its headers, when it is of a kind that was asked for."""
    value = read_kept(body)
    kind = str(value.get("contentType", ""))
    plain = kind.partition(";")[0].strip().lower()
    wanted = accepted_kinds(accept)
    if _MEDIA_TYPE.fullmatch(kind) is None or not {plain, plain.partition("/")[0] + "/*"} & wanted:
        raise refuse("accept", found=accept)
    try:
        data = base64.b64decode("".join(str(value.get("data", "")).split()), validate=True)
    except binascii.Error as wrong:
        raise refuse("accept", found=accept) from wrong
    context = value.get("securityContext")
    reference = context.get("reference") if isinstance(context, dict) else None
    more = (
        (("x-security-context", reference),)
        if isinstance(reference, str) and reference.isascii() and reference.isprintable()
        else ()
    )
    return kind, data, more
