# SPDX-License-Identifier: Apache-2.0
"""生成したレセプト — one made-up person's month as the items of its records, faultless by construction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.generate.beside import Beside, Items, Supply, past_receipt
from tasuki.claims.generate.covers import (
    ANY_PERSON,
    COVERS,
    RARE_PAYER,
    RARE_RECIPIENT,
    WITH_PROGRAMME,
    Shape,
    card_of,
)
from tasuki.claims.generate.lines import act_line, bundle_lines, disease_line, drug_line, film_lines
from tasuki.claims.generate.made_master import (
    BRONCHITIS,
    COLD,
    ECG,
    HEADACHE,
    HYPERTENSION,
    KNEE,
    LIPIDS,
    MYOMA,
    PROSTATE,
    SCRATCH,
    ULCER,
    WOUND,
)
from tasuki.claims.generate.pool import DISPENSING, OUTSIDE, PRESCRIBING, SPECIFIC_CARE

if TYPE_CHECKING:
    from random import Random

    from tasuki.claims.generate.pool import Pool, PoolAct
    from tasuki.claims.item_values import Month

# Nobody's names: a family name that says so, and a given name.
_GIVEN = (("一郎", "イチロウ", "1"), ("花子", "ハナコ", "2"), ("次郎", "ジロウ", "1"), ("緑", "ミドリ", "2"),
          ("三郎", "サブロウ", "1"), ("桜", "サクラ", "2"), ("四郎", "シロウ", "1"), ("楓", "カエデ", "2"))  # fmt: skip
_CHRONIC = (HYPERTENSION, LIPIDS, ULCER, HEADACHE, KNEE)
_ACUTE = (BRONCHITIS, COLD, SCRATCH)
_OF_SEX = {"1": PROSTATE, "2": MYOMA}
RIGHT, LEFT = "2056", "2049"
_SIDE_WORDS = {RIGHT: "右", LEFT: "左"}
# What an act is done for: without the disease it is not done.
_NEEDS = {SPECIFIC_CARE: (ULCER,), ECG: (HYPERTENSION, LIPIDS), WOUND: (SCRATCH,)}


class MadeReceipt(NamedTuple):
    """生成したレセプト — its records as lists of items, in order, and what stands beside them."""

    records: list[Items]
    visit_days: tuple[int, ...]
    month: Month
    beside: Beside

    @property
    def points(self) -> int:
        """合計点数 — the points of its lines."""
        return sum(int(row[5]) * int(row[6]) for row in self.records if row[0] in ("SI", "IY") and row[5])

    @property
    def stated_points(self) -> int:
        """記録した合計点数 — as the first payer's record says, which an error may have changed."""
        payers = [*self.of("HO"), *self.of("KO")]
        return int(payers[0][5]) if payers and payers[0][5].isdigit() else 0

    @property
    def chart_number(self) -> str:
        """カルテ番号等 — of the person."""
        return self.of("RE")[0][13]

    @property
    def burden(self) -> str:
        """負担区分 — of every line: the insurer alone, or with the programme."""
        return "2" if self.of("KO") else "1"

    def of(self, record_id: str) -> list[Items]:
        """レコード — those of an id."""
        return [row for row in self.records if row[0] == record_id]

    def copy(self) -> MadeReceipt:
        """写し — with records of its own."""
        return self._replace(records=[list(row) for row in self.records])

    def add(self, line: Items) -> None:
        """明細の追加 — at its place by 診療識別."""
        line[2] = self.burden
        section = line[1]
        lines = [at for at, row in enumerate(self.records) if row[0] in ("SI", "IY")]
        later = next((at for at in lines if self.records[at][1] > section), len(self.records))
        self.records.insert(later, line)

    def close(self) -> None:
        """合計の記録 — writes the sum of the lines into the records of the payers."""
        for row in (*self.of("HO"), *self.of("KO")):
            row[5] = str(self.points)

    def text(self) -> str:
        """請求ファイルの行 — with line ends."""
        return "".join([",".join(row) + "\r\n" for row in self.records])


def make_receipt(
    random: Random, pool: Pool, month: Month, number: int, payer: str, shape: Shape = ANY_PERSON
) -> MadeReceipt:
    """レセプトの生成 — a visit or three, what was done at them, and the drugs."""
    covers = [each for each in COVERS[payer] if not shape.types or each.receipt_type in shape.types]
    cover = random.choices(covers, [each.share for each in covers])[0]
    name, kana, sex = random.choice(_GIVEN)
    age = random.randint(cover.youngest, cover.oldest)
    born = date(month.year - age, 1, 1) - timedelta(days=random.randrange(300))
    visits = max(shape.fewest_visits, random.choices((1, 2, 3, 4), (52, 30, 12, 6))[0])
    days = tuple(sorted(random.sample(range(1, 28), visits)))
    is_first = random.random() < 0.14 if shape.is_first is None else shape.is_first
    number_of_card = str(random.randrange(1, 99_999))
    records: list[Items] = [
        _padded(["RE", str(number), cover.receipt_type, month.text, f"架空　{name}", sex, born.strftime("%Y%m%d"),
                 *[""] * 6, f"{number:06}", *[""] * 22, f"カクウ{kana}"], 38),
        _padded(["HO", cover.insurer, cover.symbol, number_of_card, str(len(days)), "0"], 15),
    ]  # fmt: skip
    has_programme = cover.receipt_type in WITH_PROGRAMME
    if has_programme:
        records.append(_padded(["KO", RARE_PAYER, RARE_RECIPIENT, "", str(len(days)), "0", "0"], 12))
    records.append(["SN", "1", "01", "", "", "", "" if cover.receipt_type == "1318" else "01", "", ""])
    records.append(["JD", "1", *["1" if day in days else "" for day in range(1, 32)]])
    records.append(_padded(["MF", "00"], 33))
    diseases = _diseases(random, month, days[0], sex, is_first=is_first)
    records.extend(diseases)
    beside = Beside(card=card_of(cover, number_of_card))
    if has_programme:
        validity = {"since": "2020-04-01", "until": None}
        beside.programme = {
            "payer_number": RARE_PAYER,
            "recipient_number": RARE_RECIPIENT,
            "validity": validity,
        }
    lines = _lines(random, pool, days, diseases, beside, is_first=is_first)
    made = MadeReceipt([*records, *lines], days, month, beside)
    for line in lines:
        line[2] = made.burden
    made.close()
    if not is_first and random.random() < 0.4:
        beside.past[month.plus(-1)] = past_receipt(made, pool, month.plus(-1), random.randint(1, 28))
    return made


