# SPDX-License-Identifier: Apache-2.0
"""Writes the starter set (src/tasuki/masters/starter/*.tsv) from official files the user has downloaded.

usage: python tools/make_starter.py --official DIR --points CSV [--points CSV …] --out DIR

``--official``: a folder with official master files (read with the importers of this project).
``--points``: a list of fees of 2026-06-01 with the columns code, points_r8 and evidence; only evidence
that is certain is used. What to take is in tools/starter/*.txt; what we read ourselves in the 告示 of
2026 is in tools/starter/*_r8.tsv, each line with its place.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
import unicodedata
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tasuki.kernel.validity import Validity
from tasuki.masters import tsv
from tasuki.masters.book import Tables
from tasuki.masters.official.compiling import compile_tables
from tasuki.masters.official.history import EVER
from tasuki.masters.official.importing import Import
from tasuki.masters.rows import (
    Act,
    Comment,
    CountLimit,
    Disease,
    Drug,
    Exclusion,
    InclusionMember,
    InclusionParent,
    Material,
    Modifier,
    Standard,
    Window,
)
from tasuki.masters.starter.loading import mirrored

if TYPE_CHECKING:
    from collections.abc import Iterable

R6 = Validity(date(2024, 6, 1), date(2026, 5, 31))
R8_FROM = date(2026, 6, 1)
STEP2_FROM = date(2027, 6, 1)
CERTAIN = {"M", "K0", "K0L", "K1"}
LISTS = Path(__file__).parent / "starter"
MAKERS = ("「トーワ」", "「サワイ」", "「日医工」", "「明治」", "「アメル」", "「ＤＳＥＰ」")


def main() -> int:
    """Reads, selects, writes; prints a table of what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official", type=Path, required=True)
    parser.add_argument("--points", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    tables = read_official(args.official)
    points, seeds, abolished = read_points(args.points)
    chosen = choose_acts(tables.acts, seeds)
    acts, unconfirmed = dated_acts(tables.acts, chosen, points, abolished)
    codes = {act.code for act in acts}
    members = included(acts, tables.inclusion_parents)
    groups = {member.group for member in members}
    drugs = choose_drugs(tables.drugs)
    diseases = choose_named(tables.diseases, "diseases.txt")
    files: dict[str, bytes] = {
        "acts.tsv": tsv.encode(Act, acts),
        "drugs.tsv": tsv.encode(Drug, drugs),
        "materials.tsv": tsv.encode(Material, choose_materials(tables.materials)),
        "diseases.tsv": tsv.encode(Disease, diseases),
        "modifiers.tsv": tsv.encode(Modifier, choose_named(tables.modifiers, "modifiers.txt")),
        "comments.tsv": tsv.encode(Comment, choose_comments(tables.comments)),
        "exclusions.tsv": tsv.encode_many(
            Exclusion,
            one_way(
                e
                for e in (*tables.exclusions, *read_day_pairs(args.official))
                if e.code in codes and e.other in codes and reaches(e)
            ),
            "other",
        ),
        "limits.tsv": tsv.encode(CountLimit, [c for c in tables.limits if c.code in codes and reaches(c)]),
        "inclusion_parents.tsv": tsv.encode(
            InclusionParent,
            [p for p in tables.inclusion_parents if p.code in codes and p.group in groups and reaches(p)],
        ),
        "inclusion_members.tsv": tsv.encode_many(InclusionMember, members, "code"),
        "standards.tsv": tsv.encode(Standard, [s for s in tables.standards if s.part == "医科点数表"]),
        "standard_members.tsv": members_file(tables.standard_members),
        "unconfirmed_r8.tsv": ("code\tname\tevidence\n" + "".join(unconfirmed)).encode(),
    }
    for name, data in files.items():
        (args.out / name).write_bytes(data)
        sys.stderr.write(f"{name}\t{data.count(10) - 1} rows\t{len(data)} bytes\n")
    return 0


def read_official(folder: Path) -> Tables:
    """Every file below a folder through the official importers."""
    read = Import()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".gz", ".zip", ".csv", ".txt", ".xlsx"):
            read.read(str(path.relative_to(folder)), path.read_bytes())
    return compile_tables(read).tables


def read_day_pairs(folder: Path) -> list[Exclusion]:
    """背反テーブル1 as far as its pairs are known: a list with code1, code2, haihan_kubun, tokurei, from, to."""
    pairs: dict[tuple[str, str], Exclusion] = {}
    for path in sorted(folder.rglob("*03-1*.csv")):
        for row in csv.DictReader(io.StringIO(path.read_text())):
            validity = Validity(to_date(row["from"]) or EVER, to_date(row["to"]))
            keep, special = int(row["haihan_kubun"]), row["tokurei"] == "1"
            pair = Exclusion(Window.DAY, row["code1"], row["code2"], keep, special, validity)
            for each in (pair, mirrored(pair)):
                pairs.setdefault((each.code, each.other), each)
    return list(pairs.values())


