# SPDX-License-Identifier: Apache-2.0
"""架空の健診結果 — made-up checkups of each kind, and strategies that make any number of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from tasuki.sharing.checkups.items import ItemFact, choice_names, item_facts
from tasuki.sharing.checkups.kinds import OF_KIND, PROGRAMS
from tasuki.sharing.checkups.report_writer import TOKYO
from tasuki.sharing.checkups.values import (
    Absence,
    Checkup,
    CheckupDoctor,
    CheckupGroup,
    CheckupInstitution,
    CheckupInsurance,
    CheckupItem,
    CheckupKind,
    CheckupSection,
    CheckupTicket,
    ChosenValue,
    Examinee,
    GroupMember,
    InsuredNumber,
    MeasuredValue,
    NormalRange,
    PersonName,
    PersonNumber,
    Relation,
    ReportNumbers,
    Sex,
)

CLINIC = CheckupInstitution(
    "1319999999", "架空健診センター", "100-0000", "架空県架空市架空町１－１", "03-0000-0000"
)
HELD, ISSUED = date(2026, 6, 15), date(2026, 6, 30)
MADE_AT = datetime(2026, 6, 30, 9, 0, 0, 123000, tzinfo=TOKYO)
NUMBERS = ReportNumbers(
    "1319999999^2026^kenshin-1", "1319999999^2026^kenshin-1", "1.0", "健康診断結果のお知らせ", MADE_AT
)
DOCTOR = PersonName("架空 医師")


def measured(code: str, number: str, unit: str, **more: object) -> CheckupItem:
    return CheckupItem(code, item_facts()[code].name, MeasuredValue(Decimal(number), unit), **more)  # type: ignore[arg-type]


def chosen(code: str, choice: str, **more: object) -> CheckupItem:
    fact = item_facts()[code]
    value = ChosenValue(
        choice, fact.choices, choice_names()[fact.choices][choice], is_ordinal=fact.type == "CO"
    )
    return CheckupItem(code, fact.name, value, **more)  # type: ignore[arg-type]


def told(code: str, text: str, **more: object) -> CheckupItem:
    return CheckupItem(code, item_facts()[code].name, text, **more)  # type: ignore[arg-type]


def entries() -> tuple[CheckupItem | CheckupGroup, ...]:
    """A whole 特定健診: values of each kind, a group, one not done, one not measurable, one out of range."""
    electrocardiogram = CheckupGroup(
        (
            GroupMember(Relation.COMPONENT, chosen("9A110160700000011", "1")),
            GroupMember(Relation.COMPONENT, told("9A110160800000049", "心房細動")),
            GroupMember(Relation.REASON, chosen("9A110161600000011", "1")),
            GroupMember(Relation.REASON, told("9A110161000000049", "検査結果による")),
        )
    )
    return (
        measured("9N001000000000001", "162.3", "cm"),
        measured("9N006000000000001", "65.5", "kg"),
        measured("9N011000000000001", "24.9", "kg/m2"),
        measured("9N016160100000001", "70.0", "cm", method="9N01610000", method_name="実測"),
        chosen("9N056000000000011", "1"),
        told("9N056160400000049", "ヘルニア、膀胱炎"),
        chosen("9N061000000000011", "2"),
        chosen("9N066000000000011", "2"),
        measured("9A751000000000001", "149", "mm[Hg]", judgement="H", normal=NormalRange(Decimal("80"), Decimal("130"), "mm[Hg]")),
        measured("9A761000000000001", "89", "mm[Hg]"),
        chosen("9N141000000000011", "2"),
        measured("3F015000002327101", "2000", "mg/dL", beyond="H", method="3F01510000"),
        measured("3F070000002327101", "60", "mg/dL", normal=NormalRange(low=Decimal("40"), unit="mg/dL")),
        measured("3F077000002327101", "110", "mg/dL"),
        measured("3B035000002327201", "21", "U/L"),
        measured("3B045000002327201", "18", "U/L"),
        measured("3B090000002327101", "24", "U/L"),
        measured("3D046000001906202", "5.4", "%"),
        CheckupItem("1A020000000191111", "尿糖", absence=Absence.NOT_MEASURABLE),
        CheckupItem("1A010000000191111", "尿蛋白", absence=Absence.NOT_DONE),
        electrocardiogram,
        chosen("9N501000000000011", "3"),
        chosen("9N506000000000011", "3"),
        told("9N511000000000049", "<経過観察> & 再検査", recorder="架空 医師"),
        chosen("9N701000000000011", "2"),
        chosen("9N706000000000011", "2"),
        chosen("9N711000000000011", "2"),
        chosen("9N736000000000011", "3"),
    )  # fmt: skip


def checkup(kind: CheckupKind = CheckupKind.SPECIFIC, **more: object) -> Checkup:
    """A checkup as XML has it."""
    program = PROGRAMS[OF_KIND[kind]]
    given: dict[str, object] = {
        "report": program.xml_report,
        "program": program.code,
        "issued_on": ISSUED,
        "held_on": HELD,
        "examinee": Examinee(
            PersonName("カクウ タロウ"), Sex.MALE, date(1970, 5, 4), InsuredNumber("00999999", "架空", "００１", "01"),
            "100-0000", "架空県架空市架空町２－２",
        ),
        "author": CLINIC,
        "performer": CLINIC,
        "sections": (CheckupSection(program.xml_section, "検査・問診結果セクション", ("身長 162.3 cm",), "", entries()),),
        "ticket": CheckupTicket("26100000001", date(2027, 3, 31), "1", "00999999"),
    }  # fmt: skip
    return Checkup(**{**given, **more})  # type: ignore[arg-type]


def report(kind: CheckupKind = CheckupKind.SPECIFIC) -> Checkup:
    """A checkup as a report in FHIR has it: names in kanji, doctors, insurance, numbers."""
    made = checkup(kind)
    program = PROGRAMS[made.program]
    person = made.examinee
    questions = tuple(
        each for each in entries() if isinstance(each, CheckupItem) and item_facts()[each.code].is_question
    )
    results = tuple(each for each in entries() if each not in questions)
    return Checkup(
        report=program.fhir_report,
        program=made.program,
        issued_on=ISSUED,
        held_on=HELD,
        examinee=Examinee(
            PersonName("カクウ タロウ", "カクウ", ("タロウ",)), Sex.FEMALE, person.born_on, person.insured, "100-0000",
            person.address, PersonName("架空 太郎", "架空", ("太郎",)), "03-0000-0001",
            (PersonNumber("urn:oid:1.2.392.100495.20.3.51.11319999999", "00123"),),
        ),
        author=CLINIC,
        performer=CLINIC,
        sections=(
            CheckupSection(program.results, "健診セクション", ("身長 162.3 cm",), "", results),
            CheckupSection(program.questions, "問診結果", (), "", questions),
        ),
        ticket=CheckupTicket("26100000001", date(2027, 3, 31), "1", "00999999", date(2026, 4, 1)),
        insurance=CheckupInsurance("1", "1", InsuredNumber("", "架空", "００１", "０１"), relationship_name="被保険者"),
        insurer_name="架空健康保険組合",
        custodian=CheckupInstitution("1319999998", "架空クリニック", "100-0000", "架空県架空市架空町３－３"),
        doctors=(CheckupDoctor(DOCTOR, PersonName("カクウ イシ")),),
        visit_style="1",
        numbers=NUMBERS,
    )  # fmt: skip


# --- any number of them
LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\ufffe\uffff")
TEXT = st.text(LETTERS | st.sampled_from("<>&\"' 　・"), min_size=1, max_size=20).map(str.strip).filter(bool)
WORD = st.text(st.sampled_from("あいうえおアイウエオ架空一二三ABCabc0123<>&'"), min_size=1, max_size=12)
DAY = st.dates(date(2020, 1, 1), date(2029, 12, 31))
FACTS = st.sampled_from(sorted(item_facts().values()))


@st.composite
def items(draw: st.DrawFn, fact: ItemFact | None = None) -> CheckupItem:
    fact = fact or draw(FACTS)
    absence = draw(st.sampled_from([Absence.NONE] * 6 + [Absence.NOT_DONE, Absence.NOT_MEASURABLE]))
    if absence is not Absence.NONE:
        return CheckupItem(fact.code, fact.name, absence=absence)
    recorder = draw(st.sampled_from(["", "", "", "架空 医師", "架空 花子"]))
    if fact.type == "PQ":
        number = draw(st.decimals(0, 99_999, places=fact.decimals))
        normal = NormalRange(Decimal("1"), draw(st.none() | st.just(Decimal("20.50"))), fact.unit)
        return CheckupItem(
            fact.code, fact.name, MeasuredValue(number, fact.unit), recorder=recorder,
            judgement=draw(st.sampled_from(["", "H", "L", "N"])), method=fact.method,
            normal=draw(st.none() | st.just(normal)),
        )  # fmt: skip
    if fact.type == "ST":
        return CheckupItem(fact.code, fact.name, draw(TEXT), recorder=recorder)
    return chosen(fact.code, draw(st.sampled_from(sorted(choice_names()[fact.choices]))), recorder=recorder)


@st.composite
def groups(draw: st.DrawFn) -> CheckupGroup:
    series = draw(st.sampled_from(sorted({each.series for each in item_facts().values()} - {""})))
    facts = [each for each in item_facts().values() if each.series == series]
    some = draw(st.lists(st.sampled_from(facts), min_size=1, max_size=5, unique=True))
    return CheckupGroup(tuple(GroupMember(Relation(each.relation), draw(items(each))) for each in some))


@st.composite
def checkups(draw: st.DrawFn) -> Checkup:
    """A checkup as XML has it, of any kind, with any items."""
    kind = draw(st.sampled_from(list(CheckupKind)))
    program = PROGRAMS[OF_KIND[kind]]
    codes = draw(st.lists(FACTS, min_size=1, max_size=8, unique=True))
    made: list[CheckupItem | CheckupGroup] = [draw(items(each)) for each in codes]
    made += draw(st.lists(groups(), max_size=1))
    doctor = told("9N511000000000049", draw(TEXT), recorder="架空 医師")
    person = Examinee(
        PersonName(draw(WORD)), draw(st.sampled_from(Sex)), draw(st.dates(date(1920, 1, 1), date(2010, 1, 1))),
        InsuredNumber("00999999", draw(WORD | st.just("")), draw(WORD), draw(st.sampled_from(["", "00", "01", "99"]))),
        "100-0000", draw(WORD),
    )  # fmt: skip
    return checkup(
        kind,
        issued_on=draw(DAY),
        held_on=draw(DAY),
        examinee=person,
        sections=(
            CheckupSection(
                program.xml_section, "結果", tuple(draw(st.lists(TEXT, max_size=2))), "", (*made, doctor)
            ),
        ),
        ticket=draw(st.none() | st.just(CheckupTicket("26100000001", date(2027, 3, 31), "1", "00999999"))),
    )
