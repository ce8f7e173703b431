# SPDX-License-Identifier: Apache-2.0
"""説明文（narrative）の点検 — the XHTML that FHIR allows: no script, no form, nothing outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from tasuki.sharing.checks.primitives import kind_of

if TYPE_CHECKING:
    from tasuki.sharing.checks.run import Path, Run

# Cite: FHIR R4 narrative, txt-1 and txt-2
_ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "b",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "del",
        "kbd",
        "li",
        "map",
        "area",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "bdo",
    ]
)
_BAD_ATTRIBUTE = re.compile(r"on[a-z]+", re.IGNORECASE)
_BAD_URL = re.compile(r"\s*(?:javascript|vbscript|data:text)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)([A-Za-z][A-Za-z0-9]*);")
MOST_CHARACTERS = 5_000_000


class _Refused(Exception):
    pass


def narrative_check(value: Any, path: Path, run: Run) -> None:
    """説明文の点検 — well-formed, of allowed elements, not empty."""
    if type(value) is not str:
        run.block("S-07", path, found=kind_of(value), wanted="文字列（XHTML）")
        return
    reason = narrative_fault(value)
    if reason:
        run.block("N-01", path, reason=reason)


def narrative_fault(text: str) -> str:
    """説明文の誤り — in Japanese; empty when there is none."""
    if len(text) > MOST_CHARACTERS:
        return "長すぎます"
    if "<!" in text.replace("<!--", ""):
        return "文書型・実体の宣言があります"
    # Named entities of HTML are allowed in a narrative; XML alone does not know them.
    plain = _ENTITY.sub("x", text)
    seen = {"root": False, "content": False}

    def start(name: str, attributes: dict[str, str]) -> None:
        if not seen["root"]:
            seen["root"] = True
            if name != "div":
                raise _Refused(f"<{name}> で始まっています（<div> にしてください）")
            if attributes.get("xmlns") != "http://www.w3.org/1999/xhtml":
                raise _Refused("xmlns がありません")
        local = name.rpartition(":")[2].lower()
        if local not in _ELEMENTS:
            raise _Refused(f"<{name}> は使えません")
        if local == "img":
            seen["content"] = True
        for key, told in attributes.items():
            if _BAD_ATTRIBUTE.fullmatch(key):
                raise _Refused(f"属性 {key} は使えません")
            if key in ("href", "src") and _BAD_URL.match(told):
                raise _Refused(f"{key} に使えないURLがあります")

    def data(words: str) -> None:
        if not words.isspace():
            seen["content"] = True

    reader = expat.ParserCreate()
    reader.StartElementHandler = start
    reader.CharacterDataHandler = data
    try:
        reader.Parse(plain, True)
    except expat.ExpatError as wrong:
        return f"XMLとして読めません（{wrong.lineno}行{wrong.offset}文字目）"
    except _Refused as wrong:
        return str(wrong)
    return "" if seen["content"] else "中身がありません"
