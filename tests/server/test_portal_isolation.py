# SPDX-License-Identifier: Apache-2.0
"""本人の画面の隔て — nobody sees another's record, no proxy after the end, no institution without the person's consent."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from exchange import Place, observation, patient
from insured import make_cover, make_person
from portal import Telephone, person_with_card

pytestmark = pytest.mark.server
MARK = "そとに出ない一言"
BORN = date(1950, 3, 3)


class Cast:
    """An elder with an entry of their own, a proxy of theirs, and a stranger."""

    def __init__(self) -> None:
        from tasuki_server.portal.models import OwnEntry, Passkey, Session

        self.elder = person_with_card("架空　松", "3001", BORN)
        self.helper = person_with_card("架空　竹", "3002")
        self.stranger = person_with_card("架空　梅", "3003")
        self.phones = {name: Telephone() for name in ("elder", "helper", "stranger")}
        for name, phone in self.phones.items():
            phone.register(getattr(self, name))
        self.phones["elder"].post("entries/new/", {"kind": "note", "text": MARK})
        self.ids = {
            "entry_id": OwnEntry.objects.get(person=self.elder).pk,
            "passkey_id": Passkey.objects.get(account__person=self.elder).pk,
            "session_id": Session.objects.get(account__person=self.elder).pk,
            "document_id": "nothing",
        }

    def invite(self, *, may_consent: str = "", ends_on: date | None = None) -> None:
        """The elder lets the helper stand in; the helper opens the elder's record."""
        from tasuki_server.portal.codes import issue_code
        from tasuki_server.portal.models import CodeKind, Proxy

        code = issue_code(
            self.elder,
            CodeKind.INVITE,
            ends_on=ends_on or timezone.localdate(),
            may_consent=bool(may_consent),
        )
        done = self.phones["helper"].post("proxies/accept/", {"code": code, "born": BORN.isoformat()})
        assert done.status_code == 302
        self.ids["proxy_id"] = Proxy.objects.latest("since_at").pk
        self.open()

    def open(self):
        return self.phones["helper"].post("switch/", {"proxy": str(self.ids["proxy_id"])})


@pytest.fixture(scope="module")
def cast(server):
    from tasuki_server.platform.house import close_house

    made = Cast()
    made.invite()
    yield made
    close_house()


def _addresses():
    from tasuki_server.accounts.addresses import addresses

    return list(addresses(get_resolver("tasuki_server.portal.urls")))


def _told(answer):
    """What an answer tells, on paper too."""
    if answer.headers.get("Content-Type") != "application/pdf":
        return answer.content.decode()
    from pypdf import PdfReader

    return "".join(each.extract_text() for each in PdfReader(io.BytesIO(answer.content)).pages)


def _filled(cast, route):
    return route.filled(lambda parameter: cast.ids[parameter.name]).removeprefix("/portal/")


def test_every_page_names_its_act_and_every_act_has_a_page(server):
    from tasuki_server.portal.acts import RULES, Act, act_of, undeclared_pages

    assert undeclared_pages(get_resolver("tasuki_server.portal.urls")) == []
    assert {act_of(each.view) for each in _addresses()} == set(Act) == set(RULES)


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_signing_in_every_page_leads_to_the_entry(cast, method):
    from tasuki_server.portal.acts import RULES, Who, act_of

    nobody = Telephone()
    for route in _addresses():
        answer = getattr(nobody, method)(_filled(cast, route))
        assert MARK not in answer.content.decode(), route.name
        if RULES[act_of(route.view)].who is not Who.ANYONE:
            assert answer.status_code == 302 and answer.headers["Location"].startswith("/portal/enter/"), (
                route.name
            )


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_finds_nothing_of_another_person_on_any_page(cast, method):
    from tasuki_server.portal.models import OwnEntry, Passkey, Proxy, Session

    stranger = cast.phones["stranger"]
    for route in _addresses():
        if route.name == "portal:leave":
            continue
        told = getattr(stranger, method)(_filled(cast, route))
        assert MARK not in _told(told) and "架空　松" not in _told(told), route.name
        if route.has_row:
            assert told.status_code in (302, 404, 405), route.name
    assert OwnEntry.objects.get(pk=cast.ids["entry_id"]).withdrawn_at is None
    assert Passkey.objects.get(pk=cast.ids["passkey_id"]).removed_at is None
    assert Session.objects.get(pk=cast.ids["session_id"]).ended_at is None
    assert Proxy.objects.get(pk=cast.ids["proxy_id"]).revoked_at is None


