# SPDX-License-Identifier: Apache-2.0
"""算定条件 — what each row itself asks: setting, kind of institution, age, notified standards."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tasuki.calculation.ages import is_within_ages
from tasuki.calculation.draft import MOST_KEPT, denied
from tasuki.calculation.ready_lines import ready_lines
from tasuki.chart.coverage import InsuranceKind
from tasuki.facility.institution import InstitutionKind
from tasuki.kernel.because import Because, Verdict
from tasuki.masters.rows import WORK_ACCIDENT_CODES, Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft, DraftLine, DraftUnit
    from tasuki.calculation.ready_lines import ReadyLines
    from tasuki.calculation.statement import Line

CITE = "医科診療行為マスター"


class Failure(Struct, frozen=True, gc=False):
    """不適合 — why an act fails where it was ordered, and what is said where it was only proposed."""

    ordered: Because
    proposed: Because


def apply_conditions(draft: Draft) -> Draft:
    """算定条件 — an ordered act that fails is denied; a proposed one becomes advice of what is missing."""
    case = draft.case
    failed: dict[str, Failure] = {}
    known = case.premises.kept_on(case.book.day)
    fine: set[str] = known.setdefault(_FINE, set())
    for code in draft.codes() - fine:
        failure = known.get(code) or _answer(case, code, known, fine)
        if failure is not None:
            failed[code] = failure
    if not failed:
        return draft
    sifted: dict[int, Sifted] = known.setdefault(_SIFTED, {})
    ready = ready_lines(case.book)
    advice: list[Line] = []
    fell: list[Line] = []
    units: list[DraftUnit] = []
    for unit in draft.units:
        found = sifted.get(id(unit))
        if found is None or found.unit is not unit:
            failing = [line for line in unit.lines if line.row.code in failed]
            if not failing:
                units.append(unit)
                continue
            found = _sift(unit, failing, failed, ready)
            if ready.holds(unit) and all(
                line.row.code in fine or line.row.code in known for line in unit.lines
            ):
                if len(sifted) >= MOST_KEPT:
                    sifted.clear()
                sifted[id(unit)] = found
        if found.left is not None:
            units.append(found.left)
        fell += found.fell
        advice += found.advice
    return draft.without(
        failed, units=tuple(units), denied=(*draft.denied, *fell), advised=(*draft.advised, *advice)
    )


class Sifted(Struct, frozen=True, gc=False):
    """条件を通した算定単位 — what is left of a unit, None for nothing, and its lines that fell or became advice."""

    unit: DraftUnit
    left: DraftUnit | None
    fell: tuple[Line, ...]
    advice: tuple[Line, ...]


def _sift(unit: DraftUnit, failing: list[DraftLine], failed: dict[str, Failure], ready: ReadyLines) -> Sifted:
    reasons = [failed[line.row.code] for line in failing]
    lines = [
        ready.fall(line, reason.ordered if unit.order_id else reason.proposed)
        for line, reason in zip(failing, reasons, strict=True)
    ]
    return Sifted(
        unit,
        ready.leave(unit, failing) if len(failing) < len(unit.lines) else None,
        tuple([line for line in lines if line.verdict is not _ADVISED]),
        tuple([line for line in lines if line.verdict is _ADVISED]),
    )


_ADVISED = Verdict.ADVISED
_BY_WORK_ACCIDENTS = frozenset({InsuranceKind.WORK_ACCIDENT, InsuranceKind.TRAFFIC_ACCIDENT})
_FINE = "codes without an open condition"
# Units that rules propose again and again and whose rows ask nothing of the patient: what is left of each.
_SIFTED = "units without the lines that fail"
_NO_ACTS = ("6", "7")  # first digits of drugs and materials


def _answer(case: Case, code: str, known: dict[str, Any], fine: set[str]) -> Failure | None:
    """What asks nothing of the patient is answered once for an institution and a day; only acts have conditions."""
    row = case.book.item(code) if code[:1] not in _NO_ACTS else None
    if not isinstance(row, Act):
        fine.add(code)
        return None
    is_of_accidents = row.code.startswith(WORK_ACCIDENT_CODES)
    if is_of_accidents and not _may_follow_work_accidents(case):
        return _failure(denied("table/payer", "労災診療費算定基準", row.code))
    reason = _failed(case, row)
    failure = None if reason is None else _failure(reason)
    if not is_of_accidents and row.elderly == "0" and (row.age_from, row.age_to) == ("00", "00"):
        if failure is None:
            fine.add(code)
        else:
            known[code] = failure
    return failure


def _failure(reason: Because) -> Failure:
    """Of what is proposed, a standard that is not notified is only pointed out."""
    if reason.rule_id != "table/standard":
        return Failure(reason, reason)
    return Failure(reason, reason._replace(verdict=_ADVISED))


def _may_follow_work_accidents(case: Case) -> bool:
    """労災保険・自賠責 — no other payer pays what the table of 労災 alone has; 自賠責 by its contract (新基準).

    Cite: 労災診療費算定基準; 自動車損害賠償責任保険診療費算定基準（新基準）
    """
    insurance = case.visit.coverage.insurance
    return insurance is not None and insurance.kind in _BY_WORK_ACCIDENTS


def _failed(case: Case, row: Act) -> Because | None:
    if row.setting == "1":
        return denied("table/setting", f"{CITE} col 13 入外適用区分", row.code)
    if row.facility_kind in _KINDS and _KINDS[row.facility_kind] is not case.institution.kind:
        return denied(
            "table/facility_kind", f"{CITE} col 19 病院・診療所区分", row.code, wanted=row.facility_kind
        )
    if row.beds_kind not in ("0", "") and not _fits_beds(case, row.beds_kind):
        return denied(
            "table/beds", f"{CITE} col 71 病床数区分", row.code,
            wanted=row.beds_kind, beds=case.institution.beds, general_beds=case.institution.general_bed_count,
        )  # fmt: skip
    if (row.age_from, row.age_to) != ("00", "00"):
        born = case.visit.person.born
        if not is_within_ages(born, case.day, row.age_from, row.age_to):
            return denied(
                "table/age", f"{CITE} col 41・42 下限年齢・上限年齢", row.code,
                age=case.age.years, age_from=row.age_from, age_to=row.age_to,
            )  # fmt: skip
    if row.elderly != "0" and not _fits_insurance(case, row):
        return denied("table/elderly", f"{CITE} col 14 後期高齢者医療適用区分", row.code, wanted=row.elderly)
    missing = missing_standards(case, row)
    if missing:
        return denied(
            "table/standard", f"{CITE} col 72-81 施設基準", row.code, missing=case.standard_names(missing)
        )
    return None


def _fits_beds(case: Case, beds_kind: str) -> bool:
    """A clinic without beds, or with few, has none to exceed a limit; only hospitals have a lower one."""
    known = _BEDS.get(beds_kind)
    if known is None:
        return True
    is_general, lowest, highest = known
    beds = case.institution.general_bed_count if is_general else case.institution.beds
    return lowest <= beds and (highest is None or beds <= highest)


# col 71 → whether 一般病床 counts rather than 許可病床, the lowest and the highest number of beds.
_BEDS: dict[str, tuple[bool, int, int | None]] = {
    "1": (False, 0, 99), "2": (False, 100, 199), "3": (False, 0, 199), "4": (False, 200, None),
    "5": (True, 0, 199), "6": (True, 200, None), "7": (False, 0, 399), "8": (False, 400, None),
}  # fmt: skip


_KINDS = {"1": InstitutionKind.HOSPITAL, "2": InstitutionKind.CLINIC}


def _fits_insurance(case: Case, row: Act) -> bool:
    insurance = case.visit.coverage.insurance
    is_late = insurance is not None and insurance.kind is InsuranceKind.LATE_ELDERLY
    return is_late == (row.elderly == "2")


def missing_standards(case: Case, row: Act) -> tuple[str, ...]:
    """不足する施設基準 — the standards that would have to be notified, empty when the act may be billed.

    Places 1-6 are alternatives, places 7-9 are alternatives, place 10 stands alone; the three groups must
    all hold.

    Cite: マスターファイル仕様説明書 R6 医科診療行為マスター 72-81 施設基準
    """
    has_standard = case.premises.has_standard
    for asked in _asked(row.standards):
        for code in asked:
            if has_standard(code):
                break
        else:
            return asked
    return ()


@cache
def _asked(standards: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The groups that ask for something, of the ten places of a row."""
    groups = (standards[:6], standards[6:9], standards[9:10])
    asked = (tuple(code for code in group if code not in ("0", "")) for group in groups)
    return tuple(codes for codes in asked if codes)
