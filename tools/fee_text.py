# SPDX-License-Identifier: Apache-2.0
"""Reads the text of a 告示 別表第一 (as extracted from its PDF, layout kept) into 区分番号 and their items."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

HEADING = re.compile(r"^\s{1,8}([Ａ-Ｏ])([０-９]{3})((?:－[０-９0-9]+)*)(?:\s+(.*)|から.*)?$")
MARKER = re.compile(
    r"^(\s*)(注)?([０-９]|[0-9]{2,3}|[イロハニホヘトチリヌルヲワカヨタレソツネナラム]|（[０-９0-9]+）|[①-⑳]|注)(?:\s+(\S.*)|\s*)$"
)
PAGE = re.compile(r"^# file: .* page: (\d+)")
POINTS = re.compile(r"(?<![\d,.])(\d{1,3}(?:,\d{3})+|\d+)点")
PERCENT = re.compile(r"100分の(\d+(?:\.\d+)?)")
OUTSIDE = re.compile(r"^\s{2,17}(第[０-９0-9]+[章部節款]\s|通則)")


class Item(NamedTuple):
    """One numbered line of a section: where it stands, its words, the numbers in it."""

    path: tuple[str, ...]
    words: tuple[str, ...]
    text: str
    points: tuple[str, ...]
    percents: tuple[str, ...]
    page: int

    @property
    def is_note(self) -> bool:
        """Whether it is one of the 注."""
        return "注" in self.path[:2]


class Section(NamedTuple):
    """A 区分番号 with its title and items, the title line first."""

    code: str
    title: str
    items: tuple[Item, ...]


def plain(text: str) -> str:
    """One width, no spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def words_of(text: str) -> str:
    """What a line says, its points left out: equal words in two revisions are the same fee."""
    said = POINTS.sub("◇点", text)
    return plain(said)


def sections(text: str) -> dict[str, Section]:
    """Every 区分番号 of the text; a number that occurs twice (a list of contents) keeps the longest."""
    made: dict[str, Section] = {}
    open_code, title, body = "", "", []
    page = 0
    for line in text.splitlines():
        if found := PAGE.match(line):
            page = int(found[1])
            continue
        if found := HEADING.match(line):
            _close(made, open_code, title, body)
            open_code = plain(found[1] + found[2] + found[3].replace("－", "-"))
            title, body = found[4] or "", [(page, line)]
        elif OUTSIDE.match(line):
            _close(made, open_code, title, body)
            open_code, title, body = "", "", []
        elif open_code and line.strip():
            body.append((page, line))
    _close(made, open_code, title, body)
    return made


def _close(made: dict[str, Section], code: str, title: str, body: list[tuple[int, str]]) -> None:
    if not code:
        return
    section = Section(code, plain(POINTS.sub("", title)), tuple(_items(body)))
    if code not in made or len(made[code].items) < len(section.items):
        made[code] = section


def _level(mark: str) -> int:
    """1, イ, (1), ①: the order in which the 告示 nests."""
    if mark.isdigit() and mark.isdecimal():
        return 0
    return 2 if mark[0] in "(（" else 3 if "①" <= mark <= "⑳" else 1


def _items(body: list[tuple[int, str]]) -> list[Item]:
    raw: list[tuple[tuple[str, ...], int, list[str]]] = [((), body[0][0], [body[0][1]])]
    stack: list[str] = []
    in_notes, owner = False, ()
    # B001 is a list of fees, each with notes of its own, set further in than its number.
    is_list = body[0][1].strip().startswith("Ｂ００１ ")
    for page, line in body[1:]:
        found = MARKER.match(line)
        if found is None:
            raw[-1][2].append(line)
            continue
        if in_notes and is_list and not found[2] and found[3].isdecimal() and len(found[1]) < 17:
            in_notes, owner, stack = False, (), []
        if found[2] or found[3] == "注":
            owner = tuple(stack[:1]) if is_list else ()
            in_notes, stack = True, []
        if found[3] != "注":
            mark = found[3] if "①" <= found[3] <= "⑳" else plain(found[3])
            while stack and _level(stack[-1]) >= _level(mark):
                stack.pop()
            stack.append(mark)
        raw.append(((*owner, *(("注",) if in_notes else ()), *stack), page, [found[4] or ""]))
    made: list[Item] = []
    said: dict[tuple[str, ...], str] = {(): "", ("注",): "注"}
    for path, page, lines in raw:
        joined = re.sub(r"\n\s*", "", "\n".join(lines))
        said[path] = words_of(joined)
        words = tuple(said.get(path[:at], "") for at in range(1, len(path) + 1)) or (words_of(joined),)
        values = tuple(plain(v).replace(",", "") for v in POINTS.findall(joined))
        made.append(Item(path, words, joined.strip(), values, tuple(PERCENT.findall(plain(joined))), page))
    return made
