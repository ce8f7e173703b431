# SPDX-License-Identifier: Apache-2.0
"""傷病名の内容点検 — too long, twice, without an outcome, without a main one, of another sex or age."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from tasuki.claims.checks.diseases import book_of_month
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.content.sicknesses import CONTINUING, Sickness, last_day, sicknesses
from tasuki.claims.records import SI
from tasuki.kernel.days import age_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt

# ICD-10 blocks and categories whose title names organs or states of one sex (第1巻 内容例示表).
_FEMALE = (
    *(f"C{n}" for n in range(51, 59)), *(f"D{n}" for n in range(25, 29)), "D39",
    *(f"N{n}" for n in range(70, 78)), *(f"N{n}" for n in range(80, 99)), "O", "Q50", "Q51", "Q52",
)  # fmt: skip
_MALE = (
    *(f"C{n}" for n in range(60, 64)), "D29", "D40", *(f"N{n}" for n in range(40, 52)),
    "Q53", "Q54", "Q55",
)  # fmt: skip
_SEX_WORDS = {"1": "男性", "2": "女性"}
# 新生物 are acute or not by kind, not by time (急性白血病).
_NOT_BY_TIME = ("C", "D0", "D37", "D38", "D4")
_SPECIFIC_CARE_SECTION = "B000"
_SPECIFIC_CARE_MARKS = frozenset({"05", "08"})
_REVISIT = ("12",)


def long_ones(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """長期の傷病名 — suspicions, acute diseases and uncoded names that go on for months without an outcome."""
    content, until = context.content, last_day(receipt)
    if content is None or until is None:
        return
    terms = content.terms
    for one in sicknesses(receipt, context):
        if not one.is_continuing:
            continue
        facts = {"name": one.name, "since": one.view.since_on}
        if one.is_suspected and one.is_longer_than(terms.suspected_months, until):
            yield hit("D01", one.view.record, 3, months=terms.suspected_months, **facts)
        elif _is_acute(one) and one.is_longer_than(terms.acute_months, until):
            yield hit("D02", one.view.record, 3, months=terms.acute_months, **facts)
        if one.is_uncoded and one.is_longer_than(terms.uncoded_months, until):
            yield hit("D03", one.view.record, 3, months=terms.uncoded_months, **facts)


def _is_acute(one: Sickness) -> bool:
    heads = one.row.icd10 if one.row else ()
    return one.name.startswith("急性") and not any(head.startswith(_NOT_BY_TIME) for head in heads)


def twice(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """重複する傷病名 — one disease with the same modifiers twice, or a suspicion beside the disease itself."""
    if context.content is None:
        return
    going = [one for one in sicknesses(receipt, context) if one.is_continuing and not one.is_uncoded]
    for first, second in combinations(going, 2):
        if first.code != second.code:
            continue
        if sorted(first.view.modifiers) == sorted(second.view.modifiers):
            yield hit("D04", second.view.record, 2, name=second.name)
            continue
        plain = [one for one in (first, second) if not one.view.modifiers]
        doubted = [one for one in (first, second) if one.view.modifiers == ("8002",)]
        if plain and doubted:
            yield hit("D05", doubted[0].view.record, 5, name=doubted[0].name)


def main_one(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """主傷病 — one of several diseases is the main one, and 特定疾患療養管理料 asks that it be one of its list.

    Cite: 記録条件仕様（医科用） 傷病名レコード 主傷病; 医科点数表 B000 注1（別に厚生労働大臣が定める疾患を主病とする患者）
    """
    content = context.content
    if content is None:
        return
    found = sicknesses(receipt, context)
    if len(found) > 1 and not any(one.is_main for one in found):
        yield hit("D06", found[0].view.record, 7, count=len(found))
    book = book_of_month(receipt, context)
    if book is None:
        return
    for line in receipt.lines:
        rows = book.book.acts.get(line.code, ()) if isinstance(line, SI) else ()
        if not rows or rows[0].section != _SPECIFIC_CARE_SECTION or "特定疾患療養管理料" not in rows[0].name:
            continue
        listed = [one for one in found if one.row and one.row.specific in _SPECIFIC_CARE_MARKS]
        sure = [one for one in listed if not one.is_suspected]
        if not sure and any(one.is_unknown and not one.is_suspected for one in found):
            return  # a name without a row may be one of the list
        if not sure:
            yield hit("D07", line.record, 4, name=rows[0].name)
        elif any(one.is_main for one in found) and not any(one.is_main for one in sure):
            yield hit("D08", line.record, 4, name=rows[0].name, disease=sure[0].name)
        return


def of_the_person(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """患者の性別・年齢 — a disease of the other sex's organs, or of the newborn and infants begun later in life.

    Cite: ICD-10（疾病、傷害及び死因の統計分類） 内容例示表; 母子保健法 第6条（新生児・乳児）
    """
    if context.content is None:
        return
    sex, born = receipt.header.sex, receipt.header.born_on
    for one in sicknesses(receipt, context):
        heads = one.row.icd10 if one.row else ()
        for blocks, wrong in ((_FEMALE, "1"), (_MALE, "2")):
            if heads and sex == wrong and all(head.startswith(blocks) for head in heads if head):
                yield hit("D09", one.view.record, 2, name=one.name, sex=_SEX_WORDS[sex])
        since = one.view.since_on
        if born is None or since is None or since < born:
            continue
        if one.name.startswith("新生児") and (since - born).days >= 28:
            yield hit("D10", one.view.record, 3, name=one.name, age=f"{(since - born).days}日")
        elif one.name.startswith("乳児") and age_on(born, since).years >= 1:
            yield hit("D10", one.view.record, 3, name=one.name, age=f"{age_on(born, since).years}歳")


def at_revisits(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """再診の傷病名 — a revisit continues something: a disease that began before its day, or on the day of a first visit."""
    month = receipt.header.service_month
    if context.content is None or month is None or not receipt.diseases:
        return
    starts = [one.since_on for one in receipt.diseases if one.since_on is not None]
    if len(starts) < len(receipt.diseases):
        return
    for group in receipt.groups:
        if group.section not in _REVISIT:
            continue
        for unit in group.units:
            for day, _ in unit.days:
                if day <= month.last_day and all(start >= month.day(day) for start in starts):
                    firsts = _first_visit_days(receipt)
                    if not any(first <= day for first in firsts):
                        yield hit("D11", unit.lines[0].record, 4, day=day)
                        return


def _first_visit_days(receipt: Receipt) -> list[int]:
    groups = [group for group in receipt.groups if group.section == "11"]
    return [day for group in groups for unit in group.units for day, _ in unit.days]


def vanished(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """転帰の記録漏れ — a disease that went on in the last month's receipt and is gone from this one."""
    content, month = context.content, receipt.header.service_month
    if content is None or month is None:
        return
    here = {(one.disease_code, one.since_on) for one in receipt.diseases}
    codes = {one.disease_code for one in receipt.diseases}
    for past in content.past_of(receipt):
        if (
            past.header.service_month != month.plus(-1)
            or past.header.receipt_type != receipt.header.receipt_type
        ):
            continue
        for one in sicknesses(past, context):
            gone = (one.code, one.view.since_on) not in here and (one.is_uncoded or one.code not in codes)
            if one.view.outcome in CONTINUING and gone and not one.is_uncoded:
                yield hit("D12", receipt.header.record, 0, name=one.name, since=one.view.since_on)


RULES = (long_ones, twice, main_one, of_the_person, at_revisits, vanished)
