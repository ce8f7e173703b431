# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of 健診項目 (src/tasuki/sharing/checkups/tables) from the eCheckup package and the list of 特定健診 items.

usage: python tools/make_checkup_items.py --package TGZ --items CSV --out DIR

The package of 健診結果報告書 gives codes and names of items, methods and answers; the list (V4, 第4期) gives type, form,
unit, group and what depends on what. Facts only; a code that one has and the other lacks is told on stderr.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

ITEMS = "urn:oid:1.2.392.200119.6.1005"
METHODS = "urn:oid:1.2.392.200119.6.1007"
OURS = (
    "code",
    "name",
    "category",
    "class",
    "type",
    "form",
    "unit",
    "ucum",
    "method",
    "choices",
    "series",
    "relation",
    "depends_on",
)
# What the package has no code system for; the list names the answers (OID表 001082788.pdf).
ADDED = {
    "1.2.392.200119.6.18110": (("0", "詳細健診以外で実施"), ("1", "検査結果による血清クレアチニン検査対象者"))
}


def main() -> int:
    """Reads both, writes three tables, tells what does not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for line in sorted(make(args.package, args.items, args.out)):
        sys.stderr.write(f"{line}\n")
    return 0


def make(package: Path, items: Path, out: Path) -> set[str]:
    """The tables; what the two sources do not agree on is given back."""
    systems = read_systems(package)
    with items.open(encoding="utf-8-sig", newline="") as stream:
        listed = {row["item_code_17"]: row for row in csv.DictReader(stream)}
    named, known = dict(systems[ITEMS]), dict(systems[METHODS])
    told = {f"{code}: in one source only" for code in set(named) ^ set(listed)}
    for row in listed.values():
        if row["xml_method_code"] and row["xml_method_code"] not in known:
            told.add(f"{row['item_code_17']}: method {row['xml_method_code']} is not in the package")
    write(out / "items.tsv", OURS, (item(row, named) for code, row in listed.items() if code in named))
    write(out / "methods.tsv", ("code", "name"), systems[METHODS])
    choices = {
        url.removeprefix("urn:oid:"): codes for url, codes in systems.items() if url not in (ITEMS, METHODS)
    }
    choices |= {oid: list(codes) for oid, codes in ADDED.items() if oid not in choices}
    rows = (
        (oid, code, name)
        for oid in sorted(choices, key=lambda each: int(each.rsplit(".", 1)[1]))
        for code, name in choices[oid]
    )
    write(out / "choices.tsv", ("system", "code", "name"), rows)
    return told


def read_systems(package: Path) -> dict[str, list[tuple[str, str]]]:
    """The code systems of 特定健診: URL to codes and names in their order."""
    found: dict[str, list[tuple[str, str]]] = {}
    with tarfile.open(package) as archive:
        for member in archive:
            if "/CodeSystem-specialCheckup-" not in member.name:
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            value: dict[str, Any] = json.loads(stream.read())
            found[value["url"]] = [
                (each["code"], each.get("display", each["code"])) for each in value["concept"]
            ]
    return found


def item(row: dict[str, str], named: dict[str, str]) -> tuple[str, ...]:
    """One line of our layout."""
    relation = {"RSON1": "RSON"}.get(row["group_relation"], row["group_relation"])
    return (
        row["item_code_17"], named[row["item_code_17"]], row["category_no"], row["tokutei_kenshin_class"],
        row["xml_type"], row["format"], row["display_unit"], row["ucum_unit"], row["xml_method_code"],
        row["value_oid"], row["group_id"], relation, row["depends_on"],
    )  # fmt: skip


def write(path: Path, head: tuple[str, ...], rows: Any) -> None:
    """A table: a line each, tabs between."""
    lines = ["\t".join(head), *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
