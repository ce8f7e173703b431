# SPDX-License-Identifier: Apache-2.0
"""適応の表 — one value per row: what a drug or an act is for, how much of it, and what it must not meet.

A row names its drug by a code of nine digits, or by the head of a 薬価基準収載医薬品コード, which holds every
product of an ingredient and form. It names its disease by a code of seven digits, or by the head of an ICD-10 code.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tasuki.masters.rows import Disease, Drug

# 傷病名の条件なし: 0000000 to 0000003 stand where a disease would, and ask for none.
NO_DISEASE = frozenset({"0000000", "0000001", "0000002", "0000003"})
EITHER_SEX = "0"
BOTH_SETTINGS = "0"
MOST_CASES = 3


class Limits(msgspec.Struct, frozen=True, array_like=True):
    """適用の条件 — the sex and the ages a row holds for; ``age_to`` is the last whole year, None for no end."""

    sex: str = EITHER_SEX
    age_from: int = 0
    age_to: int | None = None

    def fits(self, sex: str, years: int | None) -> bool:
        """該当 — whether a person is meant; a person of unknown age or sex is.

        >>> Limits("2", 15).fits("2", 15), Limits("2", 15).fits("1", 40), Limits(age_to=14).fits("1", 15)
        (True, False, False)
        """
        if self.sex in ("1", "2") and sex in ("1", "2") and self.sex != sex:
            return False
        return years is None or (self.age_from <= years and (self.age_to is None or years <= self.age_to))


class DrugIndication(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """適応症 — a disease a drug may be given for, with the most of a day and of a prescription where known."""

    drug: str
    disease: str
    sex: str = EITHER_SEX
    age_from: int = 0
    age_to: int | None = None
    most_a_day: Decimal | None = None  # in the unit of the drug
    most_days: int | None = None
    is_adjustable: bool = False  # 適宜増減: the most of a day is no end
    source: str = ""

    @property
    def limits(self) -> Limits:
        """適用の条件 — of the row."""
        return Limits(self.sex, self.age_from, self.age_to)


class Contraindication(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """禁忌病名 — a disease a drug must not be given with."""

    drug: str
    disease: str
    source: str = ""


class ForbiddenPair(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """併用禁忌 — two drugs that must not be given together."""

    drug: str
    other: str
    source: str = ""


class ActIndication(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """診療行為の適応 — a disease an act may be done for; ``setting`` 1 inpatients, 2 outpatients, 0 both."""

    act: str
    disease: str
    sex: str = EITHER_SEX
    age_from: int = 0
    age_to: int | None = None
    setting: str = BOTH_SETTINGS
    is_suspicion_enough: bool = False
    source: str = ""

    @property
    def limits(self) -> Limits:
        """適用の条件 — of the row."""
        return Limits(self.sex, self.age_from, self.age_to)


class DoseGroup(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """投与量グループ — a drug among others of its ingredient: how much of it a unit holds, and the most of a day of all."""

    drug: str
    group: str
    disease: str = "0000000"
    sex: str = EITHER_SEX
    age_from: int = 0
    age_to: int | None = None
    strength: Decimal = Decimal(1)
    most_a_day: Decimal = Decimal(0)
    source: str = ""

    @property
    def limits(self) -> Limits:
        """適用の条件 — of the row."""
        return Limits(self.sex, self.age_from, self.age_to)


class LongUse(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """漫然投与グループ — a drug among others that are not given on and on: days in a row, and the pause that ends the row."""

    drug: str
    group: str
    most_days: int
    reset_days: int
    source: str = ""


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """対象事例 — a case that the payers' check publishes for a code: what it looks at, and its number."""

    code: str
    case_code: str
    viewpoint: str = ""
    content: str = ""


