# SPDX-License-Identifier: Apache-2.0
"""Made-up notices: one that may go, for any disease of the table, and strategies for all that can be written."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from tasuki.chart.visit import Sex
from tasuki.notifications.facts import Examined, Identity, Notification, Origin, Reporter, Ticked
from tasuki.notifications.table import Disease, builtin_table
from tasuki.notifications.words import Certainty, Part, Subject

DAY = date(2026, 6, 15)
TABLE = builtin_table()
# The day on which items of more forms were added; both versions of such a form are tried.
WIDENED = date(2026, 11, 30)
VERSIONS = TABLE.diseases
REPORTER = Reporter("架空　太郎", "たすき会架空医院", "東京都架空区一丁目2番3号", "03-0000-0000")
IDENTITY = Identity(
    name="襷󠄀　はるか",
    kana="タスキ　ハルカ",
    born=date(1990, 4, 1),
    occupation="調理師",
    address="東京都架空区一丁目4番5号",
    telephone="03-0000-0001",
    whereabouts="自宅",
)


def disease(code: str, day: date = DAY) -> Disease:
    return TABLE.disease(code, day)


def notice(code: str, version: Disease | None = None, **changes: Any) -> Notification:
    """A notice of this disease in which nothing is wrong."""
    form = version or disease(code)
    kinds, symptoms, methods = (form.items_of(part) for part in (Part.TYPE, Part.SYMPTOM, Part.METHOD))
    subject = form.subjects[0]
    made: dict[str, Any] = {
        "disease": code,
        "reported_on": DAY,
        "subject": subject,
        "sex": Sex.FEMALE,
        "age_years": 36,
        "identity": IDENTITY if form.has_identity else Identity(),
        "kind": Ticked(kinds[0].code) if kinds else None,
        "symptoms": tuple(Ticked(each.code, "2" if each.ask else "") for each in symptoms[:2]),
        "symptom_words": "" if symptoms else "発熱",
        "methods": tuple(
            Examined(each.code, each.specimens[0] if each.specimens else "", "陽性", date(2026, 6, 14))
            for each in methods[:1]
        ),
        "method_words": "" if methods else "分離・同定",
        "first_seen_on": date(2026, 6, 12),
        "diagnosed_on": DAY,
        "infected_on": date(2026, 6, 8),
        "onset_on": date(2026, 6, 11),
        "origin": Origin((), "不明", Certainty.PRESUMED, False, "東京都", Certainty.PRESUMED),
        "reporter": REPORTER,
    }
    return Notification(**(made | changes))


_TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
_MAYBE = st.just("") | _TEXT
_DAY = st.dates(date(2023, 5, 26), date(2027, 3, 31))
_SURE = st.none() | st.sampled_from(Certainty)


def _ticked(form: Disease, part: Part) -> st.SearchStrategy[tuple[Ticked, ...]]:
    codes = [each.code for each in form.items_of(part)]
    if not codes:
        return st.just(())
    return st.lists(st.builds(Ticked, st.sampled_from(codes), _MAYBE), max_size=4).map(tuple)


@st.composite
def any_notice(draw: st.DrawFn) -> tuple[Notification, Disease]:
    """Anything the form has a box for, right or wrong."""
    form = draw(st.sampled_from(VERSIONS))
    born = draw(st.none() | _DAY)
    identity = Identity(
        **{name: draw(_MAYBE) for name in Identity.__dataclass_fields__ if name != "born"}, born=born
    )
    methods = [each.code for each in form.items_of(Part.METHOD)]
    tested = st.builds(Examined, st.sampled_from(methods or ["1"]), _MAYBE, _MAYBE, st.none() | _DAY)
    kinds = draw(_ticked(form, Part.TYPE))
    dead = any(each.is_dead for each in form.subjects)
    days = {
        name: draw(st.none() | _DAY) for name in ("first_seen_on", "diagnosed_on", "infected_on", "onset_on")
    }
    made = Notification(
        disease=form.code,
        reported_on=draw(_DAY),
        subject=draw(st.sampled_from(form.subjects)),
        sex=draw(st.sampled_from(Sex)),
        age_years=draw(st.integers(0, 130)),
        age_months=draw(st.none() | st.integers(0, 11)),
        identity=identity if form.has_identity else Identity(),
        kind=kinds[0] if kinds else None,
        symptoms=draw(_ticked(form, Part.SYMPTOM)),
        symptom_words=draw(_MAYBE),
        methods=tuple(draw(st.lists(tested, max_size=3))) if methods else (),
        method_words=draw(_MAYBE),
        **days,
        died_on=draw(st.none() | _DAY) if dead else None,
        origin=Origin(
            draw(_ticked(form, Part.CAUSE)),
            draw(_MAYBE),
            draw(_SURE),
            draw(st.none() | st.booleans()),
            draw(_MAYBE),
            draw(_SURE),
        ),
        extras=draw(_ticked(form, Part.EXTRA)),
        remarks=draw(_MAYBE),
        reporter=Reporter(*(draw(_MAYBE) for _ in range(4))),
    )
    return made, form


__all__ = [
    "DAY",
    "IDENTITY",
    "TABLE",
    "VERSIONS",
    "WIDENED",
    "Subject",
    "any_notice",
    "disease",
    "notice",
]