def test_the_person_finds_it_on_the_pages_that_show_it(cast):
    """Without this the walks above would pass on empty pages."""
    phone = cast.phones["elder"]
    for path in ("entries/", "download/record.json", "download/record.pdf"):
        assert MARK in _told(phone.get(path)), path


def test_a_proxy_sees_the_record_and_each_look_is_told_as_the_proxys(cast):
    from tasuki_server.portal.models import Event

    helper = cast.phones["helper"]
    assert MARK in helper.text("entries/") and "架空　松さんの記録を、代理で見ています" in helper.text("")
    newest = Event.objects.filter(person=cast.elder, act="entries").latest("number")
    assert newest.account.person_id == cast.helper.pk and newest.proxy_id == cast.ids["proxy_id"]
    seen = cast.phones["elder"].text("looks/?whose=self")
    assert "架空　竹" in seen and "代理人" in seen


def test_a_proxy_is_refused_what_is_the_persons_alone(cast):
    helper = cast.phones["helper"]
    for path in ("devices/", "consents/new/", "consents/end/?institution=1319990010", "devices/new/"):
        assert helper.get(path).status_code == 403, path
    assert helper.post("proxies/invite/", {"ends_on": timezone.localdate().isoformat()}).status_code == 403
    assert "架空　竹" not in helper.text("proxies/").split("<main")[1].replace("架空　竹さん", "")


def test_an_entry_of_a_proxy_is_marked_as_the_proxys(cast):
    cast.phones["helper"].post("entries/new/", {"kind": "weight", "weight": "48.5"})
    assert "代理の記入: 架空　竹" in cast.phones["elder"].text("entries/")


def test_an_ended_grant_opens_nothing_from_the_next_page_on(cast):
    from tasuki_server.portal.models import Proxy

    helper, row = cast.phones["helper"], Proxy.objects.filter(pk=cast.ids["proxy_id"])
    row.update(ends_on=timezone.localdate() - timedelta(days=1))
    for route in _addresses():
        if route.name in ("portal:leave", "portal:switch"):
            continue
        told = _told(helper.get(_filled(cast, route)))
        assert MARK not in told and "架空　松" not in told, route.name
    assert cast.open().status_code == 404
    row.update(ends_on=timezone.localdate())
    assert cast.open().status_code == 302 and MARK in helper.text("entries/")
    done = cast.phones["elder"].post(f"proxies/{cast.ids['proxy_id']}/end/")
    assert done.status_code == 302
    assert MARK not in helper.text("entries/") and cast.open().status_code == 404


def test_a_parents_standing_ends_with_the_age_in_law(server):
    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind, Proxy
    from tasuki_server.portal.proxies import child_until, is_live

    assert child_until(date(2008, 2, 29)) == date(2026, 2, 28)
    born = timezone.localdate().replace(year=timezone.localdate().year - 10)
    child, parent = person_with_card("架空　豆", "3011", born), person_with_card("架空　親", "3012")
    phone = Telephone()
    phone.register(parent)
    code = issue_code(child, CodeKind.CHILD)
    assert phone.post("proxies/accept/", {"code": code, "born": "2000-01-01"}).status_code == 400
    assert phone.post("proxies/accept/", {"code": code, "born": born.isoformat()}).status_code == 302
    row = Proxy.objects.select_related("person").get(person=child)
    last = child_until(born)
    assert is_live(row, last) and not is_live(row, last + timedelta(days=1))
    # The child, signed in, does not end what the law gives.
    own = Telephone()
    own.register(child)
    assert own.post(f"proxies/{row.pk}/end/").status_code == 404
    grown = person_with_card("架空　成人", "3013", date(1990, 1, 1))
    code = issue_code(grown, CodeKind.CHILD)
    assert phone.post("proxies/accept/", {"code": code, "born": "1990-01-01"}).status_code == 400