def one_way(pairs: Iterable[Exclusion]) -> list[Exclusion]:
    """Each pair once, the smaller code first; loading makes the other direction."""
    made = list(pairs)
    known = set(made)
    for pair in made:
        if mirrored(pair) not in known:
            raise SystemExit(f"a pair with one direction only: {pair}")
    return [pair for pair in made if pair.code < pair.other]


def to_date(text: str) -> date | None:
    """Eight digits, 99999999 for an open end."""
    return None if text == "99999999" else date(int(text[:4]), int(text[4:6]), int(text[6:]))


def read_points(paths: list[Path]) -> tuple[dict[str, Decimal], set[str], dict[str, str]]:
    """Points of R8 that are certain; the codes of the first list; and why the others are not taken."""
    points: dict[str, Decimal] = {}
    seeds: set[str] = set()
    left: dict[str, str] = {}
    for at, path in enumerate(paths):
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
        for row in csv.DictReader(io.StringIO(text)):
            code, value = row["code"], row["points_r8"]
            if at == 0:
                seeds.add(code)
            if value.replace(".", "", 1).isdigit() and row["evidence"] in CERTAIN:
                points.setdefault(code, Decimal(value))
            elif code not in points:
                left.setdefault(code, "abolished" if value == "abolished" else row["evidence"])
    # What the tool read by place fills in; what a person read in the 告示 stands above everything.
    for row in read_tsv("aligned_r8.tsv"):
        points.setdefault(row["code"], Decimal(row["points"]))
    for row in read_tsv("read_r8.tsv"):
        points[row["code"]] = Decimal(row["points"])
    return points, seeds, left


def read_tsv(name: str) -> list[dict[str, str]]:
    """One of our own lists."""
    return list(csv.DictReader(io.StringIO((LISTS / name).read_text()), delimiter="\t"))


def read_list(name: str) -> list[str]:
    """One of our own lists of names, without its comment lines."""
    return [line for line in (LISTS / name).read_text().splitlines() if line and line[0] != "#"]


def reaches(row: msgspec.Struct) -> bool:
    """Whether a row is still in force when R6 begins."""
    until = row.validity.until  # type: ignore[attr-defined]
    return until is None or until >= R6.since


def choose_acts(acts: tuple[Act, ...], seeds: set[str]) -> set[str]:
    """The codes to take: whole chapters as outpatients have them, less what acts.txt leaves, and the seeds."""
    rules = [line.split() for line in read_list("acts.txt")]
    chapters = "".join(rule[1] for rule in rules if rule[0] == "chapter")
    left = [(place(rule[1]), place(rule[-1])) for rule in rules if rule[0] == "leave"]
    chosen: set[str] = set()
    for act in acts:
        # The list of common items names a few that only inpatients have; it is taken whole.
        is_outpatient = act.setting != "1" and act.tally_out != "0" and act.chapter in chapters
        if not reaches(act) or not (act.code in seeds or (act.chapter and is_outpatient)):
            continue
        if not any(start <= place(act.section) <= end for start, end in left):
            chosen.add(act.code)
    return chosen


def place(section: str) -> tuple[str, int, tuple[int, ...]]:
    """A section in the order of the fee table: K005-2 after K005, before K006."""
    number, *branches = section[1:].split("-")
    return section[:1], int(number) if number.isdigit() else 0, tuple(int(b) for b in branches if b.isdigit())


