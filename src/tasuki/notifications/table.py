# SPDX-License-Identifier: Apache-2.0
"""届出対象の感染症の表 — one row a disease and version of its form; asked by day, never "the latest".

Cite: 感染症法 第6条・第12条; 届出対象の一覧（2023-05-26施行）
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.validity import Validity
from tasuki.notifications.words import Category, Deadline, Part, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

SEVEN_DAYS = timedelta(days=7)


# Boxes that can be filled in words where their items are not known.
_WORDED = (Part.SYMPTOM, Part.METHOD, Part.CAUSE)


class Item(NamedTuple):
    """疾患ごとの項目 — a box to tick: its code within the part, the specimens it may name, and what it asks in words.

    ``source`` names a row of ``data/sources.tsv``. Where that is 届出基準, the item is what a doctor must have seen or done
    to report; the order and the words of the sheet were not seen.
    """

    part: Part
    code: str
    label: str
    specimens: tuple[str, ...] = ()
    ask: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Disease:
    """届出対象の感染症 — one version of one disease's form.

    ``has_identity`` says whether the form asks who the person is; where it does not, a notice must not tell. ``items``
    are empty where the form's own items are not known here: it then has the boxes common to all, to be filled in words.
    """

    code: str
    category: Category
    form: str
    name: str
    deadline: Deadline
    has_identity: bool
    subjects: tuple[Subject, ...]
    validity: Validity
    icd10: tuple[str, ...] = ()
    note: str = ""
    source: str = ""
    items: tuple[Item, ...] = field(default=())

    def items_of(self, part: Part) -> tuple[Item, ...]:
        """欄の項目 — in the order of the form; empty where they are not known."""
        return tuple(each for each in self.items if each.part is part)

    def item(self, part: Part, code: str) -> Item | None:
        """項目 — of a part by its code."""
        return next((each for each in self.items if each.part is part and each.code == code), None)

    @property
    def parts_in_words(self) -> tuple[Part, ...]:
        """文章で書く欄 — boxes of which no item is known here."""
        return tuple(part for part in _WORDED if not self.items_of(part))

    @property
    def is_common(self) -> bool:
        """共通の欄だけの様式か — none of its own symptoms, methods or causes is known here."""
        return self.parts_in_words == _WORDED

    @property
    def is_by_criteria(self) -> bool:
        """届出基準から作った項目があるか — said on screen, since the sheet of the ministry may stand otherwise."""
        return any(each.source.startswith(("届出基準", "報告基準")) for each in self.items)

    @property
    def short_name(self) -> str:
        """略称 — without the conditions in brackets, for lists."""
        return self.name.split("（")[0] if self.code not in _NAMED_BY_BRACKETS else self.name

    def due_on(self, diagnosed_on: date) -> date:
        """届出の期限日 — the day of the diagnosis itself, or the seventh day after it (初日不算入).

        A last day that is a holiday is not moved: the earlier day is the safe one.

        Cite: 感染症法 第12条第1項; 民法 第140条

        >>> builtin_table().disease("syphilis", date(2026, 6, 1)).due_on(date(2026, 6, 1))
        datetime.date(2026, 6, 8)
        """
        return diagnosed_on if self.deadline is Deadline.IMMEDIATE else diagnosed_on + SEVEN_DAYS


# Told apart by what stands in brackets.
_NAMED_BY_BRACKETS = frozenset({"avian_h5n1", "avian_h7n9"})


class OutOfTable(LookupError):
    """表の範囲外 — the day lies before every row, or no row of that name counts on it."""


class NotifiableTable:
    """届出対象の感染症の表 — the rows, by day."""

    def __init__(self, diseases: Iterable[Disease]) -> None:
        self.diseases = tuple(diseases)

    def at(self, day: date) -> tuple[Disease, ...]:
        """その日の届出対象 — in the order of the law. Raises :class:`OutOfTable` for a day before the table."""
        found = tuple(each for each in self.diseases if day in each.validity)
        if not found:
            raise OutOfTable(f"{day}")
        return found

    def disease(self, code: str, day: date) -> Disease:
        """届出対象の感染症 — by code on a day. Raises :class:`OutOfTable`."""
        for each in self.diseases:
            if each.code == code and day in each.validity:
                return each
        raise OutOfTable(f"{code} {day}")

    def version(self, code: str, since: date) -> Disease:
        """様式の版 — the row that began on a day. Raises :class:`OutOfTable`."""
        for each in self.diseases:
            if each.code == code and each.validity.since == since:
                return each
        raise OutOfTable(f"{code} {since}")

    def proposed(self, icd10: Iterable[str], day: date) -> tuple[Disease, ...]:
        """届出の候補 — diseases whose ICD-10 codes begin those of a diagnosis: a proposal for the doctor, nothing more.

        >>> [each.code for each in builtin_table().proposed(["A043"], date(2026, 6, 1))]
        ['ehec']
        """
        given = tuple(each.replace(".", "") for each in icd10)
        return tuple(
            each
            for each in self.at(day)
            if any(code.startswith(prefix) for code in given for prefix in each.icd10)
        )

    def joined(self, others: Iterable[Disease]) -> NotifiableTable:
        """表の重ね合わせ — an imported version of a form replaces ours from its first day on."""
        rows = list(self.diseases)
        for new in others:
            rows = [each for row in rows for each in _cut(row, new)]
            rows.append(new)
        order = {code: place for place, code in enumerate(dict.fromkeys(each.code for each in rows))}
        return NotifiableTable(sorted(rows, key=lambda each: (order[each.code], each.validity.since)))


def _cut(row: Disease, new: Disease) -> list[Disease]:
    """What is left of a row when a new version of the same disease counts from its day on."""
    if row.code != new.code or not row.validity.overlaps(new.validity):
        return [row]
    if row.validity.since >= new.validity.since:
        return []
    before = Validity(row.validity.since, new.validity.since - timedelta(days=1))
    return [replace(row, validity=before)]


@cache
def builtin_table() -> NotifiableTable:
    """組込みの表 — the package's own rows; a form has a new version from each day on which items were added to it."""
    items: dict[str, list[tuple[date | None, Item]]] = {}
    for cells in _rows("items.tsv"):
        made = Item(
            Part(cells["part"]),
            cells["code"],
            cells["label"],
            _many(cells["specimens"]),
            cells["ask"],
            cells["source"],
        )
        items.setdefault(cells["disease"], []).append((_day(cells["since"]), made))
    found = [
        version
        for cells in _rows("diseases.tsv")
        for version in _versions(_disease(cells), items.pop(cells["code"], []))
    ]
    assert not items, "items of a disease that has no row"
    return NotifiableTable(found)


