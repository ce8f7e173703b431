# SPDX-License-Identifier: Apache-2.0
"""発生届の設問 — every box of a disease's form as a question, in order: one list for FHIR, the screen and paper.

Named forms have the boxes 1 to 19, forms without identity 1 to 12 (別記様式).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tasuki.notifications.table import Disease
from tasuki.notifications.words import Certainty, Part


class Kind(StrEnum):
    """設問の型 — the FHIR types of Questionnaire.item."""

    GROUP = "group"
    CHOICE = "choice"
    STRING = "string"
    TEXT = "text"
    DATE = "date"
    INTEGER = "integer"
    BOOLEAN = "boolean"


class Option(NamedTuple):
    """選択肢 — code and words."""

    code: str
    label: str


class Question(NamedTuple):
    """設問 — ``inner`` are the questions of a group, or what is asked below each answer of a choice."""

    link: str
    text: str
    kind: Kind
    prefix: str = ""
    is_required: bool = False
    repeats: bool = False
    options: tuple[Option, ...] = ()
    inner: tuple[Question, ...] = ()


_CERTAINTY = tuple(Option(each.value, each.label) for each in Certainty)


def questions_of(disease: Disease) -> tuple[Question, ...]:
    """発生届の設問 — groups in the order of the form."""
    boxes = boxes_of(disease)
    return (
        _reporter(),
        _group("who", "当該者", _who(disease, boxes)),
        _group("findings", "症状と診断方法", _findings(disease, boxes)),
        _group("days", "年月日", _days(disease, boxes)),
        _group("origin", "感染原因・感染経路・感染地域", _origin(disease, boxes)),
        _group("rest", "その他", _rest(disease, boxes)),
    )


def boxes_of(disease: Disease) -> dict[str, str]:
    """欄の番号 — by the link of the question."""
    names = _NAMED if disease.has_identity else _NAMELESS
    return {link: str(number) for number, links in enumerate(names, 1) for link in links.split()}


_NAMED = (
    "subject", "name", "sex", "born", "age_years age_months", "occupation", "address", "whereabouts",
    "guardian_name", "guardian_address", "type symptom symptom_words", "method method_words", "first_seen_on",
    "diagnosed_on", "infected_on", "onset_on", "died_on", "cause cause_words region", "extra remarks",
)  # fmt: skip
_NAMELESS = (
    "subject", "sex", "age_years age_months", "type symptom symptom_words", "method method_words", "first_seen_on",
    "diagnosed_on", "infected_on", "onset_on", "died_on", "cause cause_words region", "extra remarks",
)  # fmt: skip


def _reporter() -> Question:
    return _group(
        "report",
        "届出",
        (
            Question("reported_on", "報告年月日", Kind.DATE, is_required=True),
            Question("reporter.doctor", "医師の氏名", Kind.STRING, is_required=True),
            Question("reporter.institution", "従事する病院・診療所の名称", Kind.STRING, is_required=True),
            Question("reporter.address", "上記病院・診療所の所在地", Kind.STRING, is_required=True),
            Question("reporter.telephone", "電話番号", Kind.STRING),
        ),
    )


def _who(disease: Disease, boxes: dict[str, str]) -> tuple[Question, ...]:
    subjects = tuple(Option(each.value, each.label) for each in disease.subjects)
    subject = Question(
        "subject", "診断（検案）した者（死体）の類型", Kind.CHOICE, boxes["subject"], True, options=subjects
    )
    sexes = (Option("male", "男"), Option("female", "女"))
    sex = Question("sex", "性別", Kind.CHOICE, boxes["sex"], True, options=sexes)
    age = (
        Question("age_years", "診断時の年齢", Kind.INTEGER, boxes["age_years"], True),
        Question("age_months", "月齢（0歳のとき）", Kind.INTEGER, boxes["age_months"]),
    )
    if not disease.has_identity:
        return (subject, sex, *age)
    named = {
        link: Question(link, text, Kind.STRING, boxes.get(link, ""), is_required)
        for link, text, is_required in _IDENTITY
    }
    born = Question("born", "生年月日", Kind.DATE, boxes["born"], True)
    rest = tuple(named[link] for link, _, _ in _IDENTITY[2:])
    return (subject, named["name"], named["kana"], sex, born, *age, *rest)


_IDENTITY = (
    ("name", "当該者氏名", True),
    ("kana", "フリガナ", False),
    ("occupation", "当該者職業", True),
    ("address", "当該者住所", True),
    ("telephone", "当該者の電話番号", False),
    ("whereabouts", "当該者所在地", True),
    ("whereabouts_telephone", "所在地の電話番号", False),
    ("guardian_name", "保護者氏名（未成年の場合）", False),
    ("guardian_address", "保護者住所（未成年の場合）", False),
    ("guardian_telephone", "保護者の電話番号", False),
)


def _findings(disease: Disease, boxes: dict[str, str]) -> tuple[Question, ...]:
    found = [
        *_ticks(disease, Part.TYPE, boxes, repeats=False),
        *_ticks(disease, Part.SYMPTOM, boxes),
        Question("symptom_words", "症状（項目にないもの）", Kind.TEXT, boxes["symptom_words"]),
    ]
    if options := _options(disease, Part.METHOD):
        inner = (
            Question("method.specimen", "検体", Kind.STRING),
            Question("method.result", "結果", Kind.STRING),
            Question("method.taken_on", "採取年月日", Kind.DATE),
        )
        found.append(
            Question(
                "method",
                Part.METHOD.label,
                Kind.CHOICE,
                boxes["method"],
                repeats=True,
                options=options,
                inner=inner,
            )
        )
    found.append(Question("method_words", "診断方法（項目にないもの）", Kind.TEXT, boxes["method_words"]))
    return tuple(found)


def _ticks(
    disease: Disease, part: Part, boxes: dict[str, str], *, repeats: bool = True
) -> tuple[Question, ...]:
    options = _options(disease, part)
    if not options:
        return ()
    inner = (Question(f"{part.value}.words", "内容", Kind.STRING),)
    box = boxes[part.value]
    return (
        Question(part.value, part.label, Kind.CHOICE, box, repeats=repeats, options=options, inner=inner),
    )


def _options(disease: Disease, part: Part) -> tuple[Option, ...]:
    return tuple(Option(each.code, each.label) for each in disease.items_of(part))


def _days(disease: Disease, boxes: dict[str, str]) -> tuple[Question, ...]:
    may_be_dead = any(each.is_dead for each in disease.subjects)
    days = [
        ("first_seen_on", "初診年月日"),
        ("diagnosed_on", "診断（検案）年月日"),
        ("infected_on", "感染したと推定される年月日"),
        ("onset_on", "発病年月日"),
    ]
    if may_be_dead:
        days.append(("died_on", "死亡年月日（死体を検案した場合）"))
    return tuple(Question(link, text, Kind.DATE, boxes[link], link == "diagnosed_on") for link, text in days)


def _origin(disease: Disease, boxes: dict[str, str]) -> tuple[Question, ...]:
    return (
        *_ticks(disease, Part.CAUSE, boxes),
        Question("cause_words", "感染原因・感染経路（項目にないもの）", Kind.TEXT, boxes["cause_words"]),
        Question("cause.certainty", "感染原因・感染経路の確定・推定", Kind.CHOICE, options=_CERTAINTY),
        Question("region.is_abroad", "感染地域（国内・国外の別）", Kind.BOOLEAN),
        Question("region", "感染地域", Kind.STRING, boxes["region"]),
        Question("region.certainty", "感染地域の確定・推定", Kind.CHOICE, options=_CERTAINTY),
    )


def _rest(disease: Disease, boxes: dict[str, str]) -> tuple[Question, ...]:
    remarks = Question(
        "remarks",
        "その他感染症のまん延の防止及び当該者の医療のために医師が必要と認める事項",
        Kind.TEXT,
        boxes["remarks"],
    )
    return (*_ticks(disease, Part.EXTRA, boxes), remarks)


def _group(link: str, text: str, inner: tuple[Question, ...]) -> Question:
    return Question(link, text, Kind.GROUP, inner=inner)
