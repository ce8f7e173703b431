# SPDX-License-Identifier: Apache-2.0
"""発生届の点検 — what the law asks of a notice, what it must not tell, and what cannot be true.

Cite: 感染症法 第12条第1項; 同施行規則 第4条
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from tasuki.kernel.days import age_on
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.notifications import messages
from tasuki.notifications.facts import Examined, Identity, Notification, Ticked
from tasuki.notifications.table import Disease
from tasuki.notifications.words import Part, Subject

assert messages.READY
LAW = "感染症法第12条第1項・施行規則第4条"
ADULT_AGE = 18
MOST_TEXT = 400
_WHO = (
    ("name", "氏名"),
    ("born", "生年月日"),
    ("occupation", "職業"),
    ("address", "住所"),
    ("whereabouts", "所在地"),
)
_DAYS = (
    ("born", "生年月日"),
    ("infected_on", "感染推定年月日"),
    ("onset_on", "発病年月日"),
    ("first_seen_on", "初診年月日"),
    ("diagnosed_on", "診断（検案）年月日"),
    ("died_on", "死亡年月日"),
    ("reported_on", "報告年月日"),
)
# Pairs of which the second day may not be earlier. The first visit may be before the onset (an infection in hospital).
_ORDER = (
    ("born", "infected_on"),
    ("born", "onset_on"),
    ("born", "first_seen_on"),
    ("born", "diagnosed_on"),
    ("infected_on", "onset_on"),
    ("infected_on", "diagnosed_on"),
    ("onset_on", "diagnosed_on"),
    ("onset_on", "died_on"),
    ("first_seen_on", "diagnosed_on"),
    ("diagnosed_on", "reported_on"),
    ("died_on", "diagnosed_on"),
    ("died_on", "reported_on"),
)


def check(notice: Notification, disease: Disease) -> tuple[Finding, ...]:
    """発生届の点検 — errors (BLOCK) forbid sending; questions (CONFIRM) and advice do not. In the order of the form."""
    return tuple(
        finding
        for part in (_who, _age, _subject, _items, _days, _rest, _texts)
        for finding in part(notice, disease)
    )


def _who(notice: Notification, disease: Disease) -> Iterator[Finding]:
    who = notice.identity
    if not disease.has_identity:
        told = [label for name, label in (*_WHO, *_REST_OF_WHO) if getattr(who, name)]
        if told:
            yield _block(2, "identity", what="、".join(told), disease=disease.short_name)
        return
    for name, label in _WHO:
        if not getattr(who, name):
            yield _block(1, name, what=label, law=LAW)
    if notice.age_years < ADULT_AGE and not notice.subject.is_dead:
        for name, label in (("guardian_name", "氏名"), ("guardian_address", "住所")):
            if not getattr(who, name):
                yield _block(4, name, what=label, age=notice.age_years)


_REST_OF_WHO = (
    ("kana", "フリガナ"),
    ("telephone", "電話番号"),
    ("whereabouts_telephone", "所在地の電話番号"),
    ("guardian_name", "保護者の氏名"),
    ("guardian_address", "保護者の住所"),
    ("guardian_telephone", "保護者の電話番号"),
)


def _age(notice: Notification, disease: Disease) -> Iterator[Finding]:
    years, months = notice.age_years, notice.age_months
    if not 0 <= years <= 130:
        yield _block(18, "age_years", age=years)
        return
    if years == 0 and (months is None or not 0 <= months <= 11):
        yield _block(5, "age_months")
    if years > 0 and months is not None:
        yield _block(6, "age_months", years=years)
    born, on = notice.identity.born, notice.diagnosed_on
    if disease.has_identity and born is not None and on is not None and born <= on:
        counted = age_on(born, on)
        told = (years, months if years == 0 else None)
        if told != (counted.years, counted.months if counted.years == 0 else None):
            yield _block(
                7, "age_years", told=age_text(*told), counted=age_text(counted.years, counted.months)
            )


def age_text(years: int, months: int | None) -> str:
    """年齢の表記 — in years, under one year in months.

    >>> age_text(34, None), age_text(0, 5)
    ('34歳', '0歳5か月')
    """
    return f"0歳{months}か月" if years == 0 and months is not None else f"{years}歳"


def _subject(notice: Notification, disease: Disease) -> Iterator[Finding]:
    if notice.subject not in disease.subjects:
        allowed = "、".join(f"「{each.label}」" for each in disease.subjects)
        yield _block(3, "subject", subject=notice.subject.label, disease=disease.short_name, allowed=allowed)
    if notice.subject.is_dead and notice.died_on is None:
        yield _block(1, "died_on", what="死亡年月日", law="死体を検案したとき")
    if not notice.subject.is_dead and notice.died_on is not None:
        yield _block(11, "died_on")


def _items(notice: Notification, disease: Disease) -> Iterator[Finding]:
    parts: tuple[tuple[Part, tuple[Ticked | Examined, ...]], ...] = (
        (Part.TYPE, () if notice.kind is None else (notice.kind,)),
        (Part.SYMPTOM, notice.symptoms),
        (Part.METHOD, notice.methods),
        (Part.CAUSE, notice.origin.causes),
        (Part.EXTRA, notice.extras),
    )
    for part, given in parts:
        seen = set()
        for each in given:
            item = disease.item(part, each.code)
            if item is None or each.code in seen:
                yield _block(9, part.value, what=part.label, code=each.code, disease=disease.short_name)
            elif (
                isinstance(each, Examined)
                and each.specimen
                and item.specimens
                and not _has(item.specimens, each)
            ):
                allowed = "、".join(item.specimens)
                yield _block(10, part.value, specimen=each.specimen, method=item.label, allowed=allowed)
            seen.add(each.code)
    if disease.items_of(Part.TYPE) and notice.kind is None and notice.subject is Subject.PATIENT:
        yield _block(1, "type", what="病型", law=LAW)
    yield from _symptoms(notice, disease)
    if not notice.methods and not notice.method_words:
        yield _block(1, "method", what="診断方法", law=LAW)


def _has(specimens: tuple[str, ...], tested: Examined) -> bool:
    """その他 stands for any specimen named in words."""
    return tested.specimen in specimens or "その他" in specimens


def _symptoms(notice: Notification, disease: Disease) -> Iterator[Finding]:
    labels = [
        item.label for each in notice.symptoms if (item := disease.item(Part.SYMPTOM, each.code)) is not None
    ]
    has_any = bool([label for label in labels if label != "なし"] or notice.symptom_words)
    if "なし" in labels and has_any:
        yield _block(12, "symptom")
    if notice.subject is Subject.CARRIER:
        if has_any:
            yield _finding(13, Severity.CONFIRM, "symptom", subject=notice.subject.label)
    elif not labels and not notice.symptom_words:
        yield _block(1, "symptom", what="症状", law=LAW)


def _days(notice: Notification, disease: Disease) -> Iterator[Finding]:
    days: dict[str, date | None] = {
        name: notice.identity.born if name == "born" else getattr(notice, name) for name, _ in _DAYS
    }
    names = dict(_DAYS)
    # A body is examined, not seen first.
    needed = ("diagnosed_on",) if notice.subject.is_dead else ("first_seen_on", "diagnosed_on")
    for name in needed:
        if days[name] is None:
            yield _block(1, name, what=names[name], law=LAW)
    for earlier, later in _ORDER:
        first, second = days[earlier], days[later]
        if first is not None and second is not None and second < first:
            yield _block(
                8, later, later=names[later], later_on=f"{second:%Y-%m-%d}",
                earlier=names[earlier], earlier_on=f"{first:%Y-%m-%d}",
            )  # fmt: skip
    asked = ("infected_on",) if notice.subject is Subject.CARRIER else ("infected_on", "onset_on")
    for name in asked:
        if days[name] is None:
            yield _finding(14, Severity.ADVICE, name, what=names[name])
    if notice.diagnosed_on is not None:
        due_on = disease.due_on(notice.diagnosed_on)
        if notice.reported_on > due_on:
            yield _finding(15, Severity.ADVICE, "reported_on", due_on=f"{due_on:%Y-%m-%d}")


def _rest(notice: Notification, disease: Disease) -> Iterator[Finding]:
    origin, who = notice.origin, notice.reporter
    if not origin.causes and not origin.words:
        yield _block(1, "cause", what="感染原因・感染経路（不明なら「不明」）", law=LAW)
    elif origin.certainty is None:
        yield _block(1, "cause.certainty", what="感染原因・感染経路の確定・推定の別", law=LAW)
    if origin.is_abroad is None and not origin.region:
        yield _block(1, "region", what="感染地域（不明なら「不明」）", law=LAW)
    elif origin.region_certainty is None:
        yield _block(1, "region.certainty", what="感染地域の確定・推定の別", law=LAW)
    for name, label in (
        ("doctor", "医師の氏名"),
        ("institution", "病院・診療所の名称"),
        ("address", "病院・診療所の所在地"),
    ):
        if not getattr(who, name):
            yield _block(1, f"reporter.{name}", what=label, law=LAW)


def _texts(notice: Notification, disease: Disease) -> Iterator[Finding]:
    for where, text in texts_of(notice):
        if len(text) > MOST_TEXT:
            yield _block(16, where, what=where, count=len(text), most=MOST_TEXT)
        if any(unicodedata.category(each) in ("Cc", "Cs", "Co", "Cn") and each != "\n" for each in text):
            yield _block(17, where, what=where)


def texts_of(notice: Notification) -> Iterator[tuple[str, str]]:
    """発生届の文字列 — every text a person wrote, with the name of its box."""
    for name in Identity.__dataclass_fields__:
        if name != "born":
            yield name, getattr(notice.identity, name)
    ticked = (
        *notice.symptoms,
        *notice.origin.causes,
        *notice.extras,
        *((notice.kind,) if notice.kind else ()),
    )
    for each in ticked:
        yield "項目の内容", each.words
    for tested in notice.methods:
        yield "検体", tested.specimen
        yield "結果", tested.result
    yield "症状", notice.symptom_words
    yield "診断方法", notice.method_words
    yield "感染原因・感染経路", notice.origin.words
    yield "感染地域", notice.origin.region
    yield "その他", notice.remarks
    for name in ("doctor", "institution", "address", "telephone"):
        yield f"reporter.{name}", getattr(notice.reporter, name)


def _block(number: int, field: str, **facts: Any) -> Finding:
    return _finding(number, Severity.BLOCK, field, **facts)


def _finding(number: int, severity: Severity, field: str, **facts: Any) -> Finding:
    code = f"NTF-{number:04d}"
    return Finding(code, severity, Where(record="発生届", field=field), f"notifications.{code}", facts)
