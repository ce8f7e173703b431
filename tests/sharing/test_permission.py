# SPDX-License-Identifier: Apache-2.0
"""閲覧の同意の判断 — cases by name, and 10,000 random histories against a small model written apart."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tasuki.sharing.permission import (
    DOCUMENTS,
    INFORMATIONS,
    Act,
    Basis,
    PermissionEvent,
    RecordKind,
    Viewer,
    decide,
)

NOON = datetime(2026, 11, 30, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE, THERE = "1319990010", "1319990028"
GRANT = PermissionEvent("g", Act.READER_GRANT, NOON, HERE, INFORMATIONS, until=NOON + 24 * HOUR)


def asked(*history, who=HERE, kind=RecordKind.CONDITION, at=NOON + HOUR, document=""):
    return decide(history, Viewer(who, document), kind, at)


def test_nothing_is_open_without_consent():
    told = asked()
    assert (told.is_open, told.basis) == (False, Basis.NEVER)
    assert "傷病名" in told.reason and "カードリーダー" in told.reason and told.cite


def test_the_readers_consent_opens_its_kinds_for_its_institution_for_a_day():
    assert asked(GRANT).basis is Basis.READER and asked(GRANT).until == GRANT.until
    assert not asked(GRANT, who=THERE).is_open
    assert not asked(GRANT, kind=RecordKind.CHECKUP).is_open
    assert asked(GRANT, at=GRANT.until - timedelta(microseconds=1)).is_open
    assert asked(GRANT, at=GRANT.until).basis is Basis.ENDED


def test_an_oral_consent_is_for_one_document_and_its_receiver():
    oral = PermissionEvent("o", Act.ORAL_GRANT, NOON, HERE, DOCUMENTS, document="d1")
    assert asked(oral, kind=RecordKind.REFERRAL, document="d1").basis is Basis.ORAL
    assert not asked(oral, kind=RecordKind.REFERRAL, document="d2").is_open
    assert not asked(oral, kind=RecordKind.REFERRAL).is_open
    assert not asked(oral, who=THERE, kind=RecordKind.REFERRAL, document="d1").is_open


def test_a_period_in_the_portal_begins_and_ends():
    given = replace(GRANT, act=Act.PORTAL_GRANT, since=NOON + 2 * HOUR, until=NOON + 3 * HOUR)
    assert asked(given).basis is Basis.NOT_YET
    assert asked(given, at=NOON + 2 * HOUR).basis is Basis.PORTAL
    assert asked(given, at=NOON + 3 * HOUR).basis is Basis.ENDED


def test_a_withdrawal_closes_what_came_before_and_nothing_after():
    gone = PermissionEvent("w", Act.WITHDRAWAL, NOON + HOUR)
    again = replace(GRANT, id="again", at=NOON + 2 * HOUR)
    assert asked(GRANT, gone).basis is Basis.WITHDRAWN
    assert asked(GRANT, gone, again, at=NOON + 3 * HOUR).basis is Basis.READER
    elsewhere = replace(gone, institution=THERE)
    assert asked(GRANT, elsewhere).is_open
    narrow = replace(gone, kinds=frozenset({RecordKind.ALLERGY}))
    assert asked(GRANT, narrow).is_open and not asked(GRANT, narrow, kind=RecordKind.ALLERGY).is_open


def test_a_withdrawal_of_one_document_leaves_the_others():
    first = PermissionEvent("o1", Act.ORAL_GRANT, NOON, HERE, DOCUMENTS, document="d1")
    second = replace(first, id="o2", document="d2")
    gone = PermissionEvent("w", Act.WITHDRAWAL, NOON + HOUR, document="d1")
    assert not asked(first, second, gone, kind=RecordKind.REFERRAL, document="d1").is_open
    assert asked(first, second, gone, kind=RecordKind.REFERRAL, document="d2").is_open


def test_an_emergency_opens_with_its_reason_and_no_letter():
    opened = PermissionEvent(
        "e", Act.EMERGENCY, NOON, HERE, frozenset(RecordKind), until=NOON + 24 * HOUR, reason="意識がない"
    )
    told = asked(opened)
    assert told.basis is Basis.EMERGENCY and "意識がない" in told.reason and "27条" in told.cite
    assert not asked(opened, kind=RecordKind.REFERRAL).is_open
    assert asked(GRANT, replace(opened, at=NOON + timedelta(minutes=5))).basis is Basis.READER


def test_a_proxy_is_named():
    told = asked(replace(GRANT, act=Act.PROXY_GRANT, proxy="架空 花子"))
    assert told.basis is Basis.PROXY and "架空 花子" in told.reason


def test_an_expiry_ends_the_one_consent_it_names():
    other = replace(GRANT, id="other")
    ended = PermissionEvent("x", Act.EXPIRY, NOON + HOUR, ends="g")
    assert asked(GRANT, ended).basis is Basis.ENDED
    assert asked(GRANT, other, ended).is_open


def naive(history, who, kind, at):
    """Open when some grant is in force and no later event, in time or in the list, took it away."""
    order = sorted(range(len(history)), key=lambda place: (history[place].at, place))
    for rank, place in enumerate(order):
        grant = history[place]
        if grant.act in (Act.WITHDRAWAL, Act.EXPIRY) or grant.at > at:
            continue
        fits = grant.institution == who.institution and kind in grant.kinds
        fits = fits and grant.document in ("", who.document)
        if grant.act is Act.EMERGENCY and kind in (RecordKind.REFERRAL, RecordKind.DISCHARGE):
            fits = False
        begins = grant.at if grant.since is None or grant.since < grant.at else grant.since
        runs = begins <= at and (grant.until is None or at < grant.until)
        taken = False
        for later in order[rank + 1 :]:
            each = history[later]
            if each.at > at:
                continue
            if each.act is Act.EXPIRY and each.ends == grant.id:
                taken = True
            if each.act is Act.WITHDRAWAL:
                same_place = each.institution == "" or each.institution == grant.institution
                same_kind = len(each.kinds) == 0 or kind in each.kinds
                same_document = each.document == "" or each.document == grant.document
                taken = taken or (same_place and same_kind and same_document)
        if fits and runs and not taken:
            return True
    return False


def drawn(chance: random.Random):
    institutions, documents = ("A", "B"), ("", "d1", "d2")
    kinds = tuple(RecordKind)
    history = []
    for number in range(chance.randrange(12)):
        act = chance.choice(tuple(Act))
        # Few moments, so that some events fall together.
        at = NOON + chance.randrange(6) * HOUR
        some = frozenset(chance.sample(kinds, chance.randrange(1, 8)))
        if act is Act.WITHDRAWAL:
            given = {
                "institution": chance.choice(("", *institutions)),
                "kinds": chance.choice((frozenset(), some)),
                "document": chance.choice(("", "", "d1")),
            }
        elif act is Act.EXPIRY:
            given = {"ends": str(chance.randrange(number + 1))}
        else:
            given = {
                "institution": chance.choice(institutions),
                "kinds": some,
                "document": chance.choice(documents),
                "since": chance.choice((None, NOON + chance.randrange(8) * HOUR)),
                "until": chance.choice((None, at + chance.randrange(1, 6) * HOUR)),
            }
        history.append(PermissionEvent(str(number), act, at, **given))
    viewer = Viewer(chance.choice(institutions), chance.choice(documents))
    return history, viewer, chance.choice(kinds), NOON + chance.randrange(9) * HOUR


def test_ten_thousand_histories_agree_with_a_model_written_apart():
    chance = random.Random(20261130)
    opened = 0
    for _ in range(10_000):
        history, who, kind, at = drawn(chance)
        told = decide(history, who, kind, at)
        assert told.is_open == naive(history, who, kind, at), (history, who, kind, at)
        assert told.reason and told.cite
        opened += told.is_open
    # Both answers were tried.
    assert 1_000 < opened < 9_000


@pytest.mark.parametrize("seed", range(5))
def test_a_withdrawal_of_everything_closes_everything(seed):
    chance = random.Random(seed)
    for _ in range(200):
        history, who, kind, _ = drawn(chance)
        last = max((each.at for each in history), default=NOON)
        gone = PermissionEvent("all", Act.WITHDRAWAL, last)
        assert not decide([*history, gone], who, kind, last).is_open
