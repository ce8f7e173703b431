# SPDX-License-Identifier: Apache-2.0
"""Reads fees of 2026-06-01 in the text of the 告示, by the place where the fee of 2024 stands.

usage: python tools/read_r8_points.py --official DIR --before r6.txt --after r8.txt --out aligned_r8.tsv [--check LIST]

``--before``/``--after``: the text of 別表第一 of both years, extracted from the PDF with its layout.
A fee is taken only when every line of the section that carries the points of 2024 says the same words in
2026 (or is the one addition of that name), and all of them give the same number. ``--check`` compares with
lists of points that are known otherwise (columns code, points_r8, evidence), prints what disagrees, and leaves
out what is certain there.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
import sys
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from fee_text import POINTS, Item, Section, plain, sections
from make_starter import CERTAIN, reaches, read_official, read_points, read_tsv

from tasuki.masters.rows import Act, PointsKind
from tasuki.masters.sections import section_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ADDITION = re.compile(r"([^、。（）は]*?(?:加算|減算))(?:\([^)]*\))?として")
LESSENED = re.compile("減|特定地域|情報通信機器")
REFERENCE = re.compile(
    r"(?:注|区分番号[A-Z])[\d\-]+|第\d+[章部節]|及び|又は|並びに|若しくは|、|別表第[\d一二三四五六七八九十]+の?\d*"
)


def main() -> int:
    """Reads, compares, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official", type=Path, required=True)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--after", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--check", type=Path, action="append", default=[])
    args = parser.parse_args()
    before, after = sections(text(args.before)), sections(text(args.after))
    last = {act.code: act for act in read_official(args.official).acts if reaches(act)}
    read = {code: found for code, act in sorted(last.items()) if (found := find(act, before, after))}
    read |= namesakes(last, read, before, after, read_points(args.check)[0])
    known = certain(args.check)
    lines = [f"{code}\t{points}\t{place}\n" for code, (points, place) in read.items() if code not in known]
    args.out.write_text("code\tpoints\tplace\n" + "".join(lines))
    sys.stderr.write(f"{len(read)} of {len(last)} read\n")
    check(read, last, args.check)
    return 0


def namesakes(
    last: dict[str, Act],
    read: dict[str, tuple[str, str]],
    before: dict[str, Section],
    after: dict[str, Section],
    known: dict[str, Decimal],
) -> dict[str, tuple[str, str]]:
    """Additions of the basic fees that a bundle leaves apart (「…の注７に規定する加算を除き」), under codes of their own.

    Their fee is that of the addition they are named for, less what the same 注 takes off in both years.
    """
    basic = {
        plain(act.name).replace("(入院外)", ""): act
        for act in last.values()
        if act.section in ("A000", "A001", "A002")
    }
    made: dict[str, tuple[str, str]] = {}
    for code, act in last.items():
        number = section_of(act)
        if code in read or "加算" not in act.name or not number.startswith("B001-2"):
            continue
        name = re.sub(r"\([^()]*\)$", "", plain(act.name))
        own = basic.get(name)
        if act.validity.until is not None or own is None or own.code not in known:
            continue
        if number not in after or after[number].title.startswith("削除"):
            continue
        less = {Decimal(0), *(taken_off(before[number]) & taken_off(after[number]))}
        taken = own.points - act.points
        if taken in less:
            place = f"{number} 注、{own.section}の加算" + (f"－{taken.normalize():f}" if taken else "")
            made[code] = (f"{(known[own.code] - taken).normalize():f}", place)
    return made


def taken_off(section: Section) -> set[Decimal]:
    """Points a 注 takes off other fees (「…から115点を減じた点数」)."""
    return {
        Decimal(points)
        for line in section.items
        if line.is_note and re.search("減じた|控除した", plain(line.text))
        for points in line.points
    }


def certain(lists: Iterable[Path]) -> set[str]:
    """Codes whose points are certain without this tool."""
    found: set[str] = set()
    for path in lists:
        found |= {r["code"] for r in csv.DictReader(io.StringIO(text(path))) if r["evidence"] in CERTAIN}
    return found


def text(path: Path) -> str:
    """A text file, packed or not."""
    data = path.read_bytes()
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()


def find(act: Act, before: dict[str, Section], after: dict[str, Section]) -> tuple[str, str] | None:
    """The fee of an act in 2026 and the place where it was read; None when it is not certain."""
    number = section_of(act)
    old, new = before.get(number), after.get(number)
    if act.validity.until is not None or act.step is not None or not old or not new or not act.points:
        return None
    if act.section == "B001":
        # A list of fees: only the one the act belongs to.
        old, new = one_fee(old, act.item), one_fee(new, act.item)
    value = f"{act.points.normalize():f}"
    is_percent = act.points_kind in (PointsKind.ADD_PERCENT, PointsKind.SUBTRACT_PERCENT)
    values = percents_of if is_percent else points_of
    lines = meant(act, [item for item in old.items if value in values(item)])
    if lines:
        answers = [answer(line, old, new, value, values) for line in lines]
    elif not is_percent and LESSENED.search(act.name):
        answers = list(products(act, old, new))
    else:
        return None
    if not answers or None in answers:
        answers = [by_name(act, old, new)]
    if not answers or None in answers or len({points for points, _ in answers}) != 1:  # type: ignore[misc]
        return None
    places = list(dict.fromkeys(place for _, place in answers))  # type: ignore[misc]
    return answers[0][0], f"{number} {'、'.join(places[:3])}"  # type: ignore[index]


