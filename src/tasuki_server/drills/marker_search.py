# SPDX-License-Identifier: Apache-2.0
"""目印の検索 — whether a text that must not be there is in a file, a dump, a log or the arguments of a process."""

from __future__ import annotations

import base64
import re
import subprocess
from bisect import bisect_right
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from tasuki_server.database.embedded import database_program

# Kinds of place; a mark says in which of them it must not be.
DATABASE, ELSEWHERE = "database", "elsewhere"


# Pages of the database that hold nothing yet are most of it.
_EMPTY = re.compile(rb"\0{32,}")
_BETWEEN = b"\xff\0\xff"


class Mark(NamedTuple):
    """目印 — a made-up secret under a name; ``is_kept_plain`` for names, which the database may hold but no log."""

    name: str
    text: str
    is_kept_plain: bool = False

    def forms(self) -> tuple[bytes, ...]:
        """書き表し方 — as text, in full width, as a claim file has it, as JSON escapes it, in hexadecimal and Base64."""
        wide = self.text.translate({each: each + 0xFEE0 for each in range(0x21, 0x7F)})
        plain = {self.text.encode(), wide.encode()}
        for text in (self.text, wide):
            try:
                plain.add(text.encode("cp932"))
            except UnicodeEncodeError:
                continue
        plain.add(self.text.encode("unicode_escape"))
        coded = {each.hex().encode() for each in plain}
        # Base64 of a text depends on where it begins; the two or three letters at its ends depend on its neighbours.
        for each in plain:
            for shift in range(3):
                coded.add(base64.b64encode(b"\0" * shift + each)[4 if shift else 0 :].rstrip(b"=")[:-1])
        return tuple(form for form in plain | coded if len(form) >= 8)


class Sighting(NamedTuple):
    """見つかった目印 — which, and where."""

    mark: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}に「{self.mark}」の目印があります。"


def seen_in(data: bytes, place: str, marks: Iterable[Mark]) -> list[Sighting]:
    """検索 — every mark in every form."""
    return [Sighting(mark.name, place) for mark in marks if any(form in data for form in mark.forms())]


def seen_in_files(
    folder: Path, marks: list[Mark], place: str, but: Container[str] = ()
) -> tuple[list[Sighting], int]:
    """ファイルの検索 — and how many bytes were looked at; ``but`` are folders that are not entered.

    Files are searched as one run of bytes: thousands of them one by one would take minutes.
    """
    starts, names, parts, size, at = [], [], [], 0, 0
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink() or not path.is_file() or str(path.parent.relative_to(folder)) in but:
            continue
        try:
            data = path.read_bytes()
        except (FileNotFoundError, PermissionError):
            continue
        size += len(data)
        data = _EMPTY.sub(b"\0\0", data)
        starts.append(at)
        names.append(name)
        parts.append(data)
        at += len(data) + len(_BETWEEN)
    run = _BETWEEN.join(parts)
    found = []
    for mark in marks:
        where = {
            names[bisect_right(starts, each) - 1] for form in mark.forms() if (each := run.find(form)) >= 0
        }
        found += [Sighting(mark.name, f"{place} {name} ") for name in sorted(where)]
    return found, size


def dump_of(conninfo: str) -> bytes:
    """データベースの書出し — as its superuser, who sees every row."""
    done = subprocess.run(
        [str(database_program("pg_dump")), "--dbname", conninfo, "--format=plain"],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout


def arguments_of_processes() -> bytes:
    """プロセスの引数 — what anyone on the machine can list."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(each.read_bytes())
        except OSError:
            continue
    return b"\n".join(found)
