# SPDX-License-Identifier: Apache-2.0
"""健診結果の事実 — what a checkup says, one line each, so that two can be held against each other.

Where a fact stands (in which section, in which order) is not compared, nor what the other wire makes of it by itself
(a name that the item table gives for the code).

Cite: 健診結果報告書 HL7 FHIR 記述仕様 1.5.0; 特定健診情報ファイル仕様説明書 V08
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tasuki.sharing.checkups.arranging import split_sections
from tasuki.sharing.checkups.fhir_observations import group_of, shown_unit
from tasuki.sharing.checkups.items import choice_names, item_facts, method_names
from tasuki.sharing.checkups.kinds import ADDITIONAL, SECTION_TITLES
from tasuki.sharing.checkups.values import Absence, CheckupGroup, ChosenValue, MeasuredValue, PersonName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.sharing.checkups.values import (
        Checkup,
        CheckupInstitution,
        CheckupInsurance,
        CheckupItem,
        CheckupTicket,
        InsuredNumber,
    )


def facts_of(checkup: Checkup) -> dict[str, str]:
    """健診結果の事実 — by a name a person reads; what is empty is left out."""
    return {name: text for name, text in _facts(checkup) if text}


def _facts(checkup: Checkup) -> Iterator[tuple[str, str]]:
    numbers = checkup.numbers
    yield "報告区分", checkup.report
    yield "プログラム種別", checkup.program
    yield "作成日", checkup.issued_on.isoformat()
    yield "実施日", checkup.held_on.isoformat()
    yield "実施の終わりの日", checkup.ended_on.isoformat() if checkup.ended_on else ""
    yield "受診形態", checkup.visit_style
    yield "文書の番号", numbers.bundle
    yield "文書構成の番号", numbers.document or numbers.bundle
    yield "文書の版", numbers.version if numbers.bundle else ""
    yield "文書の題名", numbers.title
    yield "作成日時", numbers.made_at.isoformat() if numbers.made_at else ""
    yield "文書の対象期間の始め", numbers.event_since.isoformat() if numbers.event_since else ""
    yield "文書の対象期間の終わり", numbers.event_until.isoformat() if numbers.event_until else ""
    yield from _person(checkup)
    yield from _office("作成機関", checkup.author)
    yield from _office("実施機関", checkup.performer)
    if checkup.custodian is not None:
        yield from _office("管理責任機関", checkup.custodian)
    if checkup.ticket is not None:
        yield from _ticket(checkup.ticket)
    if checkup.insurance is not None:
        yield from _insurance(checkup.insurance)
    yield "保険者の名称", checkup.insurer_name
    yield from _doctors(checkup)
    yield from _results(checkup)


def _person(checkup: Checkup) -> Iterator[tuple[str, str]]:
    person = checkup.examinee
    yield from _name("受診者の氏名カナ", person.kana)
    yield from _name("受診者の氏名", person.kanji)
    yield "受診者の性別", person.sex.value
    yield "受診者の生年月日", person.born_on.isoformat()
    yield "受診者の郵便番号", person.postal_code
    yield "受診者の住所", person.address
    yield "受診者の電話番号", person.telephone
    yield from _insured("受診者の", person.insured)
    for each in person.numbers:
        yield f"受診者の番号（{each.system}）", each.value


def _name(label: str, name: PersonName | None) -> Iterator[tuple[str, str]]:
    if name is not None:
        yield label, name.text
        yield f"{label}の姓", name.family
        yield f"{label}の名", "・".join(name.given)


def _insured(label: str, insured: InsuredNumber) -> Iterator[tuple[str, str]]:
    yield f"{label}保険者番号", insured.insurer
    yield f"{label}記号", insured.symbol
    yield f"{label}番号", insured.number
    yield f"{label}枝番", insured.branch


def _office(label: str, office: CheckupInstitution) -> Iterator[tuple[str, str]]:
    yield f"{label}の番号", office.number
    yield f"{label}の名称", office.name
    yield f"{label}の郵便番号", office.postal_code
    yield f"{label}の住所", office.address
    yield f"{label}の電話番号", office.telephone


def _ticket(ticket: CheckupTicket) -> Iterator[tuple[str, str]]:
    yield "受診券の番号", ticket.number
    yield "受診券の券面種別", ticket.kind
    yield "受診券の保険者番号", ticket.insurer
    yield "受診券の有効期間の始め", ticket.valid_since.isoformat() if ticket.valid_since else ""
    yield "受診券の有効期限", ticket.valid_until.isoformat() if ticket.valid_until else ""


def _insurance(insurance: CheckupInsurance) -> Iterator[tuple[str, str]]:
    yield "保険の種別", insurance.category
    yield "保険の被保険者区分", insurance.relationship
    yield from _insured("保険の", insurance.insured)
    yield "保険の識別子", insurance.member_id
    yield "保険の有効期間の始め", insurance.since.isoformat() if insurance.since else ""
    yield "保険の有効期間の終わり", insurance.until.isoformat() if insurance.until else ""


def _doctors(checkup: Checkup) -> Iterator[tuple[str, str]]:
    names = {each.recorder for each in checkup.items() if each.recorder}
    for each in checkup.doctors:
        names.add(each.name.text)
        yield from ((f"医師{each.name.text}の{part}", text) for part, text in _name("氏名カナ", each.kana))
        yield f"医師{each.name.text}の姓", each.name.family
        yield f"医師{each.name.text}の名", "・".join(each.name.given)
    for name in sorted(names):
        yield f"医師{name}", name


def _results(checkup: Checkup) -> Iterator[tuple[str, str]]:
    seen: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for section in split_sections(checkup):
        generic = section.title in ("", *SECTION_TITLES.values()) or section.title.endswith("セクション")
        yield f"セクション{section.code}の題名", "" if generic else section.title
        yield f"セクション{section.code}の説明文", "／".join(section.text)
        yield f"セクション{section.code}の説明文の体裁", section.layout
        for entry in section.entries:
            if not isinstance(entry, CheckupGroup):
                yield from _item(entry, seen, section.code, "")
                continue
            code, name = (entry.code, entry.name) if entry.code or entry.name else group_of(entry)
            groups[name] += 1
            label = f"一連検査{name}{groups[name] if groups[name] > 1 else ''}"
            yield f"{label}のコード", code
            yield f"{label}のコメント", entry.note
            for member in entry.members:
                yield from _item(member.item, seen, section.code, f"{label}（{member.relation.value}）")


def _item(item: CheckupItem, seen: Counter[str], section: str, group: str) -> Iterator[tuple[str, str]]:
    fact = item_facts().get(item.code)
    name = item.name or (fact.name if fact else "")
    seen[item.code] += 1
    again = f"（{seen[item.code]}回目）" if seen[item.code] > 1 else ""
    label = f"項目{item.code}{again}"
    yield label, name or item.code
    yield f"{label}のコード体系", item.system
    yield f"{label}のセクション", "任意追加項目" if section == ADDITIONAL else ""
    yield f"{label}の一連検査", group
    value = item.value
    if isinstance(value, MeasuredValue):
        yield f"{label}の値", f"{value.number:f}"
        yield f"{label}の単位", value.unit
        yield f"{label}の表示単位", shown_unit(item, value.shown_unit, value.unit)
    elif isinstance(value, ChosenValue):
        yield f"{label}の値", value.code
        yield f"{label}の選択肢の表", value.system
        yield f"{label}の選択肢の名称", value.name or choice_names().get(value.system, {}).get(value.code, "")
        yield f"{label}の順序", "順序あり" if value.is_ordinal else ""
    elif value is not None:
        yield f"{label}の値", value
    yield f"{label}の結果なし", item.absence.value if item.absence is not Absence.NONE else ""
    yield f"{label}の結果なしの理由", item.absence_reason
    yield f"{label}の入力範囲外", item.beyond
    yield f"{label}の判定", item.judgement
    yield f"{label}の検査方法", item.method
    yield (
        f"{label}の検査方法の名称",
        (item.method_name or method_names().get(item.method, "")) if item.method else "",
    )
    if item.normal is not None:
        unit = item.normal.unit or (value.unit if isinstance(value, MeasuredValue) else "")
        yield f"{label}の基準値の下限", f"{item.normal.low:f}" if item.normal.low is not None else ""
        yield f"{label}の基準値の上限", f"{item.normal.high:f}" if item.normal.high is not None else ""
        yield f"{label}の基準値の単位", unit
        yield f"{label}の基準値の表示単位", item.normal.shown_unit or shown_unit(item, "", unit)
    yield f"{label}の記録者", item.recorder
    yield f"{label}の採取日", item.taken
    yield f"{label}の検体", item.specimen
    yield f"{label}のコメント", item.note
