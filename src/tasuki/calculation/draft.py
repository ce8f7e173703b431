# SPDX-License-Identifier: Apache-2.0
"""算定途中 — what one pass hands to the next; immutable, each pass makes a new one."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from dataclasses import fields as fields_of
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace as changed

from tasuki.calculation.base_fee import BASE_CODES, manner_of
from tasuki.calculation.statement import Line, LineKind
from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import VisitKind
from tasuki.kernel.because import Because, Verdict
from tasuki.kernel.once import once
from tasuki.masters.rows import Act, Drug, Material

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence

    from tasuki.calculation.base_fee import Manner
    from tasuki.calculation.case import Case
    from tasuki.kernel.finding import Finding

Priced = Act | Drug | Material
_GRANTED, _DENIED, _ADVISED = Verdict
# Of what passes keep of draft lines, units and sets of codes for the days of the same rows; a clinic's month has some hundred.
MOST_KEPT = 1024


def kind_of(row: Priced) -> LineKind:
    """レコード種別 — by the type of the row."""
    return _KINDS[type(row)]


_KINDS: dict[type, LineKind] = {Act: LineKind.ACT, Drug: LineKind.DRUG, Material: LineKind.MATERIAL}


class DraftLine(Struct, frozen=True, gc=False):
    """途中明細 — a code with its row, still standing."""

    row: Priced
    amount: Decimal | None = None
    because: tuple[Because, ...] = ()
    points: int = 0
    is_generic_name: bool = False
    unit_price_yen: Decimal | None = None

    @property
    def code(self) -> str:
        """コード — of the row."""
        return self.row.code

    @property
    def kind(self) -> LineKind:
        """レコード種別 — by the type of the row."""
        return kind_of(self.row)


class DraftUnit(Struct, frozen=True, gc=False):
    """途中の算定単位 — lines that will share a point value; ``section`` 診療識別.

    ``site`` is 部位; ``is_bundle`` marks a まるめ whose ``points`` is the bundle's; ``source`` the order kind, None when
    a rule proposed the unit.
    """

    section: str
    group: str
    lines: tuple[DraftLine, ...]
    times: int = 1
    points: int = 0
    order_id: str = ""
    source: OrderKind | None = None
    programme_ids: tuple[str, ...] | None = None
    is_bundle: bool = False
    yen: int = 0
    comments: tuple[tuple[str, str], ...] = ()
    site: str = ""


@dataclass(frozen=True, init=False)
class Draft:
    """算定途中 — the case and what stands, fell or was advised so far."""

    case: Case
    kind: VisitKind = VisitKind.AUTO
    kind_because: tuple[Because, ...] = ()
    units: Sequence[DraftUnit] = ()
    denied: tuple[Line, ...] = ()
    advised: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __init__(self, case: Case) -> None:
        self.__dict__.update(_EMPTY, case=case)

    @property
    def is_first(self) -> bool:
        """初診か — whether the visit was decided to be a first visit."""
        return self.kind is VisitKind.FIRST

    @once
    def manner(self) -> Manner:
        """診察の方法 — face to face, by telephone or online."""
        return manner_of(self.case, self.kind)

    def lines(self) -> Iterable[DraftLine]:
        """途中明細 — every standing line, in order."""
        for unit in self.units:
            yield from unit.lines

    @once
    def _codes(self) -> frozenset[str] | set[str]:
        return frozenset([line.row.code for unit in self.units for line in unit.lines])

    @once
    def _acts(self) -> Sequence[Act]:
        return tuple([line.row for unit in self.units for line in unit.lines if type(line.row) is Act])

    @once
    def sections(self) -> frozenset[str]:
        """区分番号の一覧 — of every standing act."""
        return frozenset([act.section for act in self._acts])

    @once
    def base(self) -> Act | None:
        """基本診療料の行 — the standing 初診料, 再診料 or 外来診療料."""
        if self._codes.isdisjoint(BASE_CODES):
            return None
        return next(act for act in self._acts if act.code in BASE_CODES)

    def codes(self) -> frozenset[str] | set[str]:
        """コード一覧 — of every standing line; a rule looks at them at its turn and keeps them no longer."""
        return self._codes

    def acts(self) -> Sequence[Act]:
        """診療行為 — the rows of every standing act, those proposed after the others; as long as :meth:`codes`."""
        return self._acts

    def having(self, **fields: object) -> Draft:
        """差し替え — the draft with other fields, as ``dataclasses.replace`` gives it but for half the price."""
        made = object.__new__(Draft)
        mine, known = self.__dict__, made.__dict__
        # One by one, which costs a third of a loop over them; all else is what a draft finds out about itself, and one of
        # other units finds out anew.
        known["case"], known["kind"], known["kind_because"] = mine["case"], mine["kind"], mine["kind_because"]
        known["units"], known["findings"] = mine["units"], mine["findings"]
        known["denied"], known["advised"] = mine["denied"], mine["advised"]
        known.update(fields)
        if "manner" in mine and "kind" not in fields:
            known["manner"] = mine["manner"]
        return made

    def without(self, codes: Collection[str], **fields: object) -> Draft:
        """除外 — the draft with other fields, in which no line of the codes stands: what is known of the rest stays."""
        left = self._codes.difference(codes)
        acts = tuple([act for act in self._acts if act.code in left])
        base = self.base
        made = self.having(**fields)
        known = made.__dict__
        known["_codes"], known["_acts"] = left, acts
        if base is not None and base.code in left:
            known["base"] = base
        return made

    @once
    def weighed(self) -> dict[object, Any]:
        """残る行為の控え — what passes find out of the set of standing codes alone, found once for the same codes."""
        known: dict[frozenset[str], dict[object, Any]] = self.case.book.kept("sets of codes")
        codes = frozenset(self._codes)
        found = known.get(codes)
        if found is None:
            if len(known) >= MOST_KEPT:
                known.clear()
            found = known[codes] = {}
        return found

    def with_units(self, units: Iterable[DraftUnit]) -> Draft:
        """差し替え — the draft with other units."""
        return self.having(units=tuple(units))

    def own(self) -> Draft:
        """写し — a draft that nobody else holds, which :meth:`add` may change in place until it is :meth:`shared`."""
        made = object.__new__(Draft)
        known = made.__dict__
        known.update(self.__dict__)
        known["_codes"], known["_acts"], known["units"] = set(self._codes), list(self._acts), list(self.units)
        return made

    def add(self, row: Priced, unit: DraftUnit, place: int | None = None) -> None:
        """追加 — a unit more, or another in a place, of which only this row is new; in a draft of one's own.

        What was found out of the other lines is completed by what the new row is.
        """
        known = self.__dict__
        code = row.code
        known["_codes"].add(code)
        known.pop("weighed", None)
        if place is None:
            known["units"].append(unit)
        else:
            known["units"][place] = unit
        if type(row) is Act:
            known["_acts"].append(row)
            if "sections" in known:
                del known["sections"]
            if code in BASE_CODES and self.base is None:
                known["base"] = row

    def shared(self) -> Draft:
        """手渡し — a draft of one's own as the next pass gets it: from here on nothing changes it."""
        known = self.__dict__
        known["_codes"], known["_acts"], known["units"] = (
            frozenset(known["_codes"]),
            tuple(known["_acts"]),
            tuple(known["units"]),
        )
        return self

    def add_told(self, told: Line | Finding, where: Literal["denied", "advised", "findings"]) -> None:
        """追加 — a denied or advised line or a finding more, in a draft of one's own."""
        known = self.__dict__
        known[where] = (*known[where], told)

    def with_fallen(self, *, denied: Sequence[Line] = (), advised: Sequence[Line] = ()) -> Draft:
        """明細の追加 — the draft with further denied and advised lines; what stands is the same."""
        if not denied and not advised:
            return self
        made = object.__new__(Draft)
        known = made.__dict__
        known.update(self.__dict__)
        known["denied"] = (*self.denied, *denied)
        known["advised"] = (*self.advised, *advised)
        return made

    def with_findings(self, findings: Iterable[Finding]) -> Draft:
        """指摘の追加 — the draft with further findings."""
        return self.having(findings=(*self.findings, *findings))

    def deny(
        self,
        is_denied: Callable[[DraftUnit, DraftLine], Because | None],
        codes: Container[str] | None = None,
    ) -> Draft:
        """算定不可 — moves each line for which a reason is given to the denied lines; of certain codes, when named.

        Units left without lines vanish; the order of the rest is kept.
        """
        units: list[DraftUnit] = []
        denied: list[Line] = []
        for unit in self.units:
            if codes is not None and not [line for line in unit.lines if line.row.code in codes]:
                units.append(unit)
                continue
            kept: list[DraftLine] = []
            for line in unit.lines:
                reason = is_denied(unit, line)
                if reason is None:
                    kept.append(line)
                else:
                    denied.append(fallen(line, reason))
            if len(kept) == len(unit.lines):
                units.append(unit)
            elif kept:
                units.append(changed(unit, lines=tuple(kept)))
        if not denied:
            return self
        return self.having(units=tuple(units), denied=(*self.denied, *denied))

    def deny_codes(self, reasons: Mapping[str, Because]) -> Draft:
        """算定不可 — the same for every line of the codes, which leaves the units without them untouched."""
        if self._codes.isdisjoint(reasons):
            return self
        return self.deny(lambda _unit, line: reasons.get(line.row.code), reasons)


