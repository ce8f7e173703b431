# SPDX-License-Identifier: Apache-2.0
"""JSONの書出し — numbers with the digits they have, which the standard writer would take as binary fractions.

Cite: HL7 FHIR R4 Datatypes decimal (precision is significant)
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def write_json(value: Any) -> bytes:
    """JSONの書出し — UTF-8, two blanks a step.

    >>> write_json({"value": Decimal("7.0"), "unit": "％"}).decode()
    '{\\n  "value": 7.0,\\n  "unit": "％"\\n}\\n'
    """
    return (_text(value, "\n") + "\n").encode("utf-8")


def _text(value: Any, line: str) -> str:
    inner = f"{line}  "
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict) and value:
        return (
            "{" + ",".join(f"{inner}{_text(k, '')}: {_text(v, inner)}" for k, v in value.items()) + line + "}"
        )
    if isinstance(value, list | tuple) and value:
        return "[" + ",".join(f"{inner}{_text(each, inner)}" for each in value) + line + "]"
    return json.dumps(value, ensure_ascii=False)