def by_name(act: Act, old: Section, new: Section) -> tuple[str, str] | None:
    """A test or a part of the body that is named in one line of both years."""
    whole = plain(act.name)
    part = re.fullmatch(r".*?\(([^()]+)\)", whole)
    value = f"{act.points.normalize():f}"
    for matches in (lambda line: whole in names_of(line), lambda line: part and begins(line, part[1], old)):
        here = [i for i in old.items if not i.is_note and matches(i)]
        there = [i for i in new.items if not i.is_note and matches(i)]
        if len(here) != 1 or len(there) != 1 or here[0].points != (value,) or len(there[0].points) != 1:
            continue
        # A list of parts of the body became a line each: only what kept its points is surely the same code.
        if whole in names_of(there[0]) or there[0].points == here[0].points:
            return there[0].points[0], "".join(there[0].path) or "本文"
    return None


def names_of(line: Item) -> set[str]:
    """The names in a list of tests of one fee."""
    return set(re.split("、|又は|及び", plain(POINTS.sub("", line.text))))


def begins(line: Item, part: str, old: Section) -> bool:
    """Whether a line is for a part of the body: in a list of parts, or as 「上腕骨…」, 「肘関節…」."""
    said = plain(POINTS.sub("", line.text))
    if line in old.items:
        return part in said.split("、")
    return said.startswith((part + "骨", part + "関節", part + "軟部")) or (
        part.endswith("骨") and said.startswith(part)
    )


def one_fee(section: Section, item: str) -> Section:
    """One fee of a list of fees."""
    return section._replace(items=tuple(i for i in section.items if i.path[:1] == (item,)))


def meant(act: Act, lines: list[Item]) -> list[Item]:
    """Of the lines with its points, the one that names the addition; all of them when none does."""
    core = plain(act.name).split("(")[0]
    return [line for line in lines if line.is_note and core in ADDITION.findall(plain(line.text))] or lines


def points_of(item: Item) -> tuple[str, ...]:
    """Points a line names."""
    return item.points


def percents_of(item: Item) -> tuple[str, ...]:
    """Percents a line names; 100分の90 takes ten away."""
    return item.percents + tuple(f"{Decimal(100) - Decimal(p)}" for p in item.percents)


def answer(
    line: Item, old: Section, new: Section, value: str, values: Callable[[Item], tuple[str, ...]]
) -> tuple[str, str] | None:
    """What the same line says in 2026, and its place."""
    other = counterpart(line, old, new)
    if other is None or len(values(line)) != len(values(other)):
        return None
    found = {now for was, now in zip(values(line), values(other), strict=True) if was == value}
    return (found.pop(), "".join(other.path) or "本文") if len(found) == 1 else None


def products(act: Act, old: Section, new: Section) -> Iterable[tuple[str, str] | None]:
    """A fee that is a percentage of another of the section (所定点数の100分の50), both read."""
    for line in old.items:
        for percent in dict.fromkeys(line.percents):
            for base in old.items:
                for points in dict.fromkeys(base.points):
                    if share(points, percent) == act.points:
                        of_base = answer(base, old, new, points, points_of)
                        of_line = answer(line, old, new, percent, lambda item: item.percents)
                        if of_base is None or of_line is None:
                            yield None
                        else:
                            yield f"{share(of_base[0], of_line[0])}", f"{of_base[1]}×{of_line[1]}"


def share(points: str, percent: str) -> Decimal:
    """A percentage of points, five tenths and more up.

    Cite: 医科点数表 告示 端数は小数点以下第一位を四捨五入 (通知)
    """
    return (Decimal(points) * Decimal(percent) / 100).quantize(Decimal(1), ROUND_HALF_UP)


def counterpart(line: Item, old: Section, new: Section) -> Item | None:
    """The line of 2026 that is this line of 2024."""
    for key in KEYS:
        said = key(line)
        if not said:
            continue
        here = [item for item in old.items if key(item) == said]
        there = [item for item in new.items if key(item) == said]
        if len(here) == 1 and len(there) == 1:
            return there[0]
        if len(here) > 1 or len(there) > 1:
            continue
    return None


def by_words(item: Item) -> object:
    """The words of the line and of all above it."""
    return (item.is_note, item.words) if item.path else ("title",)


def by_loose_words(item: Item) -> object:
    """The same, the numbers of 注, 区分番号 and 別表 left out: those move when something is put in before."""
    return (item.is_note, tuple(REFERENCE.sub("", words) for words in item.words)) if item.path else None


def by_addition(item: Item) -> object:
    """The one addition of a name with one number."""
    if not item.is_note:
        return None
    names = ADDITION.findall(plain(item.text))
    return (
        (names[0], len(item.points), len(item.percents))
        if len(names) == 1 and len(item.points) == 1
        else None
    )


KEYS: tuple[Callable[[Item], object], ...] = (by_words, by_loose_words, by_addition)


def check(read: dict[str, tuple[str, str]], last: dict[str, Act], lists: Iterable[Path]) -> None:
    """What other sources say of the same codes."""
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    known = [(row["code"], row["points"], "read") for row in read_tsv("read_r8.tsv")]
    for path in lists:
        known += [(r["code"], r["points_r8"], r["evidence"]) for r in csv.DictReader(io.StringIO(text(path)))]
    for code, points, evidence in known:
        if code in read and points.replace(".", "", 1).isdigit():
            same = float(points) == float(read[code][0])
            counts[evidence, same] += 1
            if not same:
                act = last[code]
                sys.stderr.write(
                    f"{evidence}\t{code}\t{act.name}\t{act.points} → {read[code]}, there {points}\n"
                )
    sys.stderr.write(f"{dict(counts)}\n")


if __name__ == "__main__":
    sys.exit(main())
