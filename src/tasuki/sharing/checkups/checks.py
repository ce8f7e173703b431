# SPDX-License-Identifier: Apache-2.0
"""健診結果の点検 — what of a checkup is wrong or should be looked at again.

Cite: 特定健診情報ファイル仕様説明書 V08; 標準的な健診・保健指導プログラム（令和6年度版）; 特定健診 OID表
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups.item_checks import check_item
from tasuki.sharing.checkups.items import RECORDERS, choice_names, item_facts
from tasuki.sharing.checkups.kinds import PROGRAMS, XML_REPORTS, kind_of
from tasuki.sharing.checkups.messages import told
from tasuki.sharing.checkups.values import ITEM_SYSTEM, CheckupKind, ChosenValue, MeasuredValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.sharing.checkups.values import Checkup

HEIGHT, WEIGHT, BMI = "9N001000000000001", "9N006000000000001", "9N011000000000001"
BLOOD_TIME = "9N141000000000011"
FASTED = "2"
# 分析物・識別 of what is measured after ten hours without food: 空腹時血糖, 空腹時中性脂肪.
FASTING = ("3D0100000", "3F0150000")
_POSTAL = re.compile(r"[0-9]{3}-[0-9]{4}")


def check_checkup(checkup: Checkup, file: str = "") -> tuple[Finding, ...]:
    """健診結果の点検 — head, each item, and what items say of each other."""
    found = [*_head(checkup, file), *_person(checkup, file)]
    for item in checkup.items():
        found.extend(check_item(item, file))
    found.extend(_twice(checkup, file))
    found.extend(_together(checkup, file))
    if kind_of(checkup.program) is CheckupKind.SPECIFIC:
        found.extend(_needed(checkup, file))
    return tuple(found)


def round_bmi(weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """BMI — kilograms by square metres, half up at the second decimal.

    Cite: XML用特定健診項目情報 第4期 9N011 (小数点以下1桁); 特定健診情報ファイル仕様説明書 (四捨五入)

    >>> round_bmi(Decimal("65.5"), Decimal("162.3"))
    Decimal('24.9')
    """
    return (weight_kg / (height_cm / 100) ** 2).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _head(checkup: Checkup, file: str) -> Iterator[Finding]:
    if checkup.report not in XML_REPORTS:
        yield _shape(file, "報告区分", checkup.report, "健診の報告区分コード")
    if checkup.program not in PROGRAMS:
        yield _shape(file, "プログラム種別", checkup.program, "プログラム種別コード")
    for name, office in (("作成機関", checkup.author), ("実施機関", checkup.performer)):
        if not (len(office.number) == 10 and office.number.isascii() and office.number.isdigit()):
            yield _shape(file, f"{name}の番号", office.number, "10桁の機関番号")
        if not office.name:
            yield told("CHK-C-23", Where(file, 0, name), name="機関の名称")
        if office.postal_code and not _POSTAL.fullmatch(office.postal_code):
            yield _shape(file, f"{name}の郵便番号", office.postal_code, "郵便番号（000-0000）")
    days = (
        ("生年月日", checkup.examinee.born_on, "実施日", checkup.held_on),
        ("実施日", checkup.held_on, "作成日", checkup.issued_on),
        ("実施日", checkup.held_on, "実施の終わりの日", checkup.ended_on or checkup.held_on),
    )
    for earlier, one, later, other in days:
        if one > other:
            yield told("CHK-C-22", Where(file, 0, earlier), earlier=earlier, later=later)


def _person(checkup: Checkup, file: str) -> Iterator[Finding]:
    person = checkup.examinee
    insurer = person.insured.insurer
    if insurer and not (len(insurer) == 8 and insurer.isascii() and insurer.isdigit()):
        yield _shape(file, "受診者の保険者番号", insurer, "8桁の保険者番号（先頭に0を補います）")
    if person.postal_code and not _POSTAL.fullmatch(person.postal_code):
        yield _shape(file, "受診者の郵便番号", person.postal_code, "郵便番号（000-0000）")
    if person.kana is None and person.kanji is None:
        yield told("CHK-C-23", Where(file, 0, "受診者"), name="氏名")
    if kind_of(checkup.program) is CheckupKind.SPECIFIC and not (insurer and person.insured.number):
        yield told(
            "CHK-C-23", Where(file, 0, "受診者"), Severity.CONFIRM, name="保険者番号または被保険者証等番号"
        )


def _shape(file: str, place: str, value: str, wanted: str) -> Finding:
    return told("CHK-C-21", Where(file, 0, place), value=printable(value, 40), wanted=wanted)


def _twice(checkup: Checkup, file: str) -> Iterator[Finding]:
    counts = Counter((each.system, each.code) for each in checkup.items())
    for (_, code), count in counts.items():
        if count > 1:
            yield told("CHK-C-14", Where(file, 0, f"項目{code}"), Severity.CONFIRM, count=count)


def _together(checkup: Checkup, file: str) -> Iterator[Finding]:
    results = {each.code: each for each in checkup.items() if each.system == ITEM_SYSTEM}
    numbers = {
        code: results[code].value.number  # type: ignore[union-attr]
        for code in (HEIGHT, WEIGHT, BMI)
        if code in results and isinstance(results[code].value, MeasuredValue)
    }
    if len(numbers) == 3 and numbers[HEIGHT] > 0 and not any(results[code].beyond for code in numbers):
        wanted = round_bmi(numbers[WEIGHT], numbers[HEIGHT])
        if wanted != numbers[BMI]:
            where = Where(file, 0, f"項目{BMI}", "BMI")
            yield told("CHK-C-12", where, Severity.CONFIRM, found=f"{numbers[BMI]:f}", wanted=f"{wanted:f}")
    time = results.get(BLOOD_TIME)
    if time is None or not isinstance(time.value, ChosenValue) or time.value.code == FASTED:
        return
    said = choice_names()["1.2.392.200119.6.2202"].get(time.value.code, time.value.code)
    for code, item in results.items():
        if code.startswith(FASTING) and item.value is not None:
            name = item.name or item_facts()[code].name
            yield told(
                "CHK-C-13", Where(file, 0, f"項目{code}", name), Severity.CONFIRM, item=name, found=said
            )


def _needed(checkup: Checkup, file: str) -> Iterator[Finding]:
    """What a 特定健診 has to tell: each item of class 1, one of each capital letter, and one of blood sugar (b, c, d)."""
    given = {each.code for each in checkup.items()}
    given |= set(_recorded(checkup))
    alternatives: dict[str, list[str]] = {}
    missing = []
    for fact in item_facts().values():
        if fact.need == "1" and fact.code not in given and not fact.depends_on:
            missing.append(fact.name)
        elif fact.need.isalpha():
            alternatives.setdefault(fact.need if fact.need.isupper() else "b", []).append(fact.code)
    for codes in alternatives.values():
        if not given.intersection(codes):
            names = dict.fromkeys(item_facts()[code].name for code in codes)
            missing.append("・".join(names) + "のどれか" if len(names) > 1 else "".join(names))
    if missing:
        yield told("CHK-C-11", Where(file), Severity.CONFIRM, names="、".join(missing))


def _recorded(checkup: Checkup) -> Iterator[str]:
    by_item = {item: recorder for recorder, item in RECORDERS.items()}
    for each in checkup.items():
        if each.recorder and each.code in by_item:
            yield by_item[each.code]
