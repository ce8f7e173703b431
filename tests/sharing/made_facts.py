# SPDX-License-Identifier: Apache-2.0
"""架空の事実 — made-up facts of the six informations, drawn by hypothesis; the ground of the builders' properties."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Diagnosis, Outcome, Sex
from tasuki.sharing.build import names
from tasuki.sharing.build.around import (
    Around,
    DepartmentFacts,
    DoctorFacts,
    InstitutionFacts,
    InsuredNumber,
    PatientFacts,
    Place,
    PublicPayerNumber,
    VisitFacts,
)
from tasuki.sharing.build.codes import CodeKind, CodeMap, Mapping, StandardCode
from tasuki.sharing.build.discharge import ADMIT_SOURCES, DISPOSITIONS, DischargeFacts
from tasuki.sharing.build.document import Attachment, Part
from tasuki.sharing.build.facts import (
    AllergenKind,
    AllergyFacts,
    ConditionFacts,
    Criticality,
    Flag,
    LabFacts,
    LabStatus,
    PrescribedDrug,
    Withdrawal,
)
from tasuki.sharing.build.laboratory import is_infection
from tasuki.sharing.build.parts import JAPAN
from tasuki.sharing.build.prescription import CATEGORIES
from tasuki.sharing.build.referral import ReferralFacts
from tasuki.sharing.build.results import choices, result_list
from tasuki.sharing.build.summary import SummaryFacts
from tasuki.sharing.lab_items import lab_items

DISEASES = {"8840001": "架空症", "8840002": "架空性胃炎", "8840003": "仮想頭痛"}
MODIFIERS = ("1001", "2057", "8001")
DRUGS = {"699999901": "架空錠５ｍｇ", "699999902": "仮想カプセル", "699999903": "架空軟膏"}
LAB_ITEMS = {f"L{item.no}": item for item in lab_items()}
MADE_NAMES = st.text("架空仮想症胃痛部位左右急性慢性AaBb12・（）", min_size=1, max_size=12)
WORDS = st.text("架空の記載です。経過、良好\n左右12<>&'\"", min_size=1, max_size=40).filter(
    lambda text: text == text.strip() and bool(text)
)
IDS = st.text("0123456789abcxyzABC-", min_size=1, max_size=12)
DAYS = st.dates(date(2016, 1, 1), date(2029, 12, 31))
MOMENTS = st.datetimes(datetime(2016, 1, 1), datetime(2029, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=JAPAN)
)
AMOUNTS = st.decimals(Decimal("0.01"), Decimal(9999), places=2)
DEPARTMENTS = st.sampled_from((DepartmentFacts("01", "内科"), DepartmentFacts("08", "循環器科")))


def _code_map() -> CodeMap:
    made = [
        Mapping(
            CodeKind.LAB,
            code,
            (StandardCode(item.system, min(item.jlac10), item.display),),
            item.name,
            "架空の院内対応",
        )
        for code, item in LAB_ITEMS.items()
    ]
    for code, name in DISEASES.items():
        listed = (
            StandardCode(names.DISEASE_NUMBER, f"2099{code[-4:]}", name),
            StandardCode(names.DISEASE_EXCHANGE, "ZZ99", name),
            StandardCode(names.DISEASE_RECEIPT, code, name),
            StandardCode(names.ICD10, "K297", name),
        )
        made.append(Mapping(CodeKind.DISEASE, code, listed, name, "架空の病名表"))
    made.append(
        Mapping(
            CodeKind.DRUG,
            "699999901",
            (StandardCode(names.YJ, "9999999F1019", "架空錠５ｍｇ"),),
            "架空錠５ｍｇ",
            "架空の医薬品表",
        )
    )
    return CodeMap(made)


CODES = _code_map()


@st.composite
def visits(draw: st.DrawFn) -> VisitFacts:
    since = draw(st.none() | DAYS | MOMENTS)
    until = since + timedelta(days=draw(st.integers(0, 30))) if since and draw(st.booleans()) else None
    return VisitFacts(draw(IDS), draw(st.sampled_from(Place)), since, until, draw(DEPARTMENTS))


@st.composite
def patients(draw: st.DrawFn) -> PatientFacts:
    kana = draw(st.booleans())
    insured = draw(
        st.builds(
            InsuredNumber,
            st.text("0123456789", min_size=1, max_size=8).map(lambda text: text.zfill(8)),
            st.text("あいう１２３記", max_size=4),
            st.text("１２３456", max_size=6),
            st.sampled_from(("", "00", "05")),
        )
        | st.builds(PublicPayerNumber, st.just("12345678"), st.just("1234567"))
    )
    return PatientFacts(
        draw(IDS),
        draw(st.sampled_from(("架空", "仮想", "無名ヶ原"))),
        draw(st.sampled_from(("太郎", "花子", "一"))),
        draw(st.dates(date(1900, 1, 1), date(2026, 1, 1))),
        draw(st.sampled_from((Sex.MALE, Sex.FEMALE, None))),
        draw(st.sampled_from(("架空県架空市一丁目", "仮想都１−２−３"))),
        insured,
        "カクウ" if kana else "",
        "タロウ" if kana else "",
        draw(st.sampled_from(("", "000-0000"))),
        draw(st.sampled_from(("", "00-0000-0000"))),
    )


DOCTOR = DoctorFacts("D001", "試験 一郎", "シケン イチロウ", "123456")
INSTITUTION = InstitutionFacts("1319999999", "架空診療所", "架空県架空市１−１", "000-0000", "00-0000-0000")


@st.composite
def arounds(draw: st.DrawFn) -> Around:
    return Around(
        INSTITUTION,
        draw(patients()),
        draw(MOMENTS.filter(lambda at: at.year >= 2020)),
        draw(st.text("0123456789abcABC-", min_size=1, max_size=36)),
        draw(DEPARTMENTS),
        DOCTOR,
        draw(visits()),
        CODES,
    )


@st.composite
def conditions(draw: st.DrawFn) -> ConditionFacts:
    code = draw(st.sampled_from(("", "8849999", *DISEASES)))
    outcome = draw(st.sampled_from(Outcome))
    since = draw(DAYS)
    ended = None if outcome is Outcome.CONTINUING else since + timedelta(days=draw(st.integers(0, 900)))
    is_suspected = draw(st.booleans())
    can_be_withdrawn = outcome is Outcome.CONTINUING and not is_suspected
    return ConditionFacts(
        draw(IDS),
        Diagnosis(
            code,
            since,
            tuple(sorted(draw(st.sets(st.sampled_from(MODIFIERS))))),
            draw(MADE_NAMES),
            draw(st.booleans()),
            is_suspected,
            outcome,
            ended,
        ),
        frozenset(draw(st.sets(st.sampled_from(Flag)))),
        draw(st.just("") | WORDS),
        draw(st.none() | DAYS),
        draw(visits()),
        withdrawal=draw(st.none() | st.sampled_from(Withdrawal)) if can_be_withdrawn else None,
    )


@st.composite
def allergies(draw: st.DrawFn) -> AllergyFacts:
    kind = draw(st.sampled_from(AllergenKind))
    code = {
        AllergenKind.DRUG: ("", "YCM9999999F1019", "GCM9999999F1ZZZ"),
        AllergenKind.FOOD: ("", "J9FC11310000"),
        AllergenKind.OTHER: ("", "J9NQ13150000"),
    }[kind]
    return AllergyFacts(
        draw(IDS),
        kind,
        draw(MADE_NAMES),
        draw(st.sampled_from(code)),
        draw(st.none() | st.sampled_from(Criticality)),
        draw(st.just("") | WORDS),
        draw(st.none() | DAYS),
        draw(st.booleans()),
        draw(st.booleans()),
        frozenset(draw(st.sets(st.just(Flag.LONG_KEEPING)))),
        draw(st.just("") | WORDS),
        draw(visits()),
    )


@st.composite
def results(draw: st.DrawFn) -> LabFacts:
    code = draw(st.sampled_from(("X-1", *LAB_ITEMS)))
    item = LAB_ITEMS.get(code)
    made = LabFacts(
        draw(IDS), code, item.name if item else "架空検査", draw(MOMENTS), None, absent_reason="検体量不足"
    )
    rest = {
        "specimen": draw(st.sampled_from(("血清", "血漿", "尿"))),
        "status": draw(st.sampled_from(LabStatus)),
        "interpretation": draw(st.sampled_from(("", "H", "L", "N"))),
        "issued_at": draw(st.none() | MOMENTS),
        "note": draw(st.just("") | WORDS),
        "visit": draw(visits()),
    }
    if is_infection(made, CODES):
        rest["flags"] = frozenset(draw(st.sets(st.just(Flag.LONG_KEEPING))))
    form = item.form if item else draw(st.sampled_from(("number", "words", "absent")))
    if form == "number" or form == "both":
        limits = draw(st.tuples(st.none() | AMOUNTS, st.none() | AMOUNTS))
        value = draw(st.decimals(Decimal("0.001"), Decimal(99999), places=3))
        comparator = draw(st.sampled_from(("", "<", ">=")))
        rest |= {"value": value, "unit": item.unit if item else "g", "comparator": comparator}
        rest |= {"low": limits[0], "high": limits[1], "absent_reason": ""}
    elif form == "code" and item:
        rest |= {"value": draw(st.sampled_from(choices(result_list(item.display)))), "absent_reason": ""}
    elif form == "words":
        rest |= {"value": draw(WORDS), "absent_reason": ""}
    return LabFacts(
        **{name: getattr(made, name) for name in LabFacts.__dataclass_fields__ if name not in rest}, **rest
    )


@st.composite
def drugs(draw: st.DrawFn) -> PrescribedDrug:
    kind = draw(st.sampled_from((OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL)))
    code = draw(st.sampled_from(tuple(DRUGS)))
    return PrescribedDrug(
        draw(IDS),
        draw(st.integers(1, 9)),
        draw(st.integers(1, 9)),
        kind,
        code,
        DRUGS[code],
        draw(AMOUNTS),
        draw(st.sampled_from(("錠", "カプセル", "ｇ", "ｍＬ"))),
        1 if kind is OrderKind.EXTERNAL else draw(st.integers(1, 90)),
        draw(st.sampled_from(("１日３回毎食後", "頭痛時", "１日２回塗布"))),
        draw(MOMENTS),
        draw(DAYS),
        draw(st.sampled_from(("", "1013044400000000"))),
        categories=tuple(sorted(draw(st.sets(st.sampled_from(tuple(CATEGORIES)), max_size=2)))),
        no_substitution=draw(st.booleans()),
        note=draw(st.just("") | WORDS),
        visit=draw(visits()),
    )


def units(kind: str) -> st.SearchStrategy[list]:
    drawn = {"condition": conditions(), "allergy": allergies(), "lab": results()}[kind]
    return st.lists(drawn, min_size=1, max_size=4, unique_by=lambda facts: facts.id)


def parts(*kinds: st.SearchStrategy) -> st.SearchStrategy[Part]:
    """Words, and facts whose ids are numbered by the caller so that none stands for two."""
    facts = st.lists(st.one_of(*kinds), max_size=2).map(tuple) if kinds else st.just(())
    return st.builds(Part, st.just("") | WORDS, facts)


def numbered(letter: Any) -> Any:
    """The same letter with an id of its own for every fact."""
    count = 0
    for each in fields(letter):
        part = getattr(letter, each.name)
        if isinstance(part, Part):
            kept = []
            for fact in part.facts:
                count += 1
                kept.append(replace(fact, id=f"n{count}"))
            letter = replace(letter, **{each.name: Part(part.text, tuple(kept))})
    return letter


ATTACHMENTS = st.lists(
    st.builds(
        Attachment,
        MADE_NAMES,
        st.sampled_from(("image/png", "text/plain")),
        st.binary(min_size=1, max_size=30),
    ),
    max_size=2,
).map(tuple)


def referrals() -> st.SearchStrategy[ReferralFacts]:
    return st.builds(
        ReferralFacts,
        number=IDS,
        issued_at=MOMENTS,
        purpose=WORDS,
        recipient=st.just(InstitutionFacts("1318888888", "仮想病院")),
        complaint=st.builds(Part, WORDS, st.tuples(conditions())),
        present=parts(conditions()),
        recipient_department=st.none() | DEPARTMENTS,
        recipient_doctor=st.none() | st.just(DoctorFacts("", "野口 仮")),
        past=parts(conditions()),
        allergies=parts(allergies()),
        family=parts(),
        findings=parts(),
        infections=parts(results()),
        social=parts(),
        medication=parts(drugs()),
        laboratory=parts(results()),
        course=parts(),
        plan=parts(),
        remarks=st.just("") | WORDS,
        attachments=ATTACHMENTS,
    ).map(numbered)


@st.composite
def discharges(draw: st.DrawFn) -> DischargeFacts:
    since = draw(DAYS)
    made = DischargeFacts(
        draw(IDS),
        draw(MOMENTS),
        "S1",
        since,
        since + timedelta(days=draw(st.integers(0, 90))),
        draw(st.sampled_from(tuple(DISPOSITIONS))),
        Part(draw(WORDS), (draw(conditions()),)),
        draw(WORDS),
        draw(st.sampled_from(("", *ADMIT_SOURCES))),
        admission_diagnoses=draw(parts(conditions())),
        allergies=draw(parts(allergies())),
        complaint=draw(parts(conditions())),
        past=draw(parts(conditions())),
        admission_medication=draw(parts(drugs())),
        discharge_medication=draw(parts(drugs())),
        plan=draw(parts()),
        laboratory=draw(parts(results())),
        attachments=draw(ATTACHMENTS),
    )
    return numbered(made)


@st.composite
def summaries(draw: st.DrawFn) -> SummaryFacts:
    since = draw(DAYS)
    return SummaryFacts(
        draw(IDS),
        draw(MOMENTS),
        draw(WORDS),
        since,
        tuple(draw(units("condition"))),
        draw(st.none() | st.just(since + timedelta(days=30))),
    )