class Indications:
    """適応の表一式 — the rows of every kind, found by the drug or act they are about."""

    _TABLES = ("_drugs", "_contraindications", "_pairs", "_acts", "_groups", "_long_uses", "_cases")

    def __init__(
        self,
        drugs: Iterable[DrugIndication] = (),
        contraindications: Iterable[Contraindication] = (),
        pairs: Iterable[ForbiddenPair] = (),
        acts: Iterable[ActIndication] = (),
        *,
        groups: Iterable[DoseGroup] = (),
        long_uses: Iterable[LongUse] = (),
        cases: Iterable[ReviewCase] = (),
    ) -> None:
        self._groups: dict[str, list[DoseGroup]] = defaultdict(list)
        self._long_uses: dict[str, list[LongUse]] = defaultdict(list)
        self._cases: dict[str, list[ReviewCase]] = defaultdict(list)
        for group in groups:
            self._groups[group.drug].append(group)
        for use in long_uses:
            self._long_uses[use.drug].append(use)
        for case in cases:
            self._cases[case.code].append(case)
        self._drugs: dict[str, list[DrugIndication]] = defaultdict(list)
        self._contraindications: dict[str, list[Contraindication]] = defaultdict(list)
        self._pairs: dict[str, list[ForbiddenPair]] = defaultdict(list)
        self._acts: dict[str, list[ActIndication]] = defaultdict(list)
        for row in drugs:
            self._drugs[row.drug].append(row)
        for forbidden in contraindications:
            self._contraindications[forbidden.drug].append(forbidden)
        # 両方向に載る: the master lists a pair from either side; it is one pair.
        for pair in {(each.drug, each.other): each for each in pairs}.values():
            self._pairs[pair.drug].append(pair)
            self._pairs[pair.other].append(
                ForbiddenPair(drug=pair.other, other=pair.drug, source=pair.source)
            )
        for act in acts:
            self._acts[act.act].append(act)

    def joined(self, other: Indications) -> Indications:
        """合わせた表 — the rows of both."""
        made = Indications()
        for name in self._TABLES:
            mine, theirs = getattr(self, name), getattr(other, name)
            both = {key: [*mine.get(key, ()), *theirs.get(key, ())] for key in (*mine, *theirs)}
            getattr(made, name).update(both)
        return made

    def __len__(self) -> int:
        pairs = sum(len(rows) for rows in self._pairs.values()) // 2
        tables = [getattr(self, name) for name in self._TABLES if name != "_pairs"]
        return pairs + sum(len(rows) for table in tables for rows in table.values())

    def of_drug(self, code: str, row: Drug | None) -> Sequence[DrugIndication]:
        """適応症 — the rows of a drug; none means that it is not checked."""
        return [found for key in drug_keys(code, row) for found in self._drugs.get(key, ())]

    def contraindications(self, code: str, row: Drug | None) -> Sequence[Contraindication]:
        """禁忌病名 — the rows of a drug."""
        return [found for key in drug_keys(code, row) for found in self._contraindications.get(key, ())]

    def pairs(self, code: str, row: Drug | None) -> Sequence[ForbiddenPair]:
        """併用禁忌 — the rows of a drug, whichever side it was written on."""
        return [found for key in drug_keys(code, row) for found in self._pairs.get(key, ())]

    def all_pairs(self) -> list[ForbiddenPair]:
        """併用禁忌の全行 — each pair once."""
        return list(
            {tuple(sorted((r.drug, r.other))): r for rows in self._pairs.values() for r in rows}.values()
        )

    def all_contraindications(self) -> list[Contraindication]:
        """禁忌病名の全行."""
        return [row for rows in self._contraindications.values() for row in rows]

    def of_act(self, code: str) -> Sequence[ActIndication]:
        """診療行為の適応 — the rows of an act; none means that it is not checked."""
        return self._acts.get(code, ())

    def groups(self, code: str) -> Sequence[DoseGroup]:
        """投与量グループ — the rows of a drug."""
        return self._groups.get(code, ())

    def long_uses(self, code: str) -> Sequence[LongUse]:
        """漫然投与グループ — the rows of a drug."""
        return self._long_uses.get(code, ())

    def cases(self, code: str) -> Sequence[ReviewCase]:
        """対象事例 — those published for a drug or an act."""
        return self._cases.get(code, ())

    def source(self, code: str, source: str) -> str:
        """出典 — of a row, with the numbers of the published cases of its drug or act, three of them at most."""
        numbers = [case.case_code for case in self.cases(code)]
        if not numbers:
            return source
        more = f"ほか{len(numbers) - MOST_CASES}件" if len(numbers) > MOST_CASES else ""
        return f"{source}・対象事例 {'、'.join(numbers[:MOST_CASES])}{more}"


def drug_keys(code: str, row: Drug | None) -> tuple[str, ...]:
    """医薬品の鍵 — the names a row may know a drug by: its code, and heads of its 薬価基準収載医薬品コード.

    Seven characters are ingredient and route, nine also form and strength.
    """
    listed = row.price_list_code if row is not None else ""
    return (code, *(listed[:length] for length in (7, 8, 9, 12) if len(listed) >= length))


def is_disease(key: str, code: str, row: Disease | None) -> bool:
    """傷病名の一致 — whether a row's disease is one of the receipt, modifiers dropped."""
    if key in NO_DISEASE or key == code:
        return True
    if key.isdigit() or row is None:
        return False
    head = key.replace(".", "")
    return any(one.replace(".", "").startswith(head) for one in row.icd10)