_EMPTY = {each.name: each.default for each in fields_of(Draft) if each.default is not MISSING}


def fallen(line: DraftLine, reason: Because) -> Line:
    """算定不可の明細 — a draft line as a denied or advised line, its reason last."""
    row = line.row
    because = (*line.because, reason)
    points = nominal_points(row)
    return Line(row.code, row.name, kind_of(row), line.amount, 0, reason.verdict, because, "", points)


def unborn(row: Priced, reason: Because) -> Line:
    """要確認の明細 — a line that was never drafted: advice, or a denial before proposal."""
    return Line(row.code, row.name, kind_of(row), None, 0, reason.verdict, (reason,), "", nominal_points(row))


def nominal_points(row: Priced) -> int:
    """表示点数 — the row's own points when it has plain points, else 0; for display only."""
    if isinstance(row, Act) and row.points_kind in (3, 8):
        return int(row.points)
    return 0


def granted(rule_id: str, cite: str, row: str = "", **facts: object) -> Because:
    """算定理由 — a short way to write a reason that grants."""
    return Because(rule_id, _GRANTED, tuple(facts.items()), cite, row)


def denied(rule_id: str, cite: str, row: str = "", **facts: object) -> Because:
    """算定不可の理由 — a short way to write a reason that denies; name the winner as ``lost_to``."""
    return Because(rule_id, _DENIED, tuple(facts.items()), cite, row)


def advised(rule_id: str, cite: str, row: str = "", **facts: object) -> Because:
    """要確認の理由 — a short way to write a reason that asks a human."""
    return Because(rule_id, _ADVISED, tuple(facts.items()), cite, row)
