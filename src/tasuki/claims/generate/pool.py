# SPDX-License-Identifier: Apache-2.0
"""生成の材料 — the common acts and drugs a made-up clinic bills, and which of them never stand together.

What is chosen is looked up in the Book of the day: points come from there, and two acts that any table of
電子点数表 names together are never given to one person in one month. Only planted errors break that.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.generate.made_master import MadeMaster, made_master
from tasuki.claims.tables.masters import EXCLUSION, INCLUSION, table_rows
from tasuki.kernel.points import drug_points
from tasuki.masters.rows import PointsKind

if TYPE_CHECKING:
    from datetime import date

    from tasuki.claims.tables.masters import Limit, Pair
    from tasuki.masters.book import Book, DayBook

FIRST_VISIT, REVISIT, MANAGEMENT = "111000110", "112007410", "112011010"
# 診療識別, code, weight of a hundred receipts: our own estimate of a clinic, no statistic.
_ACTS: tuple[tuple[str, str, int], ...] = (
    ("13", "113001810", 60), ("60", "160000310", 26), ("60", "160008010", 34), ("60", "160010010", 22),
    ("60", "160019210", 24), ("60", "160020910", 26), ("60", "160022510", 28), ("60", "160019010", 22),
    ("60", "160020410", 26), ("60", "160022410", 14), ("60", "160023410", 24), ("60", "160019510", 18),
    ("60", "160017410", 14), ("60", "160018910", 12), ("60", "160054710", 20), ("60", "160031710", 6),
    ("60", "160095710", 40), ("60", "160208510", 6), ("60", "160068410", 12), ("33", "130003510", 4),
    ("31", "130000510", 5), ("40", "140000610", 80),
)  # fmt: skip
# What stands beside another act: 判断料 by its group, fees of drugs, and the film of a knee.
JUDGEMENTS = {"2": "160061810", "3": "160061910", "4": "160062010", "5": "160062110"}
PRESCRIBING, DISPENSING, OUTSIDE = "120001210", "120000710", "120002910"
FILM, READING = "170027910", "170000410"
SPECIFIC_CARE = "113001810"
BLOOD_CHEMISTRY = "1"  # 包括対象検査: 血液化学検査
_BESIDE = (*JUDGEMENTS.values(), PRESCRIBING, DISPENSING, OUTSIDE, FILM, READING)
_MOST_DRUGS = 60
_INGREDIENT = 7


class PoolAct(NamedTuple):
    """診療行為の材料 — a section, a code with its points, how often it is chosen of a hundred, and whether it is bundled."""

    section: str
    code: str
    points: int
    weight: int
    is_bundled: bool = False


class PoolDrug(NamedTuple):
    """医薬品の材料 — a code of an oral drug, its price, and the head of its 薬価基準収載医薬品コード."""

    code: str
    price: Decimal
    ingredient: str

    def points(self, amount: str) -> int:
        """薬剤の点数 — of one day of so many."""
        return drug_points(self.price * Decimal(amount))


class Pool(NamedTuple):
    """生成の材料 — for one month: base fees, acts, drugs, what clashes, and rows to plant errors by.

    ``between`` counts the rows that speak about two codes that may stand on a made-up receipt.
    """

    first: PoolAct
    revisit: PoolAct
    management: PoolAct
    acts: tuple[PoolAct, ...]
    judgements: dict[str, str]
    master: MadeMaster
    treatments: dict[str, tuple[PoolDrug, ...]]
    drugs: tuple[PoolDrug, ...]
    clashes: dict[str, frozenset[str]]
    pairs: tuple[Pair, ...]
    limits: tuple[Limit, ...]
    between: Counter[frozenset[int]]
    points: dict[int, int]


def pool_of(book: Book, day: date) -> Pool:
    """生成の材料 — of the Book on a day of the month. Raises ``OutOfBook`` for a day no revision covers."""
    at = book.at(day)
    rows = table_rows(book)
    number = day.toordinal() - 719_163
    acts = [
        PoolAct(section, code, int(at.act(code).points), weight, at.act(code).test_bundle == BLOOD_CHEMISTRY)
        for section, code, weight in _ACTS
        if at.has(code)
    ]
    ours = {int(each.code) for each in acts} | {
        int(code) for code in (FIRST_VISIT, REVISIT, MANAGEMENT, *_BESIDE)
    }
    clashes: dict[str, set[str]] = {}
    for pair in rows.pairs:
        if pair.code in ours and pair.other in ours and pair.since_no <= number <= pair.until_no:
            clashes.setdefault(str(pair.code), set()).add(str(pair.other))
            clashes.setdefault(str(pair.other), set()).add(str(pair.code))
    points = _plain_points(at)
    beside = {int(code): int(at.act(code).points) for code in _BESIDE if at.has(code)}
    drugs = _drugs(at)
    master = made_master(tuple(each.code for each in drugs))
    by_code = {each.code: each for each in drugs}
    treated: dict[str, list[PoolDrug]] = {}
    for one in master.treatments:
        treated.setdefault(one.disease, []).append(by_code.pop(one.drug))
    pairs = [
        row
        for row in rows.pairs
        if row.since_no <= number <= row.until_no and row.code in points and row.other in points
    ]
    known = ours | set(points)
    between = Counter(
        frozenset((row.code, row.other))
        for row in rows.pairs
        if row.since_no <= number <= row.until_no and row.code in known and row.other in known
    )
    limits = [row for row in rows.limits if row.since_no <= number <= row.until_no and row.code in points]
    return Pool(
        PoolAct("11", FIRST_VISIT, int(at.act(FIRST_VISIT).points), 0),
        PoolAct("12", REVISIT, int(at.act(REVISIT).points), 0),
        PoolAct("12", MANAGEMENT, int(at.act(MANAGEMENT).points), 0),
        tuple(acts),
        _judgements(at, [each.code for each in acts]),
        master,
        {disease: tuple(found) for disease, found in treated.items()},
        tuple(by_code.values()),
        {code: frozenset(found) for code, found in clashes.items()},
        tuple(sorted(pairs)),
        tuple(sorted(limits)),
        between,
        points | beside,
    )


def _plain_points(at: DayBook) -> dict[int, int]:
    """Acts of plain points that an outpatient may be billed and that stand alone: what errors are planted with."""
    found = {}
    for code, rows in at.book.acts.items():
        row = next((each for each in rows if at.day in each.validity), None)
        if row is None or row.is_addition or row.setting == "1" or row.points_kind is not PointsKind.ADD:
            continue
        if row.points > 0 and row.step is None and row.chapter in "BDEJK" and row.chapter:
            found[int(code)] = int(row.points)
    return found


def _judgements(at: DayBook, codes: list[str]) -> dict[str, str]:
    """The 判断料 that goes with each test; 尿中一般物質定性半定量検査 has none."""
    groups = {code: at.act(code).judgment_group for code in codes if at.act(code).section != "D000"}
    return {code: JUDGEMENTS[group] for code, group in groups.items() if group in JUDGEMENTS}


def _drugs(at: DayBook) -> list[PoolDrug]:
    found = []
    for code, rows in sorted(at.book.drugs.items()):
        row = next((each for each in rows if at.day in each.validity), None)
        if (
            row is None
            or row.form != "1"
            or row.controlled != "0"
            or row.unit_name != "錠"
            or row.usable_until
        ):
            continue
        if Decimal(5) < row.price < Decimal(150):
            found.append(PoolDrug(code, row.price, row.price_list_code[:_INGREDIENT]))
        if len(found) == _MOST_DRUGS:
            break
    return found


__all__ = ["EXCLUSION", "INCLUSION", "Pool", "PoolAct", "PoolDrug", "pool_of"]
