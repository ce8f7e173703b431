# SPDX-License-Identifier: Apache-2.0
"""帳票入力の仕様 — the JSON Schema of what each form takes, generated from its dataclass."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

import msgspec

from tasuki.forms.catalogue import FORMS


def schema_of(form: str) -> dict[str, Any]:
    """帳票入力の仕様 — JSON Schema (2020-12) of one form's input. Raises ``KeyError`` for an unknown form."""
    spec = FORMS[form]
    schema: dict[str, Any] = msgspec.to_builtins(msgspec.json.schema(spec.input))
    for definition in schema["$defs"].values():
        if "description" in definition:
            definition["description"] = cleandoc(definition["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"form-{form.replace('_', '-')}",
        "description": spec.title,
        **schema,
    }
