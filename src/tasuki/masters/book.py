# SPDX-License-Identifier: Apache-2.0
"""点数表の本 — every dated row in one immutable value; ask ``book.at(day)``.

There is no "latest" anywhere: a day outside the loaded revisions raises :class:`OutOfBook`, an
unknown or ended code raises :class:`UnknownCode` or :class:`EndedCode`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tasuki.kernel.validity import Validity
from tasuki.masters.rows import (
    Act,
    Comment,
    CountLimit,
    Disease,
    Drug,
    Exclusion,
    GenericName,
    InclusionMember,
    InclusionParent,
    InpatientAddition,
    Material,
    Modifier,
    RequiredComment,
    Standard,
    WardFee,
    Window,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date

    from tasuki.masters.rows import Row

R = TypeVar("R", bound="Row")
F = TypeVar("F")
Priced = Act | Drug | Material
# Days that are kept; a service may be asked for any day of ten years.
MOST_DAYS = 400


class OutOfBook(LookupError):
    """改定範囲外 — the day lies outside every loaded revision."""

    def __init__(self, day: date, revisions: tuple[Revision, ...]) -> None:
        self.day = day
        self.revisions = revisions
        super().__init__(f"{day} lies outside {[r.name for r in revisions]}")


class UnknownCode(LookupError):
    """未知のコード — no row carries the code on any day."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class EndedCode(LookupError):
    """失効コード — the code exists, but not on this day."""

    def __init__(self, code: str, day: date, known: tuple[Validity, ...]) -> None:
        self.code = code
        self.day = day
        self.known = known
        super().__init__(f"{code} on {day}; known {known}")


class Revision(NamedTuple):
    """改定 — a loaded generation of the fee table, and where it came from."""

    name: str
    validity: Validity
    source: str = ""


