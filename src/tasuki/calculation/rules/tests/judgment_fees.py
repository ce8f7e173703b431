# SPDX-License-Identifier: Apache-2.0
"""判断料 — once a calendar month for each group of tests (医科点数表 D026, D205, D238, D241, E203)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.apply_conditions import missing_standards
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule, usual_proposal
from tasuki.calculation.rules.standing_acts import done
from tasuki.kernel.because import facts
from tasuki.masters.book import once_a_book

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.masters.book import Book
    from tasuki.masters.rows import Act

SPECIMEN_MANAGEMENT = "160170170"  # 検体検査管理加算（Ⅰ）
SPECIMEN_GROUPS = frozenset({"1", "2", "3", "4", "5", "6", "17"})
_ACT, _JUDGMENT = "1", "2"
_CHAPTERS = frozenset("DE")
# An addition of the 判断料 for a doctor's written report → the tests it reports on.
REPORTED = (
    ("160198170", ("160010410",)),  # 骨髄像診断加算
    ("160206970", ("160212110", "160212210", "160241850")),  # 免疫電気泳動法診断加算
)
# Never of themselves: a doctor's advice on aids for low vision, and a reading at a distance.
_ONLY_ORDERED = frozenset({"D270-2", "D027"})
REMOTE_READING = "160207710"  # 遠隔脳波検査判断料１
# 核医学診断 is one fee a month whatever was scanned; its two groups tell only which points.
NUCLEAR_GROUPS = ("31", "32")


@rule(
    "D026/judgment",
    title="検査等判断料",
    cite="医科点数表 D026 注1〜注3, D205, D238, D241 注, E203; 医科診療行為マスター col 50・51",
    since=date(2024, 6, 1),
    chapters="DE",
)
def judgment(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """判断料 — proposed with the first test of its group in the calendar month.

    尿中一般物質定性半定量検査 belongs to no group in the master, so that it opens none.
    """
    tests: dict[str, Act] = {}
    for act in draft.acts():
        if act.judgment_kind == _ACT and act.judgment_group not in ("0", "") and act.chapter in _CHAPTERS:
            tests.setdefault(act.judgment_group, act)
    if not tests:
        return None
    proposals = []
    by_group = judgment_codes(case.book.book)
    for group, test in sorted(tests.items()):
        codes = by_group.get(group, ())
        if group in NUCLEAR_GROUPS and group != min(tests.keys() & set(NUCLEAR_GROUPS)):
            continue
        rivals = codes
        if group in NUCLEAR_GROUPS:
            rivals = tuple(code for each in NUCLEAR_GROUPS for code in by_group.get(each, ()))
        if not codes or case.billed_this_month(rivals) is not None or not draft.codes().isdisjoint(rivals):
            continue
        fee = _best(case, codes)
        if fee is not None:
            proposals.append(usual_proposal(fee, "", (("test", test.name), ("group", group))))
    return tuple(proposals) or None


@rule(
    "D026/specimen_management",
    title="検体検査管理加算（Ⅰ）",
    cite="医科点数表 D026 注4; 通知 D026(7)",
    since=date(2024, 6, 1),
    chapters="D",
)
def specimen_management(case: Case, draft: Draft) -> Proposal | None:
    """検体検査管理加算（Ⅰ） — once a month where it is notified, when a 検体検査判断料 is billed in the month."""
    if SPECIMEN_MANAGEMENT in draft.codes() or case.billed_this_month((SPECIMEN_MANAGEMENT,)):
        return None
    if not case.book.has(SPECIMEN_MANAGEMENT) or missing_standards(case, case.book.act(SPECIMEN_MANAGEMENT)):
        return None
    if not _has_specimen_test(draft):
        return None
    by_group = judgment_codes(case.book.book)
    codes = {code for group in SPECIMEN_GROUPS for code in by_group.get(group, ())}
    if not draft.codes() & codes and case.billed_this_month(codes) is None:
        return None
    return Proposal(SPECIMEN_MANAGEMENT, facts())


@rule(
    "D026/specimen_management_alone",
    title="検体検査管理加算（Ⅰ）の要件",
    cite="医科点数表 D026 注4; 通知 D026(7)",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=(SPECIMEN_MANAGEMENT,),
)
def specimen_management_alone(_case: Case, draft: Draft) -> Denial | None:
    """検体検査管理加算（Ⅰ） — falls when no test of the seven groups stands."""
    if SPECIMEN_MANAGEMENT not in draft.codes() or _has_specimen_test(draft):
        return None
    return Denial(SPECIMEN_MANAGEMENT, "")


@rule(
    "D026/report_additions",
    title="骨髄像診断加算・免疫電気泳動法診断加算",
    cite="医科点数表 D026 注6・注7; 通知 D026(9)・(10)",
    since=date(2024, 6, 1),
    codes=[code for _, codes in REPORTED for code in codes],
)
def report_additions(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """骨髄像診断加算・免疫電気泳動法診断加算 — advised: a doctor of experience has to write the report."""
    found = []
    for addition, tests in REPORTED:
        test = next(iter(done(draft, tests)), None)
        if test is None or addition in draft.codes() or case.billed_this_month((addition,)) is not None:
            continue
        found.append(Advice(addition, facts(test=test.row.name)))
    return tuple(found) or None


def _has_specimen_test(draft: Draft) -> bool:
    return any(act.judgment_kind == _ACT and act.judgment_group in SPECIMEN_GROUPS for act in draft.acts())


@once_a_book
def judgment_codes(book: Book) -> dict[str, tuple[str, ...]]:
    """判断料コード — the fees of each group of tests, from the whole book."""
    found: dict[str, set[str]] = {}
    for rows in book.acts.values():
        for row in rows:
            is_fee = row.judgment_kind == _JUDGMENT and row.chapter in _CHAPTERS
            if is_fee and row.section not in _ONLY_ORDERED and row.code != REMOTE_READING:
                found.setdefault(row.judgment_group, set()).add(row.code)
    return {group: tuple(sorted(codes)) for group, codes in found.items()}


def _best(case: Case, codes: tuple[str, ...]) -> str | None:
    """Of several fees of a group (脳波検査判断料1・2) the best one the institution may bill."""
    usable = [case.book.act(code) for code in codes if case.book.has(code)]
    allowed = [row for row in usable if row.setting != "1" and not missing_standards(case, row)]
    return max(allowed, key=lambda row: (row.points, row.code)).code if allowed else None
