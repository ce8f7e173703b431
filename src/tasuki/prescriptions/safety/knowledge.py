# SPDX-License-Identifier: Apache-2.0
"""医薬品知識 — the rows of every table, found by the drug they are about.

What the tables say of a drug is gathered once a product into a :class:`Profile`; a check then only meets small sets.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.kana import search_key
from tasuki.prescriptions.safety.reading import TABLES, read_table
from tasuki.prescriptions.safety.rows import (
    AgeCaution,
    AllergyClass,
    DiseaseCaution,
    DoseLimit,
    GroupKind,
    GroupMember,
    Interaction,
    KidneyCaution,
    StateCaution,
    Strength,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tasuki.prescriptions.safety.person import Allergy

_HEAD_LENGTHS = (3, 4, 7, 8, 9, 12)
_INGREDIENT = 7
# Products there are some twenty thousand of; what is asked beyond that is not kept.
_MOST_PROFILES = 50_000


class KnowledgeTables(NamedTuple):
    """医薬品知識の表一式 — rows by table."""

    groups: tuple[GroupMember, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    diseases: tuple[DiseaseCaution, ...] = ()
    doses: tuple[DoseLimit, ...] = ()
    strengths: tuple[Strength, ...] = ()
    ages: tuple[AgeCaution, ...] = ()
    states: tuple[StateCaution, ...] = ()
    kidney: tuple[KidneyCaution, ...] = ()
    allergies: tuple[AllergyClass, ...] = ()


class Profile(NamedTuple):
    """薬の知識 — everything the tables say of one product.

    ``tokens`` are all its names in the tables; ``same`` those whose sharing makes a duplicate: ingredients and classes.
    """

    tokens: frozenset[str]
    same: frozenset[str]
    keys: frozenset[str]
    ingredients: frozenset[str]
    classes: frozenset[str]
    partners: Mapping[str, tuple[Interaction, ...]]
    diseases: Mapping[str, tuple[DiseaseCaution, ...]]
    doses: tuple[DoseLimit, ...]
    strengths: tuple[Strength, ...]
    ages: tuple[AgeCaution, ...]
    states: tuple[StateCaution, ...]
    kidney: tuple[KidneyCaution, ...]


class Knowledge:
    """医薬品知識 — immutable; made once, shared by every check."""

    def __init__(self, tables: KnowledgeTables) -> None:
        self.tables = tables
        self._groups: dict[str, list[GroupMember]] = defaultdict(list)
        for member in tables.groups:
            self._groups[member.head].append(member)
        self._pairs: dict[str, dict[str, list[Interaction]]] = defaultdict(lambda: defaultdict(list))
        for row in tables.interactions:
            for one in row.drug.split("|"):
                for other in row.other.split("|"):
                    self._pairs[one][other].append(row)
                    if one != other:
                        self._pairs[other][one].append(row)
        self._rows: dict[str, dict[str, list[Any]]] = {}
        for name in ("diseases", "doses", "strengths", "ages", "states", "kidney"):
            found = self._rows[name] = defaultdict(list)
            for each in getattr(tables, name):
                for token in (each.head if name == "strengths" else each.drug).split("|"):
                    found[token].append(each)
        self._tokens = {*self._pairs, *(token for found in self._rows.values() for token in found)}
        self._tokens |= {token for row in tables.allergies for token in (*row.drug.split("|"), row.allergen)}
        self._allergen_words = tuple(
            (row, tuple(search_key(word) for word in row.words.split("|") if word))
            for row in tables.allergies
        )
        self._profiles: dict[tuple[str, str], Profile] = {}

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.tables)

    def joined(self, other: Knowledge) -> Knowledge:
        """合わせた医薬品知識 — the rows of both, a row that stands in both once."""
        both: dict[str, Any] = {
            name: tuple(dict.fromkeys((*getattr(self.tables, name), *getattr(other.tables, name))))
            for name in KnowledgeTables._fields
        }
        return Knowledge(KnowledgeTables(**both))

    def profile(self, code: str, ingredient: str) -> Profile:
        """薬の知識 — of a product, by its code of nine digits and its 薬価基準収載医薬品コード; either may be empty."""
        found = self._profiles.get((code, ingredient))
        if found is None:
            if len(self._profiles) >= _MOST_PROFILES:
                self._profiles.clear()
            found = self._profiles[(code, ingredient)] = self._gathered(code, ingredient)
        return found

    def allergy_rows(self, allergy: Allergy) -> Iterator[AllergyClass]:
        """アレルギー群の行 — those an allergy stands for, by its words or the drug it names."""
        key = search_key(allergy.substance)
        keys = (
            self.profile(allergy.code, allergy.ingredient).keys if allergy.code or allergy.ingredient else ()
        )
        for row, words in self._allergen_words:
            if row.allergen in keys or any(word in key for word in words):
                yield row

    def _gathered(self, code: str, ingredient: str) -> Profile:
        heads = [ingredient[:length] for length in _HEAD_LENGTHS if len(ingredient) >= length]
        heads += [code] if code else []
        members = [member for head in heads for member in self._groups.get(head, ())]
        keys = {*(head for head in heads if head in self._tokens), *(member.group for member in members)}
        partners: dict[str, list[Interaction]] = defaultdict(list)
        diseases: dict[str, list[DiseaseCaution]] = defaultdict(list)
        for key in sorted(keys):
            for other, rows in self._pairs.get(key, {}).items():
                partners[other] += [row for row in rows if row not in partners[other]]
            for row in self._rows["diseases"].get(key, ()):
                for disease in disease_heads(row.disease):
                    diseases[disease].append(row)
        own = {ingredient[:_INGREDIENT]} if len(ingredient) >= _INGREDIENT else {code} if code else set()
        ingredients = frozenset(own | {m.group for m in members if m.kind is GroupKind.INGREDIENT})
        classes = frozenset(m.group for m in members if m.kind is GroupKind.CLASS)
        return Profile(
            tokens=ingredients | keys,
            same=ingredients | classes,
            keys=frozenset(keys),
            ingredients=ingredients,
            classes=classes,
            partners={key: tuple(rows) for key, rows in partners.items()},
            diseases={key: tuple(rows) for key, rows in diseases.items()},
            **{name: self._of(name, keys if name != "strengths" else set(heads))
               for name in ("doses", "strengths", "ages", "states", "kidney")},
        )  # fmt: skip

    def _of(self, name: str, keys: Iterable[str]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(row for key in sorted(keys) for row in self._rows[name].get(key, ())))


def disease_heads(cell: str) -> Iterator[str]:
    """病名の鍵 — each head or code of a cell, a range spelled out.

    >>> list(disease_heads("H402|N17-N19|8839991"))
    ['H402', 'N17', 'N18', 'N19', '8839991']
    """
    for key in cell.split("|"):
        first, dash, last = key.partition("-")
        if not dash:
            yield key
            continue
        for number in range(int(first[1:]), int(last[1:]) + 1):
            yield f"{first[0]}{number:02}"


def read_knowledge(files: Mapping[str, bytes], beside: Knowledge | None = None) -> Knowledge:
    """医薬品知識の読取り — from tables of our own layout by file name (``interactions.tsv`` …), in any folder.

    Groups of ``beside`` may be named too, for rows that will be joined to it. Raises :class:`BadInput` naming file, row and column, or telling that no table was given.
    """
    given = {name.rpartition("/")[2].removesuffix(".tsv"): (name, data) for name, data in files.items()}
    if not set(given) & set(TABLES):
        names = "、".join(f"{name}.tsv" for name in TABLES)
        where = Where(next(iter(files), ""))
        raise BadInput(
            [Finding("RX-K-08", Severity.BLOCK, where, "prescription.safety.RX-K-08", {"names": names})]
        )
    name, data = given.get("groups", ("", b""))
    members = read_table(GroupMember, data, name, ()) if name else ()
    known = (*members, *(beside.tables.groups if beside else ()))
    groups = {member.group for member in known}
    found: dict[str, Any] = {"groups": members}
    findings: list[Finding] = []
    for table, kind in TABLES.items():
        if table == "groups" or table not in given:
            continue
        try:
            found[table] = read_table(kind, given[table][1], given[table][0], groups)
        except BadInput as bad:
            findings += bad.findings
    if findings:
        raise BadInput(findings)
    return Knowledge(KnowledgeTables(**found))
