# SPDX-License-Identifier: Apache-2.0
"""感染症発生届 — 別記様式: one sheet that fits every disease, with the boxes of forms that ask who the person is or do not.

The published sheets differ by disease in what can be ticked; that comes as data. Their geometry was not copied: the boxes,
their numbers and their order are those of the form.

Cite: 感染症法 第12条第1項; 同施行規則 第4条; 届出の基準等について（健感発第0308001号） 別記様式
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.chart.visit import Sex
from tasuki.forms.parties import Issuer
from tasuki.forms.wording import era_parts
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class Choice:
    """選択肢 — a word of the form, whether it is ringed, and what is written in its brackets."""

    label: str
    is_on: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class NotifiedPerson:
    """当該者 — boxes of forms that ask who the person is."""

    name: str
    born: date | None
    kana: str = ""
    occupation: str = ""
    address: str = ""
    telephone: str = ""
    whereabouts: str = ""
    whereabouts_telephone: str = ""
    guardian_name: str = ""
    guardian_address: str = ""
    guardian_telephone: str = ""


@dataclass(frozen=True, slots=True)
class DiseaseNotification:
    """感染症発生届 — one notice. ``person`` is None on forms without identity.

    A draft may lack anything: it is stamped 下書き on each page and tells in ``notes`` what cannot be read or is missing.

    ``form_number`` is empty for what has no 別記様式 of its own; ``is_common`` says that the form's own items are not known
    and stand in words.
    """

    title: str
    reported_on: date | None
    doctor_name: str
    issuer: Issuer
    deadline: str
    subjects: tuple[Choice, ...]
    sex: Sex | None
    age_years: int | None
    age_months: int | None = None
    form_number: str = ""
    person: NotifiedPerson | None = None
    kinds: tuple[Choice, ...] = ()
    symptoms: tuple[Choice, ...] = ()
    symptom_words: str = ""
    methods: tuple[Choice, ...] = ()
    method_words: str = ""
    first_seen_on: date | None = None
    diagnosed_on: date | None = None
    infected_on: date | None = None
    onset_on: date | None = None
    died_on: date | None = None
    causes: tuple[Choice, ...] = ()
    cause_words: str = ""
    cause_certainty: str = ""
    is_abroad: bool | None = None
    region: str = ""
    region_certainty: str = ""
    extras: tuple[Choice, ...] = ()
    remarks: str = ""
    is_common: bool = False
    is_draft: bool = False
    notes: tuple[str, ...] = ()


def check(notice: DiseaseNotification) -> list[Finding]:
    """感染症発生届の点検 — what no sheet but a draft may lack; the rest is checked where the notice is made."""
    if notice.is_draft:
        return []
    wanted = (
        ("reported_on", "報告年月日", notice.reported_on),
        ("doctor_name", "医師の氏名", notice.doctor_name),
        ("issuer", "病院・診療所の名称", notice.issuer.name),
        ("subjects", "診断した者の類型", [each for each in notice.subjects if each.is_on]),
        ("sex", "性別", notice.sex),
        ("age_years", "診断時の年齢", notice.age_years is not None),
        ("diagnosed_on", "診断年月日", notice.diagnosed_on),
    )
    return [
        Finding(
            "FORM004",
            Severity.BLOCK,
            Where(record="disease_notification", field=field),
            "form.not_allowed",
            {"reason": f"{what}がありません（感染症法 第12条第1項）。"},
        )
        for field, what, value in wanted
        if not value
    ]


# A draft without a day: the file bears the first day that the list of diseases counts for.
_NO_DAY = date(2023, 5, 26)


def day_of(notice: DiseaseNotification) -> date:
    """感染症発生届の日付 — of the report, else of the diagnosis; the time that the file bears."""
    return notice.reported_on or notice.diagnosed_on or _NO_DAY


_BOXES = (
    "subject", "name", "sex", "born", "age", "occupation", "address", "whereabouts", "guardian_name",
    "guardian_address", "symptoms", "methods", "first_seen", "diagnosed", "infected", "onset", "died", "cause", "rest",
)  # fmt: skip
_OF_A_PERSON = frozenset(
    {"name", "born", "occupation", "address", "whereabouts", "guardian_name", "guardian_address"}
)
_LAW = (
    "感染症の予防及び感染症の患者に対する医療に関する法律第12条第1項（同条第10項において準用する場合を含む。）の規定により、"
    "以下のとおり届け出る。"
)
_MANY = "1、{sex}、{symptoms}、{methods}、{cause}"


def layout(notice: DiseaseNotification) -> dict[str, Any]:
    """感染症発生届の印字内容 — boxes with their numbers, as the template draws them."""
    person = notice.person
    names = [each for each in _BOXES if person is not None or each not in _OF_A_PERSON]
    numbers = {name: str(place) for place, name in enumerate(names, 1)}
    return {
        "form_number": notice.form_number,
        "heading": notice.title,
        "law": _LAW,
        "reported_on": era_parts(notice.reported_on)._asdict(),
        "doctor": notice.doctor_name,
        "institution": notice.issuer.name,
        "address": notice.issuer.address,
        "telephone": notice.issuer.telephone,
        "deadline": notice.deadline,
        "numbers": numbers,
        "subjects": _choices(notice.subjects),
        "sex": "" if notice.sex is None else notice.sex.value,
        "years": "" if notice.age_years is None else str(notice.age_years),
        "months": "" if notice.age_months is None else str(notice.age_months),
        "person": None if person is None else _person(person),
        "kinds": _choices(notice.kinds),
        "symptoms": _choices(notice.symptoms),
        "symptom_words": notice.symptom_words,
        "methods": _choices(notice.methods),
        "method_words": notice.method_words,
        "days": [
            {"number": numbers[name], "label": label, "day": era_parts(day)._asdict()}
            for name, label, day in (
                ("first_seen", "初診年月日", notice.first_seen_on),
                ("diagnosed", "診断（検案（※））年月日", notice.diagnosed_on),
                ("infected", "感染したと推定される年月日", notice.infected_on),
                ("onset", "発病年月日（＊）", notice.onset_on),
                ("died", "死亡年月日（※）", notice.died_on),
            )
        ],
        "causes": _choices(notice.causes),
        "cause_words": notice.cause_words,
        "cause_certainty": notice.cause_certainty,
        "abroad": {None: "", True: "abroad", False: "domestic"}[notice.is_abroad],
        "region": notice.region,
        "region_certainty": notice.region_certainty,
        "extras": _choices(notice.extras),
        "remarks": notice.remarks,
        "is_common": notice.is_common,
        "is_draft": notice.is_draft,
        "notes": list(notice.notes),
        "ringed": _MANY.format(**numbers),
    }


def _person(person: NotifiedPerson) -> dict[str, Any]:
    told = {name: getattr(person, name) for name in NotifiedPerson.__dataclass_fields__ if name != "born"}
    return {**told, "born": era_parts(person.born)._asdict()}


def _choices(choices: tuple[Choice, ...]) -> list[dict[str, Any]]:
    return [{"label": each.label, "on": each.is_on, "words": each.words} for each in choices]
