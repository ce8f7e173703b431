# SPDX-License-Identifier: Apache-2.0
"""生成したレセプト — one made-up person's month as the items of its records, faultless by construction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random

    from tasuki.claims.generate.pool import Pool
    from tasuki.claims.item_values import Month

Items = list[str]

# Nobody's names: a family name that says so, and a given name.
_GIVEN = (("一郎", "イチロウ", "1"), ("花子", "ハナコ", "2"), ("次郎", "ジロウ", "1"), ("緑", "ミドリ", "2"),
          ("三郎", "サブロウ", "1"), ("桜", "サクラ", "2"), ("四郎", "シロウ", "1"), ("楓", "カエデ", "2"))  # fmt: skip
_DISEASES = ("8833421", "2720004", "4660009", "5319009", "4659007", "7840024")


class _Cover(NamedTuple):
    receipt_type: str
    insurer: str
    symbol: str
    youngest: int
    oldest: int
    share: int


# By 審査支払機関: 支払基金 pays for employees, 国保連 for everybody else; the last number is a share of a hundred.
_COVERS: dict[str, tuple[_Cover, ...]] = {
    "1": (_Cover("1112", "01130012", "12345678", 20, 66, 70), _Cover("1116", "06132013", "1234", 20, 66, 30)),
    "2": (
        _Cover("1112", "  138057", "13", 20, 66, 45), _Cover("1318", "39131156", "", 77, 94, 40),
        _Cover("1118", "  138057", "13", 71, 72, 15),
    ),
}  # fmt: skip


class MadeReceipt(NamedTuple):
    """生成したレセプト — its records as lists of items, in order."""

    records: list[Items]
    visit_days: tuple[int, ...]

    @property
    def points(self) -> int:
        """合計点数 — the points of its lines."""
        return sum(int(row[5]) * int(row[6]) for row in self.records if row[0] in ("SI", "IY") and row[5])

    def of(self, record_id: str) -> list[Items]:
        """レコード — those of an id."""
        return [row for row in self.records if row[0] == record_id]

    def close(self) -> None:
        """合計の記録 — writes the sum of the lines into the insurer's record."""
        self.of("HO")[0][5] = str(self.points)

    def text(self) -> str:
        """請求ファイルの行 — with line ends."""
        return "".join([",".join(row) + "\r\n" for row in self.records])


def make_receipt(random: Random, pool: Pool, month: Month, number: int, payer: str) -> MadeReceipt:
    """レセプトの生成 — a visit or three, what was done at them, and the drugs."""
    covers = _COVERS[payer]
    cover = random.choices(covers, [each.share for each in covers])[0]
    name, kana, sex = random.choice(_GIVEN)
    age = random.randint(cover.youngest, cover.oldest)
    born = date(month.year - age, 1, 1) - timedelta(days=random.randrange(300))
    days = tuple(sorted(random.sample(range(1, 29), random.choices((1, 2, 3, 4), (52, 30, 12, 6))[0])))
    is_first = random.random() < 0.14
    diseases = random.sample(_DISEASES, random.choices((1, 2, 3, 4), (20, 36, 28, 16))[0])
    since = month.day(days[0]).strftime("%Y%m%d") if is_first else f"{month.year - 1}0401"
    records: list[Items] = [
        _padded(["RE", str(number), cover.receipt_type, month.text, f"架空　{name}", sex, born.strftime("%Y%m%d"),
                 *[""] * 6, f"{number:06}", *[""] * 22, f"カクウ{kana}"], 38),
        _padded(["HO", cover.insurer, cover.symbol, str(random.randrange(1, 99_999)), str(len(days)), "0"], 15),
        ["SN", "1", "01", "", "", "", "" if cover.receipt_type == "1318" else "01", "", ""],
        ["JD", "1", *["1" if day in days else "" for day in range(1, 32)]],
        _padded(["MF", "00"], 33),
    ]  # fmt: skip
    for at, code in enumerate(diseases):
        records.append(["SY", code, since, "1", "", "", "01" if at == 0 else "", ""])
    records.extend(_lines(random, pool, days, is_first=is_first))
    made = MadeReceipt(records, days)
    made.close()
    return made


def _lines(random: Random, pool: Pool, days: tuple[int, ...], *, is_first: bool) -> list[Items]:
    chosen: set[str] = set()
    first, later = days[:1] if is_first else (), days[1:] if is_first else days
    lines: list[Items] = []
    if first:
        lines.append(act_line(pool.first.section, pool.first.code, pool.first.points, {first[0]: 1}))
        chosen.add(pool.first.code)
    if later:
        lines.append(
            act_line(pool.revisit.section, pool.revisit.code, pool.revisit.points, dict.fromkeys(later, 1))
        )  # fmt: skip
        chosen.add(pool.revisit.code)
    acts: list[tuple[str, Items]] = []
    for act in pool.acts:
        if random.random() * 100 >= act.weight or not pool.clashes.get(act.code, frozenset()).isdisjoint(
            chosen
        ):
            continue
        chosen.add(act.code)
        day = random.choice(days)
        acts.append((act.section, act_line(act.section, act.code, act.points, {day: 1})))
    if (
        later
        and random.random() < 0.6
        and pool.clashes.get(pool.management.code, frozenset()).isdisjoint(chosen)
    ):
        management = act_line("", pool.management.code, pool.management.points, {later[-1]: 1})
        lines.append(management)
    for drug in random.sample(pool.drugs, random.choices((0, 2, 4, 6), (15, 35, 32, 18))[0]):
        supply = random.choice((7, 14, 28))
        lines_of_drug = _line("IY", "21", drug.code, drug.amount, drug.points, {days[0]: supply})
        acts.append(("21", lines_of_drug))
    lines.extend(line for _, line in sorted(acts, key=lambda each: each[0]))
    return lines


def act_line(section: str, code: str, points: int, days: dict[int, int]) -> Items:
    """診療行為の行 — one act on some days, each with its count."""
    return _line("SI", section, code, "", points, days)


def _line(kind: str, section: str, code: str, amount: str, points: int, days: dict[int, int]) -> Items:
    given = [str(days[day]) if day in days else "" for day in range(1, 32)]
    return [kind, section, "1", code, amount, str(points), str(sum(days.values())), *[""] * 6, *given]


def _padded(items: Items, size: int) -> Items:
    return items + [""] * (size - len(items))