def _disease(cells: dict[str, str]) -> Disease:
    since, until = _day(cells["since"]), _day(cells["until"])
    assert since is not None, cells["code"]
    return Disease(
        code=cells["code"],
        category=Category(cells["category"]),
        form=cells["form"],
        name=cells["name"],
        deadline=Deadline(cells["deadline"]),
        has_identity=cells["identity"] == "1",
        subjects=tuple(Subject(each) for each in _many(cells["subjects"])),
        validity=Validity(since, until),
        icd10=_many(cells["icd10"]),
        note=cells["note"],
        source=cells["source"],
    )


def _versions(row: Disease, items: list[tuple[date | None, Item]]) -> list[Disease]:
    """The row cut at each day on which items were added: a notice keeps the form it was signed on."""
    first = row.validity.since
    starts = sorted({first, *(since for since, _ in items if since and since in row.validity)})
    ends = [*(each - timedelta(days=1) for each in starts[1:]), row.validity.until]
    return [
        replace(
            row,
            validity=Validity(since, until),
            items=tuple(item for added, item in items if added is None or added <= since),
        )
        for since, until in zip(starts, ends, strict=True)
    ]


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("tasuki.notifications") / "data" / name).read_text("utf-8")
    header, *lines = text.rstrip("\n").split("\n")
    columns = header.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def _many(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()
