# SPDX-License-Identifier: Apache-2.0
"""決まった文 — each statement written once reads and keeps what the ORM would have, and what the library would have said."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.forms.models import model_to_dict
from django.test import RequestFactory
from django.utils import timezone

from portal import Telephone, person_with_card

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def people(server):
    from tasuki_server.platform.house import close_house

    mother, child = (
        person_with_card("架空　母", "2001", sex="2"),
        person_with_card("架空　子", "2002", sex="1"),
    )
    phone = Telephone()
    phone.register(mother)
    yield mother, child, phone
    close_house()


def _all(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _session(phone):
    from tasuki_server.portal.sessions import _digest

    return _digest(phone.client.cookies["tasuki-portal"].value)


def test_a_session_comes_with_the_rows_that_the_orm_finds(people):
    from tasuki_server.portal.models import Proxy, ProxyKind, Session
    from tasuki_server.portal.statements import open_session

    mother, child, phone = people
    digest = _session(phone)
    plain = Session.objects.select_related("account__person", "acting__person").get(digest=digest)
    found = open_session(digest)
    assert _all(found) == _all(plain) and _all(found.account) == _all(plain.account)
    assert _all(found.account.person) == _all(mother) and found.acting is None

    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind, OneTimeCode

    issue_code(child, CodeKind.CHILD)
    code = OneTimeCode.objects.get(person=child, kind=CodeKind.CHILD)
    proxy = Proxy.objects.create(
        person=child, account=plain.account, kind=ProxyKind.PARENT, may_consent=True, code=code
    )
    Session.objects.filter(pk=plain.pk).update(acting=proxy)
    acting = open_session(digest)
    assert _all(acting.acting) == _all(proxy) and _all(acting.acting.person) == _all(child)
    Session.objects.filter(pk=plain.pk).update(acting=None)


def test_what_ended_is_no_session_and_no_passkey(people):
    from tasuki_server.portal.models import Account, Passkey, Session
    from tasuki_server.portal.statements import held_passkey, open_session

    _, _, phone = people
    digest, key = _session(phone), Passkey.objects.get(credential_id=phone.passkey.id)
    now = timezone.now()
    assert open_session(digest) is not None and _found(held_passkey, phone.passkey.id) is not None
    for rows, field in (
        (Session.objects.filter(digest=digest), "ended_at"),
        (Passkey.objects.filter(pk=key.pk), "removed_at"),
        (Account.objects.filter(pk=key.account_id), "closed_at"),
    ):
        rows.update(**{field: now})
        assert open_session(digest) is None, field
        if field != "ended_at":
            assert _found(held_passkey, phone.passkey.id) is None, field
        rows.update(**{field: None})
    assert open_session("0" * 64) is None and _found(held_passkey, b"none") is None


def _found(ask, given):
    """A row is held only within a transaction."""
    from django.db import transaction

    with transaction.atomic(using="platform"):
        return ask(given)


def test_cards_come_newest_first_with_their_certificates(people):
    from tasuki_server.eligibility.models import HeldQualification
    from tasuki_server.portal.statements import cards_of

    mother, _, _ = people
    HeldQualification.objects.create(
        person=mother, insurer_number="06139463", symbol="1", number="9", branch="01", symbol_key="1",
        number_key="9", qualified_on=date(2020, 4, 1), certificates={"limit": {"class": "B"}},
    )  # fmt: skip
    plain = list(HeldQualification.objects.filter(person=mother).order_by("-qualified_on"))
    assert len(plain) == 2 and [_all(each) for each in cards_of(mother)] == [_all(each) for each in plain]


def test_proxies_are_those_not_revoked_with_both_people(people):
    from tasuki_server.portal.models import Proxy
    from tasuki_server.portal.proxies import _rows
    from tasuki_server.portal.statements import proxies_by

    mother, child, _ = people
    (proxy,) = Proxy.objects.filter(person=child)
    (found,) = proxies_by(proxy.account)
    (plain,) = _rows().filter(account=proxy.account)
    assert model_to_dict(found) == model_to_dict(plain)
    assert (found.person, found.account.person) == (child, mother)
    Proxy.objects.filter(pk=proxy.pk).update(revoked_at=timezone.now())
    assert proxies_by(proxy.account) == []
    Proxy.objects.filter(pk=proxy.pk).update(revoked_at=None)


def test_a_row_is_kept_as_create_keeps_it(people):
    from tasuki_server.portal.models import Event, Session
    from tasuki_server.portal.statements import keep

    mother, _, phone = people
    session = Session.objects.get(digest=_session(phone))
    keep(Event(person=mother, act="home", detail={"語": [1, None, "'"]}, is_refused=True))
    row = Event.objects.latest("number")
    assert (row.person_id, row.act, row.detail, row.is_refused) == (mother.pk, "home", {"語": [1, None, "'"]}, True)  # fmt: skip
    assert row.account_id is None and row.session is None and timezone.now() - row.at < timedelta(minutes=1)
    made = keep(
        Session(account=session.account, digest="1" * 64, browser="b", network="n", until_at=timezone.now())
    )
    assert _all(Session.objects.get(pk=made.pk)) == _all(made)


def test_the_question_is_the_one_the_library_writes(people):
    from fido2.server import Fido2Server
    from fido2.utils import websafe_decode
    from fido2.webauthn import PublicKeyCredentialRpEntity, UserVerificationRequirement

    from tasuki_server.portal.passkeys import asked_to_enter

    request = RequestFactory(headers={"host": "localhost"}).get("/portal/enter/")
    ours = json.loads(asked_to_enter(request))
    server = Fido2Server(PublicKeyCredentialRpEntity(id="localhost", name="襷"))
    theirs, _ = server.authenticate_begin(
        None, UserVerificationRequirement.REQUIRED, challenge=websafe_decode(ours["challenge"])
    )
    assert ours == dict(theirs.public_key)