def test_a_session_of_staff_opens_nothing_here_and_the_reverse(server, cast):
    doctor = server.first.browser("doctor", SERVER_NAME="localhost")
    assert doctor.get("/").status_code == 200
    assert doctor.get("/portal/entries/").headers["Location"].startswith("/portal/enter/")
    person = cast.phones["elder"].client
    assert person.get("/portal/entries/").status_code == 200
    assert person.get("/patients/").headers["Location"].startswith("/accounts/login/")
    assert person.get("/platform/").headers["Location"].startswith("/accounts/login/")
    both = server.first.browser("doctor", SERVER_NAME="localhost")
    both.cookies["tasuki-portal"] = both.cookies["tasuki"].value
    assert both.get("/portal/").status_code == 302


OTHER = "1319990036"


class House:
    """Somebody whose result one institution registered and another would like to see."""

    def __init__(self) -> None:
        from tasuki.sharing.build.names import INSURED, LOCAL_LAB
        from tasuki_server.portal.data import insured_numbers
        from tasuki_server.records.rules import set_rules

        self.person = person_with_card("架空　花子", "5001")
        self.writer, self.reader = Place("9990028", "かいた医院"), Place("9990036", "よみたい医院")
        set_rules("試験", policy="closed")
        number = insured_numbers(self.person)[0].number
        who = self.writer(
            "POST", "Patient", patient(identifier=[{"system": INSURED, "value": number}])
        ).value["id"]
        coded = {"coding": [{"system": LOCAL_LAB, "code": "a1c"}], "text": "HbA1c"}
        self.result = self.writer("POST", "Observation", observation(who, code=coded)).value["id"]
        self.phone = Telephone()
        self.phone.register(self.person)

    def read(self) -> int:
        return self.reader("GET", f"Observation/{self.result}").status

    def consent(self, **more):
        last = timezone.localdate() + timedelta(days=30)
        given = {"institution": OTHER, "kinds": ["laboratory"], "last_day": last.isoformat(), **more}
        return self.phone.post("consents/new/", given)


@pytest.fixture(scope="module")
def house(server, cast):
    return House()


def test_a_consent_opens_one_kind_and_a_withdrawal_closes_it_at_once(house):
    assert house.read() in (403, 404)
    assert "よみたい医院" in house.phone.text("consents/new/?words=よみたい")
    assert house.consent().headers["Location"].endswith("told=granted")
    assert house.read() == 200
    page = house.phone.text("consents/")
    assert "よみたい医院" in page and "本人の閲覧画面での同意" in page
    assert "取り消すと、この医療機関は今から" in house.phone.text(f"consents/end/?institution={OTHER}")
    assert (
        house.phone.post("consents/end/", {"institution": OTHER})
        .headers["Location"]
        .endswith("told=withdrawn")
    )
    assert house.read() in (403, 404)
    assert "同意の撤回" in house.phone.text("consents/")


def test_what_an_institution_saw_is_told_with_its_name_and_way(house):
    house.consent()
    assert house.read() == 200
    page = house.phone.text("looks/")
    assert "よみたい医院" in page and "同意による閲覧" in page


def test_a_consent_without_kinds_or_with_a_past_day_is_refused_in_words(house):
    refused = house.consent(kinds=[])
    assert refused.status_code == 400 and "1つ以上選んで" in refused.content.decode()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    for day in (yesterday, "いつか", ""):
        refused = house.consent(last_day=day)
        assert refused.status_code == 400 and "今日以降" in refused.content.decode(), day
    far = (timezone.localdate() + timedelta(days=4000)).isoformat()
    refused = house.consent(last_day=far)
    assert refused.status_code == 400 and "期間は" in refused.content.decode()
    assert house.phone.get("consents/new/?institution=1300000000").status_code == 200


