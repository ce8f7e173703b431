# SPDX-License-Identifier: Apache-2.0
"""点検項目 — what a check asks, how heavy it is, and the text it is taken from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tasuki.claims import messages as _messages  # noqa: F401
from tasuki.claims.checks.catalogue import CATALOGUE
from tasuki.claims.content.catalogue import CONTENT_CATALOGUE
from tasuki.kernel.messages import registered

_OF_OUR_OWN = {
    "claims.build": ("作成", "レセプト作成時の確認"),
    "claims.write": ("記録", "記録条件仕様（医科用） 項目の形式"),
}


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """点検項目 — one public code with its class, source and sentences; ``…`` stands for what a receipt fills in."""

    code: str
    asp_class: str
    source: str
    sentences: tuple[str, ...]


@cache
def check_entries() -> dict[str, CheckEntry]:
    """点検項目一覧 — by public code; variants of one code share an entry."""
    found: dict[str, CheckEntry] = {}
    for each in (*CATALOGUE.values(), *CONTENT_CATALOGUE.values()):
        before = found.get(each.public_code)
        said = (*(before.sentences if before else ()), _plain(each.sentence))
        found[each.public_code] = CheckEntry(
            each.public_code, each.asp_class, each.source, tuple(dict.fromkeys(said))
        )
    for key, text in registered().items():
        room, _, code = key.rpartition(".")
        if room in _OF_OUR_OWN:
            asp_class, source = _OF_OUR_OWN[room]
            found.setdefault(code, CheckEntry(code, asp_class, source, (_plain(text),)))
    return found


def source_of(code: str) -> str:
    """点検項目の出典 — empty for a code of an older version."""
    entry = check_entries().get(code)
    return entry.source if entry is not None else ""


def _plain(text: str) -> str:
    parts = text.split("{")
    return parts[0] + "".join("…" + part.partition("}")[2] for part in parts[1:])
