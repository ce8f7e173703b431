# SPDX-License-Identifier: Apache-2.0
"""患者検索 — one box for kana, kanji, chart number, birth date and telephone number."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from tasuki.kernel.kana import search_key
from tasuki_server.patients.birth_text import read_days
from tasuki_server.patients.models import Patient
from tasuki_server.patients.phone_codes import LEAST_DIGITS, MOST_DIGITS, phone_code, phone_key
from tasuki_server.privacy.masking import hidden_patients
from tasuki_server.watch.hidden import without_canaries

LIMIT = 30


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """検索結果 — the patients found, and whether there were more than are shown."""

    text: str
    patients: tuple[Patient, ...]
    has_more: bool = False


def search_patients(text: str, limit: int = LIMIT) -> SearchAnswer:
    """患者検索 — every word must hit; names match from the start first, then anywhere.

    Words are told apart by what they are: a day (S35.4.1, 1960-04-01, 昭和35年), a number, or a name in any
    width, kana or old character form.
    """
    text = text.strip()
    words = unicodedata.normalize("NFKC", text).split()
    if not words:
        return SearchAnswer(text, ())
    wanted = Q()
    for word in words:
        wanted &= _condition(word)
    # 姓と名の間の空白は検索キーに無い: the words of one name also match as one run.
    joined = search_key("".join(words))
    if len(words) > 1 and joined:
        wanted |= Q(name_key__contains=joined) | Q(kana_key__contains=joined)
    patients = Patient.objects.filter(wanted).filter(~Q(pk__in=hidden_patients()) | _by_number(words))
    if not (len(words) == 1 and words[0].isdecimal()):
        # Whoever types a number asks for one chart; whoever types a name must not stumble into a decoy.
        patients = without_canaries(patients)
    found = list(_ranked(patients, words, joined)[: limit + 1])
    return SearchAnswer(text, tuple(found[:limit]), len(found) > limit)


def similar_patients(
    *, name: str, kana: str, born: date, phone: str, but: Patient | None = None
) -> list[Patient]:
    """重複の疑い — patients with the same birth date and one name alike, or the same name and telephone."""
    name_key, kana_key, digits = search_key(name), search_key(kana), digits_of(phone)
    alike = Q(born=born) & (Q(name_key=name_key) | Q(kana_key=kana_key))
    if len(digits) >= LEAST_DIGITS:
        alike |= Q(phone_codes__startswith=phone_code(digits[:MOST_DIGITS], phone_key())) & (
            Q(name_key=name_key) | Q(kana_key=kana_key)
        )
    found = without_canaries(Patient.objects.filter(alike)).order_by("number")
    return list(found.exclude(pk=but.pk) if but else found)


def digits_of(text: str) -> str:
    """数字のみ — the digits of a telephone number, any width.

    >>> digits_of("０３－１２３４-5678")
    '0312345678'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdecimal())


def _by_number(words: list[str]) -> Q:
    """A sealed patient is found by the chart number alone, never by what would tell the name."""
    is_one = len(words) == 1 and words[0].isdecimal() and len(words[0]) <= 9
    return Q(number=int(words[0])) if is_one else Q(pk__isnull=True)


def _condition(word: str) -> Q:
    days = read_days(word)
    digits = word.replace("-", "")
    if digits.isdecimal():
        # A number nobody can hold must not reach the database's four-byte column.
        condition = Q(number=int(digits)) if digits == word and len(digits) <= 9 else Q()
        if len(digits) >= LEAST_DIGITS:
            condition |= Q(phone_codes__contains=phone_code(digits[:MOST_DIGITS], phone_key()))
        if days is not None:
            condition |= Q(born__range=(days.since, days.until))
        return condition or Q(pk__isnull=True)
    if days is not None:
        return Q(born__range=(days.since, days.until))
    key = search_key(word)
    return Q(name_key__contains=key) | Q(kana_key__contains=key) if key else Q(pk__isnull=True)


def _ranked(found: QuerySet[Patient], words: list[str], joined: str) -> QuerySet[Patient]:
    exact = Q(number=int(words[0])) if words[0].isdecimal() and len(words[0]) <= 9 else Q(pk__isnull=True)
    first = search_key(words[0]) or joined
    return found.annotate(
        rank=Case(
            When(exact, then=Value(0)),
            When(Q(kana_key__startswith=first) | Q(name_key__startswith=first), then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
    ).order_by("rank", "kana_key", "number")
