# SPDX-License-Identifier: Apache-2.0
"""操作の引数 — of the address, or of a Parameters resource that was posted; the same for both.

Cite: HL7 FHIR R4 operations.html (executing an operation synchronously: GET and POST)
"""

from __future__ import annotations

from typing import Any

from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.outcome import refuse


def parameters(asked: Asked, known: frozenset[str] | None = None) -> list[tuple[str, str]]:
    """操作の引数 — names and values in their order. Raises for one that is not plain, or that is not among ``known``."""
    pairs = [*asked.pairs, *_posted(asked)]
    for name, value in pairs:
        if known is not None and name not in known:
            raise refuse(
                "parameter",
                name,
                found=value,
                wanted=f"使えるもの（{'、'.join(sorted(known - {'_cursor'}))}）だけ",
            )
    return pairs


def _posted(asked: Asked) -> list[tuple[str, str]]:
    if asked.call.method != "POST" or not asked.call.body:
        return []
    value = asked.value
    if not isinstance(value, dict) or value.get("resourceType") != "Parameters":
        raise refuse("parameters")
    parts = value.get("parameter", [])
    if not isinstance(parts, list):
        raise refuse("parameters")
    return [_pair(each) for each in parts]


def _pair(part: Any) -> tuple[str, str]:
    if not isinstance(part, dict) or not isinstance(part.get("name"), str):
        raise refuse("parameters")
    values = [each for name, each in part.items() if name.startswith("value")]
    if len(values) != 1 or isinstance(values[0], dict | list) or values[0] is None:
        raise refuse("parameter", part["name"], found="", wanted="一つの値（valueString など）")
    value = values[0]
    return part["name"], str(value).lower() if isinstance(value, bool) else str(value)
