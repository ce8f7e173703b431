# SPDX-License-Identifier: Apache-2.0
"""症状詳記の作成 — what was written as text, in paragraphs, becomes one SJ record each.

Cite: 記録条件仕様（医科用） 症状詳記レコード（1段落1レコード、2400バイトまで、999件まで）, 別表23 症状詳記区分
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.build.month import Narrative
from tasuki.claims.characters import byte_length, outside, to_wide, without_selectors
from tasuki.claims.codes import NARRATIVE_KINDS
from tasuki.claims.layout import LAYOUTS
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_NARRATIVES = 999
_TEXT = next(each for each in LAYOUTS["SJ"].fields if each.name == "text")
KIND_ITEM, TEXT_ITEM = "2", str(_TEXT.number)
LONGEST = _TEXT.limit // 2  # in full-width characters
_UNSEEN = {"\t": "（タブ）"}
register(
    {
        "claims.narrative.UKE-J-11": "症状詳記区分を選んでください（別表23）。",
        "claims.narrative.UKE-J-12": "症状詳記の本文が空です。書いてから保存してください。",
        "claims.narrative.UKE-J-13": "{paragraph}段落目に請求ファイルで使えない文字「{characters}」があります。JIS第1・第2水準の文字に直してください（例 ①→（１）、㎎→ｍｇ）。",
        "claims.narrative.UKE-J-14": "{paragraph}段落目が全角{wide}文字です。{over}文字減らして{limit}文字以内にするか、改行して段落を分けてください。",
        "claims.narrative.UKE-J-15": "症状詳記の段落が{count}件になります。{limit}件以内にしてください。",
    }
)


def paragraphs_of(text: str) -> tuple[str, ...]:
    r"""段落 — each line is one, without the blanks around it; empty lines are none.

    >>> paragraphs_of("発熱が続く。\r\n\n 解熱剤で軽快。")
    ('発熱が続く。', '解熱剤で軽快。')
    """
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def narratives_of(written: Iterable[tuple[str, str]]) -> tuple[Narrative, ...]:
    r"""症状詳記 — of (区分, text) in their order; 区分 stands where it changes and is left out while it goes on.

    >>> [one.kind for one in narratives_of([("01", "一\n二"), ("01", "三"), ("03", "四")])]
    ['01', '', '', '03']
    """
    return tuple(_narratives(written))


def narrative_findings(kind: str, text: str) -> tuple[Finding, ...]:
    """症状詳記の点検 — what keeps a written text from the file, paragraph by paragraph, counted from 1.

    >>> [one.facts for one in narrative_findings("01", "①発熱")]
    [{'paragraph': 1, 'characters': '①'}]
    """
    return tuple(_findings(kind, text))


def too_many_narratives(count: int) -> Finding | None:
    """症状詳記の件数 — why so many paragraphs cannot stand on one receipt; None when they can."""
    if count <= MOST_NARRATIVES:
        return None
    return _finding("UKE-J-15", TEXT_ITEM, count=count, limit=MOST_NARRATIVES)


def _narratives(written: Iterable[tuple[str, str]]) -> Iterator[Narrative]:
    before = ""
    for kind, text in written:
        for paragraph in paragraphs_of(text):
            yield Narrative("" if kind == before else kind, paragraph)
            before = kind


def _findings(kind: str, text: str) -> Iterator[Finding]:
    if kind not in NARRATIVE_KINDS:
        yield _finding("UKE-J-11", KIND_ITEM)
    paragraphs = paragraphs_of(text)
    if not paragraphs:
        yield _finding("UKE-J-12", TEXT_ITEM)
    for at, paragraph in enumerate(paragraphs, 1):
        plain = to_wide(without_selectors(paragraph))
        strange = outside(plain)
        if strange:
            yield _finding("UKE-J-13", TEXT_ITEM, paragraph=at, characters=_shown(strange))
            continue
        wide = byte_length(plain) // 2
        if wide > LONGEST:
            yield _finding("UKE-J-14", TEXT_ITEM, paragraph=at, wide=wide, limit=LONGEST, over=wide - LONGEST)


def _shown(characters: str) -> str:
    return "".join(
        _UNSEEN.get(one, one if one.isprintable() else f"（U+{ord(one):04X}）") for one in characters
    )


def _finding(code: str, item: str, **facts: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where("", 0, "SJ", item), f"claims.narrative.{code}", facts)
