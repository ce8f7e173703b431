# SPDX-License-Identifier: Apache-2.0
"""Writes the list of 区分番号 of 2026 (src/tasuki/masters/starter/fee_sections.tsv) from the 告示's text.

usage: python tools/make_fee_sections.py --official DIR --text 告示別表第一.txt --out FILE

Facts only: number, title, why outpatients do not have it, and of each 注 what it is about (additions and their
points, counts, what is contained, …). What the words of a 注 ask beyond that is not copied.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from fee_text import Item, Section, plain, sections
from make_starter import place, reaches, read_list, read_official
from read_r8_points import text

from tasuki.masters.sections import section_of

if TYPE_CHECKING:
    from tasuki.masters.rows import Act

KINDS = (
    ("addition", re.compile(r"加算として|所定点数に加算|点数を加算|点数(?:の|を).{0,12}加算")),
    ("replace", re.compile(r"所定点数に代えて|所定点数にかかわらず|相当する点数により|により算定する")),
    ("count", re.compile(r"に限り|を限度と|限度として|回のみ")),
    ("bundle", re.compile(r"所定点数に含まれ|算定できない|算定しない|別に算定")),
    ("standard", re.compile(r"施設基準に適合")),
    ("age", re.compile(r"歳未満|歳以上|新生児|乳幼児|小児")),
    ("hours", re.compile(r"時間以外|休日|深夜")),
)
# Why no outpatient has it, where the master cannot say: the part of the fee table.
WARD_PART = "第2部 入院料等"


def main() -> int:
    """Reads, judges, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    acts: dict[str, list[Act]] = defaultdict(list)
    for act in read_official(args.official).acts:
        if reaches(act):
            acts[numbered(act)].append(act)
    rules = [line.split() for line in read_list("acts.txt")]
    wards = [(place(rule[1]), place(rule[-1])) for rule in rules if rule[0] == "leave"]
    lines = ["section\ttitle\tward\tnotes\n"]
    for section in sorted(listed(sections(text(args.text))), key=lambda s: (place(s.code), order(s.code))):
        if section.title.startswith("削除"):
            continue
        notes = "|".join(described(number, items) for number, items in notes_of(section).items())
        lines.append(f"{section.code}\t{section.title}\t{ward(section.code, acts, wards)}\t{notes}\n")
    args.out.write_text("".join(lines))
    sys.stderr.write(f"{len(lines) - 1} sections\n")
    return 0


def numbered(act: Act) -> str:
    """The section of an act; B001 is a list of fees, each by its number."""
    return f"B001の{act.item}" if act.section == "B001" else section_of(act)


def order(code: str) -> int:
    """B001の9 before B001の10."""
    return int(code.partition("の")[2] or 0)


def listed(found: dict[str, Section]) -> list[Section]:
    """Every section, B001 as its fees."""
    made: list[Section] = []
    for code, section in found.items():
        if code != "B001":
            made.append(section)
            continue
        for head in (item for item in section.items if len(item.path) == 1):
            items = tuple(i._replace(path=i.path[1:]) for i in section.items if i.path[:1] == head.path)
            title = plain(re.sub(r"[\d,]+点", "", head.text))
            made.append(Section(f"B001の{head.path[0]}", title, items))
    return [section for section in made if section.title]


def notes_of(section: Section) -> dict[str, list[Item]]:
    """The 注 by number, each with the lines below it; one without a number is 注."""
    notes: dict[str, list[Item]] = defaultdict(list)
    for item in section.items:
        if item.path[:1] == ("注",):
            notes[item.path[1] if len(item.path) > 1 else ""].append(item)
    return notes


def described(number: str, items: list[Item]) -> str:
    """A 注 as number:kinds:points:percents."""
    said = "".join(plain(item.text) for item in items)
    kinds = [name for name, pattern in KINDS if pattern.search(said)]
    if "別に厚生労働大臣が定める" in said and "施設基準" not in said:
        kinds.append("named")
    points = dict.fromkeys(p for item in items for p in item.points)
    percents = dict.fromkeys(p for item in items for p in item.percents)
    return ":".join((number, ",".join(kinds or ["who"]), ",".join(points), ",".join(percents)))


def ward(code: str, acts: dict[str, list[Act]], wards: list[tuple[object, object]]) -> str:
    """Why outpatients do not have the section; "" when they do."""
    if code[0] == "A" and 100 <= int(code[1:4]) < 400:
        return WARD_PART
    if any(start <= place(code) <= end for start, end in wards):  # type: ignore[operator]
        return "病棟で行う手術"
    own = acts.get(code, [])
    if own and all(act.setting == "1" or act.tally_out == "0" for act in own):
        return "入外適用区分（医科診療行為マスター）"
    return ""


if __name__ == "__main__":
    sys.exit(main())