class Tables(NamedTuple):
    """表一式 — everything a Book is compiled from."""

    revisions: tuple[Revision, ...] = ()
    acts: tuple[Act, ...] = ()
    drugs: tuple[Drug, ...] = ()
    materials: tuple[Material, ...] = ()
    diseases: tuple[Disease, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    comments: tuple[Comment, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    inclusion_parents: tuple[InclusionParent, ...] = ()
    inclusion_members: tuple[InclusionMember, ...] = ()
    limits: tuple[CountLimit, ...] = ()
    required_comments: tuple[RequiredComment, ...] = ()
    # 名寄せ: the standard a row asks for → the filed standards that satisfy it.
    standard_members: tuple[tuple[str, str], ...] = ()
    ward_additions: tuple[InpatientAddition, ...] = ()
    ward_fees: tuple[WardFee, ...] = ()
    standards: tuple[Standard, ...] = ()
    generic_names: tuple[GenericName, ...] = ()


# Each table of a Book → the field of Tables it is made of, and by which field its rows are found.
KEYS: Mapping[str, tuple[str, str]] = {
    "acts": ("acts", "code"),
    "drugs": ("drugs", "code"),
    "materials": ("materials", "code"),
    "diseases": ("diseases", "code"),
    "modifiers": ("modifiers", "code"),
    "comments": ("comments", "code"),
    "generic_names": ("generic_names", "code"),
    "exclusions": ("exclusions", "code"),
    "parents": ("inclusion_parents", "code"),
    "members": ("inclusion_members", "group"),
    "limits": ("limits", "code"),
    "required_comments": ("required_comments", "act_code"),
    "ward_additions": ("ward_additions", "group"),
    "ward_fees": ("ward_fees", "code"),
}
# Tables of dated rows of one code; the others are read whole and filtered by day.
_DATED = ("acts", "drugs", "materials", "diseases", "modifiers", "comments", "generic_names")


class Book:
    """点数表の本 — immutable; made once, shared by every calculation.

    Made of :class:`Tables`, or of a store whose tables are opened when they are first asked for
    (``opener`` gives the table of a name in :data:`KEYS`, "standards" or "standard_members", ``edges`` are those of
    :func:`edges_of`; without them no day is known to have the rows of another).
    """

    __slots__ = (
        "_days",
        "_edges",
        "_kept",
        "_opener",
        "_shelves",
        *KEYS,
        "parent_codes",
        "partners",
        "revisions",
        "standard_members",
        "standards",
    )

    revisions: tuple[Revision, ...]
    acts: Mapping[str, tuple[Act, ...]]
    drugs: Mapping[str, tuple[Drug, ...]]
    materials: Mapping[str, tuple[Material, ...]]
    diseases: Mapping[str, tuple[Disease, ...]]
    modifiers: Mapping[str, tuple[Modifier, ...]]
    comments: Mapping[str, tuple[Comment, ...]]
    generic_names: Mapping[str, tuple[GenericName, ...]]
    exclusions: Mapping[str, tuple[Exclusion, ...]]
    parents: Mapping[str, tuple[InclusionParent, ...]]
    members: Mapping[str, tuple[InclusionMember, ...]]
    limits: Mapping[str, tuple[CountLimit, ...]]
    required_comments: Mapping[str, tuple[RequiredComment, ...]]
    ward_additions: Mapping[str, tuple[InpatientAddition, ...]]
    ward_fees: Mapping[str, tuple[WardFee, ...]]
    standard_members: Mapping[str, tuple[str, ...]]
    standards: Mapping[str, Standard]
    parent_codes: frozenset[str]
    partners: Partners

    def __init__(
        self,
        tables: Tables | tuple[Revision, ...],
        opener: Callable[[str], Any] | None = None,
        edges: tuple[date, ...] = (),
    ) -> None:
        self._days: dict[date, DayBook] = {}
        self._shelves: dict[int, Shelf] = {}
        self._kept: dict[Callable[[Book], Any], Any] = {}
        self.partners = Partners(self)
        if isinstance(tables, Tables):
            self.revisions = tables.revisions
            self._opener = _opener(tables)
            self._edges = edges_of(tables)
        else:
            assert opener is not None
            self.revisions = tables
            self._opener = opener
            self._edges = edges

    def __getattr__(self, name: str) -> Any:
        """A table nobody has asked for yet."""
        if name == "parent_codes":
            found: Any = frozenset(self.parents.keys())
        elif name in KEYS or name in ("standards", "standard_members"):
            found = self._opener(name)
        else:
            raise AttributeError(name)
        setattr(self, name, found)
        return found

    def kept(self, find: Callable[[Book], F]) -> F:
        """控え — what a reader finds out once of the whole book; it goes with the book."""
        found = self._kept.get(find)
        if found is None:
            found = self._kept[find] = find(self)
        return found

    def at(self, day: date) -> DayBook:
        """診療日の点数表 — the book as it stands on a day.

        Raises :class:`OutOfBook` when no loaded revision covers the day.
        """
        found = self._days.get(day)
        if found is None:
            revision = next((r for r in self.revisions if day in r.validity), None)
            if revision is None:
                raise OutOfBook(day, self.revisions)
            if len(self._days) >= MOST_DAYS:
                self._days.clear()
            found = self._days[day] = DayBook(self, day, revision, self._shelf(day))
        return found

    def _shelf(self, day: date) -> Shelf:
        """That of the days since the last edge: no row begins or ends between two of them."""
        if not self._edges:
            return Shelf()
        return self._shelves.setdefault(bisect_right(self._edges, day), Shelf())


def edges_of(tables: Tables) -> tuple[date, ...]:
    """行の変わり目 — every day on which a row begins to count or no longer does, in their order."""
    dated: set[Validity] = set()
    for name in Tables._fields:
        if name not in _UNDATED:
            dated.update(row.validity for row in getattr(tables, name))
    ends = {validity.until + timedelta(days=1) for validity in dated if validity.until is not None}
    return tuple(sorted(ends.union(validity.since for validity in dated)))


_UNDATED = ("standard_members", "standards")


def once_a_book(find: Callable[[Book], F]) -> Callable[[Book], F]:
    """一冊に一度 — a reader of the whole book whose answer is kept with it, and not beyond it as a cache of its own would."""

    @wraps(find)
    def found(book: Book) -> F:
        return book.kept(find)

    return found


class Partners(dict[str, frozenset[str]]):
    """背反の相手 — every code that a code excludes or loses to on some day, found when it is first asked for."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def __missing__(self, code: str) -> frozenset[str]:
        """The partners of a code, kept."""
        found = self[code] = frozenset([pair.other for pair in self._book.exclusions.get(code, ())])
        return found


class Shelf:
    """行の棚 — what was looked up in the book, for days that have the same rows."""

    __slots__ = ("diseases", "groups", "kept", "limits", "rows", "specials")

    def __init__(self) -> None:
        self.rows: dict[str, Priced] = {}
        self.diseases: dict[str, Disease] = {}
        self.groups: dict[str, tuple[InclusionParent, ...]] = {}
        self.limits: dict[str, tuple[CountLimit, ...]] = {}
        self.specials: dict[str, Mapping[str, bool]] = {}
        self.kept: dict[str, dict[Any, Any]] = {}


class DayBook:
    """診療日の点数表 — the rows valid on one day."""

    __slots__ = ("_cache", "_diseases", "_groups", "_kept", "_limits", "_specials", "book", "day", "revision")

    def __init__(self, book: Book, day: date, revision: Revision, shelf: Shelf) -> None:
        self.book = book
        self.day = day
        self.revision = revision
        self._cache = shelf.rows
        self._diseases = shelf.diseases
        self._groups = shelf.groups
        self._limits = shelf.limits
        self._specials = shelf.specials
        self._kept = shelf.kept

    def kept(self, name: str) -> dict[Any, Any]:
        """控え — what a reader of rows finds out about them once, under the name of the reader.

        Of the rows alone: other days that have the same rows find it here too.
        """
        found = self._kept.get(name)
        if found is None:
            found = self._kept[name] = {}
        return found

    def item(self, code: str) -> Priced:
        """診療行為・医薬品・特定器材 — the priced row of a nine-digit code, by its first digit.

        Raises :class:`UnknownCode` or :class:`EndedCode`.
        """
        row = self._cache.get(code)
        if row is None:
            table: Mapping[str, tuple[Priced, ...]] = (
                self.book.drugs
                if code[:1] == "6"
                else self.book.materials
                if code[:1] == "7"
                else self.book.acts
            )
            row = self._cache[code] = self._valid(table, code)
        return row

    def act(self, code: str) -> Act:
        """診療行為 — the row of a code. Raises :class:`UnknownCode` or :class:`EndedCode`."""
        return self._valid(self.book.acts, code)

    def has(self, code: str) -> bool:
        """収載の有無 — whether a priced code is usable on this day."""
        try:
            self.item(code)
        except (UnknownCode, EndedCode):
            return False
        return True

    def drug(self, code: str) -> Drug:
        """医薬品 — the row of a code. Raises :class:`UnknownCode` or :class:`EndedCode`."""
        return self._valid(self.book.drugs, code)

    def material(self, code: str) -> Material:
        """特定器材 — the row of a code. Raises :class:`UnknownCode` or :class:`EndedCode`."""
        return self._valid(self.book.materials, code)

    def disease(self, code: str) -> Disease:
        """傷病名 — the row of a code. Raises :class:`UnknownCode` or :class:`EndedCode`."""
        row = self._diseases.get(code)
        if row is None:
            row = self._diseases[code] = self._valid(self.book.diseases, code)
        return row

    def modifier(self, code: str) -> Modifier:
        """修飾語 — the row of a code. Raises :class:`UnknownCode` or :class:`EndedCode`."""
        return self._valid(self.book.modifiers, code)

    def comment(self, code: str) -> Comment:
        """コメント — the row of a code. Raises :class:`UnknownCode` or :class:`EndedCode`."""
        return self._valid(self.book.comments, code)

    def has_comment(self, code: str) -> bool:
        """コメントの有無 — whether a comment can be recorded on this day."""
        return any(self.day in row.validity for row in self.book.comments.get(code, ()))

    def exclusions(self, code: str, window: Window) -> tuple[Exclusion, ...]:
        """背反 — the pairs of a code within a window that count on this day."""
        rows = self.book.exclusions.get(code, ())
        return tuple(e for e in rows if e.window == window and self.day in e.validity)

    def exclusions_with(self, code: str, *others: Collection[str]) -> tuple[Exclusion, ...]:
        """背反の相手 — the pairs of a code whose other code is in one of the collections, on this day."""
        partners = self.book.partners[code]
        if not partners or all(partners.isdisjoint(each) for each in others):
            return ()
        return tuple(
            e
            for e in self.book.exclusions[code]
            if self.day in e.validity and any(e.other in each for each in others)
        )

    def inclusion_groups(self, code: str) -> tuple[InclusionParent, ...]:
        """包括 — the groups that an act includes on this day."""
        found = self._groups.get(code)
        if found is None:
            rows = self.book.parents.get(code, ())
            found = self._groups[code] = tuple(p for p in rows if self.day in p.validity)
        return found

    @property
    def parent_codes(self) -> frozenset[str]:
        """包括する行為の一覧 — the codes that include others on some day."""
        return self.book.parent_codes

    def inclusion_specials(self, group: str) -> Mapping[str, bool]:
        """被包括と特例条件 — the acts of a group on this day, each with whether a human must decide."""
        found = self._specials.get(group)
        if found is None:
            found = self._specials[group] = {m.code: m.is_special for m in self.inclusion_members(group)}
        return found

    def inclusion_members(self, group: str) -> tuple[InclusionMember, ...]:
        """被包括 — the acts of a group on this day."""
        return tuple(m for m in self.book.members.get(group, ()) if self.day in m.validity)

    def limits(self, code: str) -> tuple[CountLimit, ...]:
        """算定回数 — every limit of a code on this day; all of them must hold."""
        found = self._limits.get(code)
        if found is None:
            rows = self.book.limits.get(code, ())
            found = self._limits[code] = tuple(limit for limit in rows if self.day in limit.validity)
        return found

    def required_comments(self, code: str) -> tuple[RequiredComment, ...]:
        """コメント関連 — the comments asked for with a code on this day."""
        return tuple(c for c in self.book.required_comments.get(code, ()) if self.day in c.validity)

    def satisfying_standards(self, standard: str) -> tuple[str, ...]:
        """名寄せ — the standard itself and the filed ones that stand for it."""
        return (standard, *self.book.standard_members.get(standard, ()))

    def _valid(self, table: Mapping[str, tuple[R, ...]], code: str) -> R:
        rows = table.get(code)
        if not rows:
            raise UnknownCode(code)
        for row in rows:
            if self.day in row.validity:
                return row
        raise EndedCode(code, self.day, tuple(row.validity for row in rows))


def _opener(tables: Tables) -> Callable[[str], Any]:
    """Each table grouped when it is first asked for."""

    def open_table(name: str) -> Any:
        if name == "standards":
            return {row.code: row for row in tables.standards}
        if name == "standard_members":
            return _grouped(tables.standard_members)
        field, key = KEYS[name]
        rows = getattr(tables, field)
        return _by_code(rows) if name in _DATED else _grouped((getattr(row, key), row) for row in rows)

    return open_table


def arranged(name: str) -> Callable[[list[Any]], tuple[Any, ...]]:
    """行の順 — how the rows of one code stand in a table of the Book."""
    return newest_first if name in _DATED else tuple


def newest_first(rows: list[R]) -> tuple[R, ...]:
    """新しい順 — because the days asked for are nearly always recent."""
    return tuple(sorted(rows, key=lambda row: row.validity.since, reverse=True))


def _by_code(rows: Iterable[R]) -> Mapping[str, tuple[R, ...]]:
    grouped: dict[str, list[R]] = defaultdict(list)
    for row in rows:
        grouped[row.code].append(row)
    return {code: newest_first(found) for code, found in grouped.items()}


V = TypeVar("V")


def _grouped(pairs: Iterable[tuple[str, V]]) -> Mapping[str, tuple[V, ...]]:
    grouped: dict[str, list[V]] = defaultdict(list)
    for key, value in pairs:
        grouped[key].append(value)
    return {key: tuple(values) for key, values in grouped.items()}
