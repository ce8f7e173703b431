# SPDX-License-Identifier: Apache-2.0
"""監査証跡の連鎖 — any change of any part, any gap and any swap shows."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.audit_chain import (
    FIRST_LINK,
    Event,
    canonical,
    check_chain,
    link_of,
    patients_digest,
    seal_of,
)

KEY = b"k" * 32
TEXT = st.text(max_size=8)
EVENTS = st.lists(
    st.builds(
        Event,
        TEXT,
        st.just(0),
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        st.dictionaries(TEXT, TEXT, max_size=2),
        TEXT,
        TEXT,
        TEXT,
    ),
    min_size=1,
    max_size=6,
)


def chained(events):
    rows, previous = [], FIRST_LINK
    for number, event in enumerate(events, start=1):
        event = event._replace(number=number)
        previous = link_of(previous, event)
        rows.append((event, previous, seal_of(KEY, previous)))
    return rows


@given(EVENTS)
def test_an_untouched_chain_holds(events):
    assert list(check_chain(chained(events), KEY)) == []


@given(EVENTS, st.data())
def test_a_change_of_any_field_shows(events, data):
    rows = chained(events)
    at = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from([name for name in Event._fields if name not in ("number", "detail")]))
    event, link, seal = rows[at]
    rows[at] = (event._replace(**{field: getattr(event, field) + "x"}), link, seal)
    assert [each.number for each in check_chain(rows, KEY)] == [at + 1]


@given(EVENTS, st.data())
def test_a_removed_event_shows_unless_it_was_the_last(events, data):
    rows = chained(events)
    if len(rows) < 2:
        return
    del rows[data.draw(st.integers(0, len(rows) - 2))]
    assert {each.kind for each in check_chain(rows, KEY)} == {"gap", "link"}


@given(EVENTS)
def test_seals_of_another_key_show(events):
    assert {each.kind for each in check_chain(chained(events), b"other")} == {"seal"}


def test_an_event_of_the_first_trails_keeps_its_spelling():
    event = Event("i", 1, "2026-06-01T00:00:00", "a", "", "chart.read", "", "", "", {})
    assert canonical(event) == b'["i",1,"2026-06-01T00:00:00","a","","chart.read","","","",{}]'


@given(EVENTS)
def test_where_and_why_cannot_be_emptied_unseen(events):
    for event in events:
        emptied = event._replace(address="", session="", purpose="")
        assert (canonical(event) == canonical(emptied)) == (event == emptied)


def test_a_link_and_its_seal_are_spelt_for_ever():
    """Kept trails must hold under every later version: these two values may never change."""
    event = Event("i", 1, "2026-06-01T00:00:00", "a", "", "chart.read", "", "", "", {"b": 1, "a": "襷"})
    link = link_of(FIRST_LINK, event)
    assert FIRST_LINK == "0" * 64
    assert canonical(event).decode() == (
        '["i",1,"2026-06-01T00:00:00","a","","chart.read","","","",{"a":"襷","b":1}]'
    )
    spelt = hashlib.sha256(b"0" * 64 + b"\n" + canonical(event)).hexdigest()
    assert link == spelt
    assert seal_of(KEY, link) == hmac.new(KEY, spelt.encode(), hashlib.sha256).hexdigest()


def test_patients_of_a_list_are_told_apart_by_lines():
    assert patients_digest(["b", "a"]) == hashlib.sha256(b"a\nb").hexdigest()


def test_the_last_event_may_be_told_by_its_number():
    rows = chained([Event("i", 0, "t", "a", "", "x", "", "", "", {})])
    renumbered = rows[0][0]._replace(number=2)
    moved = link_of(FIRST_LINK, renumbered)
    assert [each.kind for each in check_chain([(renumbered, moved, seal_of(KEY, moved))], KEY)] == ["gap"]