def dated_acts(
    acts: tuple[Act, ...], chosen: set[str], points: dict[str, Decimal], left: dict[str, str]
) -> tuple[list[Act], list[str]]:
    """The rows of R6 as dated, and of R8 where its points are certain; two where 2027-06 doubles them."""
    names = {row["code"]: row["name"] for row in read_tsv("renamed_r8.tsv")}
    sections = {row["code"]: row["section"] for row in read_tsv("moved_r8.tsv")}
    doubled = {row["code"]: Decimal(row["points_from_2027_06"]) for row in read_tsv("doubled_r8.tsv")}
    made: list[Act] = []
    unconfirmed: list[str] = []
    last: dict[str, Act] = {}
    for act in acts:
        if act.code not in chosen or not reaches(act):
            continue
        since = max(act.validity.since, R6.since)
        until = min(act.validity.until or R6.until, R6.until)  # type: ignore[type-var]
        if until is None or until < since:
            continue
        row = msgspec.structs.replace(act, validity=Validity(since, until))
        if made and is_continued(made[-1], row):
            row = msgspec.structs.replace(row, validity=Validity(made.pop().validity.since, until))
        made.append(row)
        last[act.code] = act
    for code, act in sorted(last.items()):
        if act.validity.until is not None:
            continue
        value = points.get(code)
        if act.specimen_comment == "1" and not act.points:
            # 検体名 carries no fee; the 告示 has no place for it to change.
            value = act.points
        step = act.step
        if step is not None and value is not None and step.points == act.points:
            # Each organ, limb or site counts the same: the step follows the points.
            step = msgspec.structs.replace(step, points=value)
        elif step is not None and value != act.points:
            value = None
        if value is None:
            unconfirmed.append(f"{code}\t{act.name}\t{left.get(code, 'step')}\n")
            continue
        name = names.get(code, act.name)
        row = msgspec.structs.replace(
            act,
            name=name,
            full_name=names.get(code, act.full_name),
            section=sections.get(code, act.section),
            points=value,
            step=step,
            validity=Validity(R8_FROM),
        )
        made += doubling(row, doubled)
    for new in read_tsv("new_r8.tsv"):
        like = last[new["like"]]
        row = msgspec.structs.replace(
            like,
            code=new["code"],
            name=new["name"],
            full_name=new["name"],
            kana="",
            points=Decimal(new["points"]),
            section=new["section"],
            addition_serial=new["serial"] or like.addition_serial,
            standards=places(new["standards"]),
            base_up="0",
            former_code="",
            order="",
            validity=Validity(R8_FROM),
        )
        made += doubling(row, doubled)
    made.sort(key=lambda act: (act.code, act.validity.since))
    folded: list[Act] = []
    for row in made:
        # What the revision left as it was is one row, open at its end: half the bytes and half the load.
        if folded and is_continued(folded[-1], row):
            since = folded.pop().validity.since
            row = msgspec.structs.replace(row, validity=Validity(since, row.validity.until))
        folded.append(row)
    return folded, unconfirmed


def included(acts: list[Act], parents: tuple[InclusionParent, ...]) -> list[InclusionMember]:
    """Who is included in whom, where the 告示 says it by section (tools/starter/inclusions.tsv).

    An act that bundles a whole visit or month itself is never a member: two bundles exclude each other
    by table 03, and none swallows the other. Additions fall with the act they belong to.
    """
    bundles = {p.code for p in parents if p.group.startswith("B0010")}
    latest = {act.code: act for act in acts}
    made: list[InclusionMember] = []
    for line in read_tsv("inclusions.tsv"):
        since = R8_FROM if line["revision"] == "R8" else R6.since
        validity = Validity(since, R6.until if line["revision"] == "R6" else None)
        take, leave = line["take"].split(), line["leave"].split()
        for code, act in sorted(latest.items()):
            is_base = act.record_kind not in ("7", "9") or code in take
            if code in bundles or not is_base or not fits(act, take) or fits(act, leave):
                continue
            is_large = act.chapter in "DEJ" and act.points >= 550
            special = line["special"] == "all" or (line["special"] == "DEJ550" and is_large)
            made.append(InclusionMember(line["group"], code, special, validity))
    return made


def fits(act: Act, tokens: list[str]) -> bool:
    """Whether an act is meant: by code, section, whole chapter (D*), or a word in its name (~word)."""
    return any(
        token in (act.code, act.section)
        or (token.endswith("*") and act.chapter == token[0])
        or (token.startswith("~") and token[1:] in act.name)
        for token in tokens
    )


def is_continued(before: Act, after: Act) -> bool:
    """Whether a dated row only restates the one before (the official order number aside)."""
    same = msgspec.structs.replace(before, validity=after.validity, order=after.order)
    ends = before.validity.until
    return same == after and ends is not None and ends + timedelta(days=1) == after.validity.since


def doubling(row: Act, doubled: dict[str, Decimal]) -> list[Act]:
    """One row, or two when the points change on 2027-06-01."""
    later = doubled.get(row.code)
    if later is None:
        return [row]
    first = msgspec.structs.replace(row, validity=Validity(R8_FROM, STEP2_FROM - timedelta(days=1)))
    return [first, msgspec.structs.replace(row, points=later, validity=Validity(STEP2_FROM))]


def places(names: str) -> tuple[str, ...]:
    """The ten places of 施設基準, filled from the first group."""
    wanted = names.split("|") if names else []
    return (*wanted, *(["0"] * (10 - len(wanted)))) if wanted else ()


