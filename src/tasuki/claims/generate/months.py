# SPDX-License-Identifier: Apache-2.0
"""請求月の生成 — files of institutions, receipt by receipt, with a manifest of what was planted where."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.generate.beside import beside_files
from tasuki.claims.generate.covers import ANY_PERSON
from tasuki.claims.generate.errors import KINDS, plant
from tasuki.claims.generate.receipts import MadeReceipt, make_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.generate.planting import Kind
    from tasuki.claims.generate.pool import Pool
    from tasuki.claims.item_values import Month

RECEIPTS_A_FILE = 2_000


class Planted(NamedTuple):
    """植えた誤り — its place, kind, the finding expected and the codes added."""

    file: str
    receipt: int
    line: int
    last_line: int
    kind: str
    expected: str
    codes: tuple[str, ...]


class MadeFile(NamedTuple):
    """生成したファイル — name, bytes, what was planted in it, and the files that stand beside it by their paths."""

    name: str
    data: bytes
    receipts: int
    planted: tuple[Planted, ...]
    beside: dict[str, bytes]
    institution: str = ""


class MonthPlan(NamedTuple):
    """生成の指定 — how many receipts and errors of a month, in files of how many; the same plan makes the same bytes.

    ``is_beside`` also makes earlier months, pharmacies and patients, and plants what shows only beside them.
    """

    month: Month
    receipts: int
    planted: int = 0
    seed: int = 0
    a_file: int = RECEIPTS_A_FILE
    is_beside: bool = False

    @property
    def files(self) -> int:
        """ファイル数 — one a made-up institution."""
        return -(-self.receipts // self.a_file)


def generate_month(pool: Pool, plan: MonthPlan) -> Iterator[MadeFile]:
    """請求月の生成 — every file in order."""
    kinds = possible_kinds(pool, plan)
    for number in range(plan.files):
        yield make_file(pool, plan, kinds, number)


def make_file(pool: Pool, plan: MonthPlan, kinds: list[Kind], number: int) -> MadeFile:
    """ファイルの生成 — one file of a month, by its number from 0; it needs none of the others."""
    random = Random(f"{plan.seed}/{number}")  # noqa: S311 - made-up people
    size = min(plan.a_file, plan.receipts - number * plan.a_file)
    start = plan.planted * number // plan.files
    share = plan.planted * (number + 1) // plan.files - start
    places = sorted(random.sample(range(1, size + 1), min(share, size)))
    chosen = {place: kinds[(start + at) % len(kinds)] for at, place in enumerate(places)}
    return _file(random, pool, plan, (number, size), chosen)


def possible_kinds(pool: Pool, plan: MonthPlan) -> list[Kind]:
    """植えられる種類 — those that the masters have a row for."""
    found = []
    for kind in KINDS:
        if kind.is_beside and not plan.is_beside:
            continue
        random = Random(f"{plan.seed}/{kind.name}")  # noqa: S311 - made-up people
        receipt = make_receipt(random, pool, plan.month, 1, "1", kind.shape)
        if plant(random, pool, receipt, kind, plan.month.plus(1).text) is not None:
            found.append(kind)
    return found


def _file(
    random: Random, pool: Pool, plan: MonthPlan, place: tuple[int, int], chosen: dict[int, Kind]
) -> MadeFile:
    number, size = place
    code = f"99{number:05}"
    claim_month = plan.month.plus(1).text
    name = f"{13}{code}.UKE"
    payer = "12"[number % 2]
    institution = [
        "IR",
        payer,
        "13",
        "1",
        code,
        "",
        f"架空第{_wide(number + 1)}診療所",
        claim_month,
        "00",
        "03-0000-0000",
    ]
    parts = [",".join(institution) + "\r\n"]
    line = 2
    points = 0
    planted: list[Planted] = []
    people: list[MadeReceipt] = []
    for at in range(1, size + 1):
        kind = chosen.get(at)
        shape = kind.shape if kind is not None else ANY_PERSON
        receipt = make_receipt(random, pool, plan.month, at, payer, shape)
        before = receipt.copy() if kind is not None else receipt
        if kind is not None:
            codes = plant(random, pool, receipt, kind, claim_month) or ()
            last = line + len(receipt.records) - 1
            planted.append(Planted(name, at, line, last, kind.name, kind.expected, codes))
        points += receipt.stated_points
        parts.append(receipt.text())
        line += len(receipt.records)
        if plan.is_beside:
            people.append(receipt if kind is None or kind.is_beside else before)
    parts.append(f"GO,{size},{points},99\r\n\x1a")
    data = "".join(parts).encode("cp932")
    beside = beside_files(institution, plan.month, people) if plan.is_beside else {}
    return MadeFile(name, data, size, tuple(planted), beside, code)


def _wide(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
