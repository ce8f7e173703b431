# SPDX-License-Identifier: Apache-2.0
"""印字不能文字 — characters no font of the set can draw: found, named, and replaced only when asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasuki.forms.fonts import FontSet
from tasuki.kernel.finding import Finding, Severity, Where

# 〓, the mark Japanese typesetting has always put where a character was not at hand.
GETA = "〓"


def find_unprintable(data: Any, fonts: FontSet, record: str) -> list[Finding]:
    """印字不能文字の指摘 — one finding for each text of a form's data that cannot be drawn whole."""
    repertoire = fonts.repertoire()
    return [
        Finding(
            "FORM003",
            Severity.BLOCK,
            Where(record=record, field=path),
            "form.unprintable",
            {"characters": " ".join(f"{c}(U+{ord(c):04X})" for c in lost)},
        )
        for path, text in _texts(data, "")
        if (lost := repertoire.missing(text))
    ]


def without_unprintable(
    data: Mapping[str, Any], fonts: FontSet | None = None
) -> tuple[dict[str, Any], list[Finding]]:
    """印字不能文字の置換 — the data with 〓 in place of what cannot be drawn, and what was replaced.

    Printing refuses such data on its own. A caller who prints all the same must show the findings, so
    that somebody writes the character by hand.
    """
    fonts = fonts or FontSet()
    repertoire = fonts.repertoire()

    def replace(value: Any) -> Any:
        match value:
            case str():
                lost = repertoire.missing(value)
                return "".join(GETA if c in lost else c for c in value) if lost else value
            case Mapping():
                return {key: replace(inner) for key, inner in value.items()}
            case list() | tuple():
                return [replace(inner) for inner in value]
            case _:
                return value

    return {key: replace(inner) for key, inner in data.items()}, find_unprintable(data, fonts, "")


def _texts(value: Any, path: str) -> list[tuple[str, str]]:
    match value:
        case str():
            return [(path, value)]
        case Mapping():
            return [
                pair
                for key, inner in value.items()
                for pair in _texts(inner, f"{path}.{key}" if path else key)
            ]
        case list() | tuple():
            return [pair for n, inner in enumerate(value) for pair in _texts(inner, f"{path}[{n}]")]
        case _:
            return []