def choose_drugs(drugs: tuple[Drug, ...]) -> list[Drug]:
    """Originals and two generics of each generic name, the products named, and the reduction codes."""
    on = date(2025, 9, 1)
    live = [d for d in drugs if on in d.validity and (d.usable_until is None or d.usable_until > R8_FROM)]
    live = [d for d in live if d.elective_kind != "2"]
    current = [d for d in live if d.price_on is not None and d.price_on >= date(2025, 4, 1)]
    chosen: set[str] = {d.code for d in live if d.code.startswith("63001000")}
    missing: list[str] = []
    for text in read_list("generic_names.txt"):
        found = [d for d in current if d.generic_name.removeprefix("【般】").startswith(text)]
        if not found:
            missing.append(text)
        originals = [d for d in found if not d.is_generic]
        generics = sorted((d for d in found if d.is_generic), key=maker_order)
        chosen |= {d.code for d in originals[:2] + generics[:2]}
    for line in read_list("products.txt"):
        name, _, count = line.rpartition(" ") if line[-1].isascii() and " " in line else (line, "", "1")
        key = plain(name)
        found = [d for d in current if plain(d.name).startswith(key)]
        if not found:
            missing.append(line)
        chosen |= {d.code for d in found[: int(count)]}
    if missing:
        sys.stderr.write("not found: " + ", ".join(missing) + "\n")
    made: list[Drug] = []
    for drug in drugs:
        if drug.code in chosen and reaches(drug):
            since = max(drug.validity.since, R6.since)
            made.append(msgspec.structs.replace(drug, validity=Validity(since, drug.validity.until)))
    return merged(made)


def plain(name: str) -> str:
    """A name without spaces, in one width."""
    return unicodedata.normalize("NFKC", name).replace(" ", "")


def merged(drugs: list[Drug]) -> list[Drug]:
    """Rows that differ in nothing a bill depends on become one."""
    made: list[Drug] = []
    for drug in sorted(drugs, key=lambda d: (d.code, d.validity.since)):
        before = made[-1] if made else None
        if before is not None and before.code == drug.code:
            same = msgspec.structs.replace(before, validity=drug.validity, price_on=drug.price_on)
            if same == drug:
                made[-1] = msgspec.structs.replace(
                    drug, validity=Validity(before.validity.since, drug.validity.until)
                )
                continue
        made.append(drug)
    return made


def maker_order(drug: Drug) -> tuple[int, str]:
    """Well-known makers first, so that the set reads like a pharmacy's shelf."""
    return next((at for at, maker in enumerate(MAKERS) if maker in drug.name), len(MAKERS)), drug.code


def choose_materials(materials: tuple[Material, ...]) -> list[Material]:
    """The materials named, as dated since R6."""
    live = [m for m in materials if date(2025, 9, 1) in m.validity]
    chosen: set[str] = set()
    for line in read_list("materials.txt"):
        name, _, count = line.rpartition(" ")
        found = [m for m in live if m.name.startswith(name) or m.full_name.startswith(name)]
        if not found:
            sys.stderr.write(f"no material: {name}\n")
        chosen |= {m.code for m in found[: int(count)]}
    return [
        msgspec.structs.replace(m, validity=Validity(max(m.validity.since, R6.since), m.validity.until))
        for m in materials
        if m.code in chosen and reaches(m)
    ]


def choose_named(rows: tuple, name: str) -> list:  # type: ignore[type-arg]
    """Diseases or modifiers by their official names; 未コード化傷病名 always."""
    by_name: dict[str, list] = {}  # type: ignore[type-arg]
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
        by_name.setdefault(row.name.lstrip("・").rstrip("・"), []).append(row)
    chosen = {row.code: row for row in rows if row.code == "0000999"}
    missing = []
    for wanted in read_list(name):
        found = by_name.get(wanted)
        if not found:
            missing.append(wanted)
            continue
        chosen[found[0].code] = found[0]
    sys.stderr.write(f"{name}: not found {len(missing)}: {', '.join(missing)}\n")
    return [
        msgspec.structs.replace(row, validity=Validity(max(row.validity.since, EVER), row.validity.until))
        for row in sorted(chosen.values(), key=lambda row: row.code)
    ]


def choose_comments(comments: tuple[Comment, ...]) -> list[Comment]:
    """Free text, the general forms, and the comments that common outpatient acts ask for."""
    words = read_list("comments.txt")
    live = [c for c in comments if date(2025, 9, 1) in c.validity and reaches(c)]
    chosen = [c for c in live if c.code == "810000001" or any(word in c.name for word in words)]
    counts = Counter(c.code for c in chosen)
    assert all(count == 1 for count in counts.values())
    return sorted(chosen, key=lambda c: c.code)


def members_file(members: tuple[tuple[str, str], ...]) -> bytes:
    """名寄せ as two columns."""
    return ("standard\tmember\n" + "".join(f"{a}\t{b}\n" for a, b in members)).encode()


if __name__ == "__main__":
    sys.exit(main())