def test_a_consent_at_the_reader_is_shown_and_taken_back_too(house):
    from tasuki.eligibility.elements import CONSENTS
    from tasuki_server.eligibility.models import ConsentRow

    now = timezone.now()
    row = ConsentRow.objects.create(
        caller=house.reader.row, person=house.person, way="2", given=[CONSENTS[1][0]], given_at=now
    )
    assert CONSENTS[1][1] in house.phone.text("consents/")
    house.phone.post("consents/end/", {"institution": OTHER})
    assert ConsentRow.objects.get(pk=row.pk).cancelled_at is not None


def test_a_consent_to_a_connection_that_was_stopped_is_taken_back_as_well(house):
    from datetime import UTC, datetime

    from tasuki_server.platform.clients import restore_institution, revoke_institution

    house.consent()
    revoke_institution(house.reader.row, datetime.now(UTC))
    try:
        assert "取り消すと、この医療機関は今から" in house.phone.text(f"consents/end/?institution={OTHER}")
        told = house.phone.post("consents/end/", {"institution": OTHER})
        assert told.headers["Location"].endswith("told=withdrawn")
        # Nothing new is permitted to it.
        assert "よみたい医院" not in house.phone.text(f"consents/new/?institution={OTHER}")
    finally:
        restore_institution(house.reader.row)
    assert house.read() in (403, 404)


def test_a_letter_that_waits_is_read_with_the_persons_word_and_not_after_it_was_taken_back(house):
    from records import Asker, disease, letter, number_of, sending
    from records import person as facts_of
    from tasuki_server.records.rules import set_rules

    set_rules("試験", policy="closed")
    facts = facts_of()
    insurer, symbol, number, branch = number_of(facts).split(":")
    someone = make_person("架空　太郎", born=facts.born)
    make_cover(someone, number, insurer, symbol=symbol, branch=branch)
    phone = Telephone()
    phone.register(someone)
    sender, receiver = Asker("9990061", "おくる医院"), Asker("9990079", "うける医院")
    told = sender(
        "POST", "records/documents",
        sending(letter(sender, receiver, facts, "L-1", diseases=(disease("d1"),)), receiver, "later"),
    )  # fmt: skip
    assert told.status == 200, told.value
    where = f"documents/{told.value['id']}/"
    assert "うける医院" in phone.text("documents/") and "あなたの同意を待っています" in phone.text(where)
    assert receiver("GET", f"records/{where[:-1]}").status == 403
    stranger = house.phone.post(f"{where}consent/", {"institution": receiver.number})
    assert stranger.headers["Location"].endswith("told=not_granted")
    assert receiver("GET", f"records/{where[:-1]}").status == 403
    assert (
        phone.post(f"{where}consent/", {"institution": receiver.number})
        .headers["Location"]
        .endswith("told=granted")
    )
    assert receiver("GET", f"records/{where[:-1]}").status == 200
    assert house.phone.get(where).status_code == 404
    phone.post("consents/end/", {"institution": receiver.number})
    assert receiver("GET", f"records/{where[:-1]}").status == 403


def test_a_service_that_is_away_is_said_and_nothing_half_is_shown(house, monkeypatch):
    from tasuki_server.platform.wire import NotReached
    from tasuki_server.portal import consents, data, looks

    def away(*given, **more):
        raise NotReached("away")

    for module, name in (
        (consents, "permissions_of"), (consents, "grant"), (consents, "withdraw"), (looks, "looks_at"), (data, "own_records"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, away)
    told = house.phone.get("results/")
    assert told.status_code == 503 and "いま答えません" in told.content.decode()
    assert "あとで開き直して" in house.phone.text("consents/")
    assert "いま読めません" in house.phone.text("looks/")
    refused = house.consent()
    assert refused.status_code == 400 and "何も変わっていません" in refused.content.decode()


def test_both_acts_are_kept_with_what_they_were_about(house):
    from tasuki_server.portal.models import Event

    kept = Event.objects.filter(person=house.person, act="consent-grant", detail__has_key="event").first()
    assert kept.detail["institution"] == OTHER and json.dumps(kept.detail["kinds"]) == '["laboratory"]'
