# SPDX-License-Identifier: Apache-2.0
"""スターターセット — the small book that ships with the project: common outpatient care, R6 and R8.

The one place where the library opens files: its own package data, through importlib.resources.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from tasuki.masters import tsv
from tasuki.masters.book import Book, Tables
from tasuki.masters.revisions import revision
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
)

if TYPE_CHECKING:
    import msgspec

    S = TypeVar("S", bound=msgspec.Struct)

R6_SOURCE = "スターターセット 令和6年度改定"
R8_SOURCE = "スターターセット 令和8年度改定（電子点数表は令和6年度から引継ぎ）"


@cache
def load_starter() -> Book:
    """スターターの本 — the starter set as a Book, made once a process."""
    return Book(starter_tables())


@cache
def starter_tables() -> Tables:
    """スターターの表 — the tables the starter book is made from."""
    return Tables(
        revisions=(revision("R6", R6_SOURCE), revision("R8", R8_SOURCE)),
        acts=_read(Act, "acts") + _read(Act, "work_accident_acts"),
        drugs=_read(Drug, "drugs"),
        materials=_read(Material, "materials"),
        diseases=_read(Disease, "diseases"),
        modifiers=_read(Modifier, "modifiers"),
        comments=_read(Comment, "comments"),
        exclusions=_both_ways(_read_many(Exclusion, "exclusions", "other")),
        inclusion_parents=_read(InclusionParent, "inclusion_parents"),
        inclusion_members=_read_many(InclusionMember, "inclusion_members", "code"),
        limits=_read(CountLimit, "limits"),
        standard_members=_members(),
        standards=_read(Standard, "standards"),
    )


def _bytes(name: str) -> bytes:
    return files("tasuki.masters.starter").joinpath(f"{name}.tsv").read_bytes()


def _read(kind: type[S], name: str) -> tuple[S, ...]:
    return tsv.decode(kind, _bytes(name), f"starter/{name}.tsv")


def _read_many(kind: type[S], name: str, many: str) -> tuple[S, ...]:
    return tsv.decode_many(kind, _bytes(name), many, f"starter/{name}.tsv")


def mirrored(pair: Exclusion) -> Exclusion:
    """背反の逆 — the same pair seen from the other code."""
    keep = {1: 2, 2: 1, 3: 3}[pair.keep]
    return Exclusion(pair.window, pair.other, pair.code, keep, pair.is_special, pair.validity)


def _both_ways(pairs: tuple[Exclusion, ...]) -> tuple[Exclusion, ...]:
    return pairs + tuple(map(mirrored, pairs))


def _members() -> tuple[tuple[str, str], ...]:
    _, *lines = _bytes("standard_members").decode().splitlines()
    return tuple((standard, member) for standard, member in (line.split("\t") for line in lines))