def _diseases(random: Random, month: Month, first_day: int, sex: str, *, is_first: bool) -> list[Items]:
    """Chronic ones since last year, acute ones of this month; all begin at a first visit."""
    chronic = [*_CHRONIC, _OF_SEX[sex]]
    count = random.choices((1, 2, 3, 4), (20, 36, 28, 16))[0]
    chosen = random.sample(chronic, min(count, len(chronic)))
    if random.random() < 0.3:
        chosen.append(random.choice(_ACUTE))
    if ULCER in chosen:  # the main disease where 特定疾患療養管理料 is billed
        chosen.sort(key=lambda code: code != ULCER)
    today = month.day(first_day).strftime("%Y%m%d")
    made = []
    for at, code in enumerate(chosen):
        since = today if is_first or code in _ACUTE else f"{month.year - 1}0401"
        side = random.choice((RIGHT, LEFT)) if code == KNEE else ""
        made.append(disease_line(code, since, modifier=side, main="01" if at == 0 else ""))
    return made


def _lines(
    random: Random,
    pool: Pool,
    days: tuple[int, ...],
    diseases: list[Items],
    beside: Beside,
    *,
    is_first: bool,
) -> list[Items]:
    here = {row[1] for row in diseases}
    first, later = days[:1] if is_first else (), days[1:] if is_first else days
    chosen: set[str] = set()
    lines: list[Items] = []
    if first:
        lines.append(act_line(pool.first.section, pool.first.code, pool.first.points, {first[0]: 1}))
        chosen.add(pool.first.code)
    if later:
        days_of_it = dict.fromkeys(later, 1)
        lines.append(act_line(pool.revisit.section, pool.revisit.code, pool.revisit.points, days_of_it))
        chosen.add(pool.revisit.code)

    def stands_with(*codes: str) -> bool:
        return all(pool.clashes.get(code, frozenset()).isdisjoint(chosen) for code in codes)

    acts: list[Items] = []
    bundled: list[PoolAct] = []
    for act in pool.acts:
        judgement = pool.judgements.get(act.code)
        wanted = (act.code, judgement) if judgement else (act.code,)
        if random.random() * 100 >= act.weight or here.isdisjoint(_NEEDS.get(act.code, here)):
            continue
        if not stands_with(*wanted) or (act.code == SPECIFIC_CARE and is_first):
            continue
        day = later[0] if act.code == SPECIFIC_CARE else random.choice(days)
        if act.is_bundled:
            bundled.append(act)
        else:
            acts.append(act_line(act.section, act.code, act.points, {day: 1}))
        if judgement and judgement not in chosen:
            acts.append(act_line(act.section, judgement, pool.points[int(judgement)], {day: 1}))
        chosen.update(wanted)
    lines_of_blood = bundle_lines(bundled, random.choice(days))
    acts += _films(random, pool, diseases, days[0])
    if later and random.random() < 0.6 and stands_with(pool.management.code):
        lines.append(act_line("", pool.management.code, pool.management.points, {later[-1]: 1}))
    acts += _drugs(random, pool, days[0], diseases, beside)
    ordered = sorted(acts, key=lambda each: each[1])
    place = next((at for at, each in enumerate(ordered) if each[1] > "60"), len(ordered))
    return [*lines, *ordered[:place], *lines_of_blood, *ordered[place:]]


def _films(random: Random, pool: Pool, diseases: list[Items], day: int) -> list[Items]:
    """A film of the knee that hurts, with its side in the comment."""
    knee = next((row for row in diseases if row[1] == KNEE), None)
    if knee is None or random.random() >= 0.5:
        return []
    return film_lines(pool, _SIDE_WORDS[knee[4]], day)


def _drugs(random: Random, pool: Pool, day: int, diseases: list[Items], beside: Beside) -> list[Items]:
    """Drugs of the diseases and a few others, handed out here or by a pharmacy."""
    chosen = [
        random.choice(pool.treatments[row[1]])
        for row in diseases
        if row[1] in pool.treatments and random.random() < 0.6
    ]
    chosen += random.sample(pool.drugs, random.choices((0, 1, 2), (60, 25, 15))[0])
    if not chosen:
        return []
    supplies = [
        Supply(each.code, day, random.choice(("1", "2", "3")), random.choice((7, 14, 28))) for each in chosen
    ]
    if random.random() < 0.7:
        beside.prescribed += supplies
        beside.dispensed += supplies
        return [act_line("80", OUTSIDE, pool.points[int(OUTSIDE)], {day: 1})]
    prices = {each.code: each for each in chosen}
    made = [drug_line(one, prices[one.code].points(one.amount)) for one in supplies]
    made.append(act_line("21", DISPENSING, pool.points[int(DISPENSING)], {day: 1}))
    made.append(act_line("25", PRESCRIBING, pool.points[int(PRESCRIBING)], {day: 1}))
    return made


def _padded(items: Items, size: int) -> Items:
    return items + [""] * (size - len(items))
