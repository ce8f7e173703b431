# SPDX-License-Identifier: Apache-2.0
"""Writes local_programmes.tsv: the local programmes of a published list, one line each, in our own layout.

usage: python tools/make_local_programmes.py LIST.csv OUT.tsv

The list names columns as 保険番号マスタ does. What a column's number does not say for certain becomes ``?``: the
programme is known, its amount must be entered. File 33 is not that of its prefecture and is left out.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

from tasuki.calculation.copayment.local_file import read_local_rules, write_local_rules
from tasuki.calculation.copayment.programmes import BY_LAW_CODE

WRONG_FILES = {"33"}
# The same lines stand in every file: they are no prefecture's own.
OF_EVERY_FILE = {"846", "847", "848", "849"}
AGES, UNIT = "年齢（開始－終了）", "点数単価"
PERCENTS = {5, 10, 20, 30}
SUFFIX = {"本人": "", "低所得": "-low", "低年金": "-pension", "0": "", "": ""}
AGE_TEXT = re.compile(r"\d{1,3}\s*[-－]\s*\d{1,3}")


def main() -> int:
    """Reads, turns, writes, and says how many were certain."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines: list[str] = []
    seen: Counter[str] = Counter()
    for row in csv.DictReader(source.open(encoding="utf-8")):
        if row["pref_no_in_filename"] in WRONG_FILES or not re.fullmatch(r"\d{3}", row["保険番号"]):
            continue
        if not re.fullmatch(r"\d{2}", row["法別番号"]) or row["短縮制度名"].strip() in ("", "未使用"):
            continue
        if row["保険番号"] in OF_EVERY_FILE:
            continue
        if row["法別番号"] in BY_LAW_CODE:
            continue  # national numbers follow the law, whatever a list says of them
        row = aligned(row)
        prefecture = f"{int(row['pref_no_in_filename']):02}"
        income = row["※所得情報"].strip()
        key = f"{prefecture}-{row['保険番号']}{SUFFIX.get(income, '-other')}"
        seen[key] += 1
        name = row["短縮制度名"].strip() + (f"（{income}）" if SUFFIX.get(income) else "")
        steps, note = steps_of(row)
        if seen[key] > 1:
            key = f"{key}-{seen[key]}"
        law_code = "" if row["法別番号"] == "00" else row["法別番号"]
        ages = re.sub(r"\s", "", row[AGES]).replace("－", "-")
        notes = [f"年齢{ages}" if ages and ages != "0-999" else "", note]
        lines.append(
            "\t".join([key, prefecture, law_code, name, steps, *[""] * 7, " ".join(filter(None, notes))])
        )
    header = "id\tprefecture\tlaw_code\tname\tsteps\tages\tinsurers\tsince\tuntil\treceipt\tconfirmed_on\tcite\tnote"
    rules = read_local_rules("\n".join([header, *lines]).encode(), str(source.name))
    out.write_bytes(write_local_rules(sorted(rules, key=lambda rule: rule.id)))
    known = sum(bool(rule.steps) for rule in rules)
    sys.stdout.write(
        f"{len(rules)} programmes of {len({r.prefecture for r in rules})} prefectures, {known} with amounts\n"
    )
    return 0


def aligned(row: dict[str, str]) -> dict[str, str]:
    """Rows whose age stands one column too far right, as some of the files have them."""
    if row[AGES].strip() or not AGE_TEXT.fullmatch(row[UNIT].strip()):
        return row
    names = list(row)
    at = names.index(AGES)
    moved = dict(row)
    for here, there in zip(names[at:], names[at + 1 :], strict=False):
        moved[here] = row[there]
    return moved


def steps_of(row: dict[str, str]) -> tuple[str, str]:
    """Steps as the file writes them, and what is not certain."""
    kind = row["外来負担区分"].strip()
    if kind == "2":
        return "free", ""
    if kind == "3":
        return "refund", "償還払い"
    names = (
        "1回負担割合",
        "1回固定額",
        "1回上限額",
        "1日上限額",
        "1日上限回数",
        "1月院内上限額",
        "1月上限回数",
    )
    texts = [row[f"外来:{name}"].strip() for name in names]
    if kind != "1" or not all(text.isdecimal() for text in texts):
        return "?", "負担の区分が読めない"
    percent, fixed, visit, day, day_times, month, times = map(int, texts)
    if percent and percent not in PERCENTS:
        return "?", f"負担割合{percent}の意味が一覧から分からない"
    if month == 21_000:
        return "?", "月21,000円が上限か現物給付の限度か分からない"
    if times > 31 or day_times > 31 or not (percent or fixed or visit or day or month):
        return "?", "額が一覧にない"
    if 580 in (visit, day) or (fixed and fixed < 100):
        return "?", "初診時だけの負担か、額の単位が一覧から分からない"
    if row["外来:薬剤負担"].strip() not in ("0", ""):
        return "?", "薬剤負担の扱いが一覧から分からない"
    suffix = f" x{times}" if times else ""
    steps = [f"percent {percent}"] if percent else []
    if day and day_times <= 1:
        steps.append(f"day {day}{suffix}")
    elif day or fixed or visit:
        if day_times > 1:
            return "?", f"1日{day_times}回の数え方が分からない"
        steps.append(f"visit {visit or fixed}{suffix}")
    elif times:
        return "?", "回数の数え方が分からない"
    if month:
        steps.append(f"month {month}")
    return " / ".join(steps), ""


if __name__ == "__main__":
    sys.exit(main())
