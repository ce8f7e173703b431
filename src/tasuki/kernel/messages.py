# SPDX-License-Identifier: Apache-2.0
"""文言 — the Japanese sentences of findings, kept out of the rules.

Rooms register their own table at import; :func:`sentence` fills the facts in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.kernel.finding import Finding

_TABLE: dict[str, str] = {}


def register(sentences: Mapping[str, str]) -> None:
    """文言登録 — adds a room's sentences; a key may be given once only.

    Raises ``ValueError`` when a key is already taken by another sentence.
    """
    for key, text in sentences.items():
        if _TABLE.setdefault(key, text) != text:
            raise ValueError(f"message key taken: {key}")


def sentence(finding: Finding) -> str:
    """指摘文 — the finding in Japanese: where it is, what is wrong, what to do."""
    where = finding.where
    place = " ".join(
        part
        for part in (where.file, f"{where.line}行目" if where.line else "", where.record, where.field)
        if part
    )
    text = _TABLE[finding.message_key].format_map(dict(finding.facts))
    return f"{place}: {text}" if place else text


def registered() -> Mapping[str, str]:
    """文言一覧 — every registered key and sentence, for the generated reference and its test."""
    return dict(_TABLE)
