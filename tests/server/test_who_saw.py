# SPDX-License-Identifier: Apache-2.0
"""閲覧の記録 — every page that shows a patient leaves one event that names them, lists and files among them."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest

from isolation import fill

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def people(server):
    """Two patients and a month of claims; ``(first, second)`` by id and number."""
    from tasuki_server.patients.models import Patient

    fill(server.first, "東雲 ひがし", "シノノメ ヒガシ")
    with server.first.work():
        return [(each.id, each.number) for each in Patient.objects.order_by("number")]


def events_of(clinic, browser, path, **asked):
    """The answer, and the events of this one request: it comes from an address of its own."""
    from tasuki_server.audit.models import AuditEvent, ShownPatient

    address = f"192.0.2.{events_of.next}"
    events_of.next += 1
    answer = browser.get(path, REMOTE_ADDR=address, **asked)
    with clinic.work():
        events = list(AuditEvent.objects.filter(address=address).order_by("number"))
        listed = ShownPatient.objects.filter(number__in=[each.number for each in events])
        named = {each.patient_id for each in events} | set(listed.values_list("patient_id", flat=True))
    return answer, events, named - {None}


events_of.next = 20


def proved_again(clinic, role="admin"):
    """A browser in which password or factor was given a moment ago."""
    browser = clinic.browser(role)
    session = browser.session
    session["account_authentication_methods"] += [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
    return browser


def test_a_search_names_everyone_it_shows_in_one_event(server, people):
    browser = server.first.browser("reception")
    answer, events, named = events_of(server.first, browser, "/patients/?q=シノノメ")
    assert "東雲 ひがし" in answer.content.decode()
    assert [each.action for each in events] == ["page.read"]
    from tasuki_server.patients.search import search_patients

    # Decoys are found by their number alone.
    with server.first.work("reception"):
        shown = {each.id for each in search_patients("シノノメ").patients}
    assert named == shown <= {each for each, _ in people}
    assert events[0].detail.get("patients", 1) == len(shown)
    assert events[0].subject == "patients:search" and "シノノメ" not in json.dumps(events[0].detail)


def test_a_search_that_finds_nobody_names_nobody(server, people):
    _, events, named = events_of(server.first, server.first.browser("reception"), "/patients/?q=ダレモイナイ")
    assert (events, named) == ([], set())


def test_a_page_of_a_patient_is_one_event(server, people):
    number = people[0][1]
    _, events, named = events_of(
        server.first, server.first.browser("reception"), f"/patients/{number}/coverage/"
    )
    assert [each.action for each in events] == ["coverage.read"] and people[0][0] in named


def test_a_claim_file_names_whose_receipts_it_holds(server, people):
    from tasuki_server.claims.models import ClaimFile

    with server.first.work():
        file = ClaimFile.objects.filter(receipt_count__gt=0).first()
    answer, events, named = events_of(
        server.first, server.first.browser("clerk"), f"/claims/files/{file.id}/"
    )
    assert answer.status_code == 200
    assert [each.action for each in events] == ["claims.export"] and people[0][0] in named


def test_who_saw_a_patient_is_answered_for_lists_too(server, people):
    from tasuki_server.audit.who_saw import who_saw

    events_of(server.first, server.first.browser("nurse"), "/patients/?q=シノノメ")
    with server.first.work():
        sights = who_saw(people[0][0], date(2020, 1, 1), date(2199, 1, 1))
        nameless = who_saw(people[0][0], date(2020, 1, 1), date(2199, 1, 1), has_names=False)
        nobody = who_saw(people[0][0], date(2020, 1, 1), date(2020, 1, 2))
    newest = sights[0]
    assert newest.who == server.first.staff["nurse"].name and newest.is_list
    assert (newest.role, newest.purpose) == ("看護師", "受付・患者の管理")
    assert {each.who for each in nameless} & {each.name for each in server.first.staff.values()} == set()
    assert nobody == []


def test_the_page_of_viewers_is_for_the_administrator(server, people):
    number = people[0][1]
    page = server.first.browser("admin").get(f"/audit/patients/{number}/")
    assert page.status_code == 200 and server.first.staff["nurse"].name in page.content.decode()
    assert "東雲" not in page.content.decode(), "an administrator who may not read patients sees a number"
    assert server.first.browser("doctor").get(f"/audit/patients/{number}/").status_code == 403
    assert server.first.browser("admin").get("/audit/patients/999/").status_code == 404
    assert server.first.browser("admin").get(f"/audit/patients/{number}/?since=2026-13-01").status_code == 400


def test_the_sheet_for_the_patient_needs_a_fresh_proof_and_is_their_request(server, people):
    number = people[0][1]
    path = f"/audit/patients/{number}/sheet/"
    assert server.first.browser("admin", proved=False).get(path).status_code == 302
    answer, events, named = events_of(server.first, proved_again(server.first), path)
    text = answer.content.decode()
    assert "東雲 ひがし 様" in text and server.first.staff["nurse"].name not in text
    assert [(each.action, each.purpose) for each in events] == [("audit.disclose", "PATRQT")]
    assert people[0][0] in named
    named_sheet = proved_again(server.first).get(path + "?names=yes").content.decode()
    assert server.first.staff["nurse"].name in named_sheet


def test_counts_tell_how_often_each_chart_was_opened(server, people):
    from tasuki_server.audit.who_saw import opened_counts

    browser = server.first.browser("reception")
    with server.first.work():
        before = {each.patient: each for each in opened_counts(date(2020, 1, 1), date(2199, 1, 1))}
    for _ in range(3):
        browser.get(f"/patients/{people[0][1]}/")
    browser.get("/patients/?q=シノノメ")
    with server.first.work():
        after = {each.patient: each for each in opened_counts(date(2020, 1, 1), date(2199, 1, 1))}
    whose = people[0][0]
    assert after[whose].opened - before[whose].opened == 3
    assert after[whose].listed - before[whose].listed == 1
    page = server.first.browser("admin").get("/audit/counts/")
    assert page.status_code == 200 and f"患者番号 {people[0][1]}" in page.content.decode()


def test_the_trail_is_sorted_and_filtered_by_where_and_why(server, people):
    browser = server.first.browser("admin")
    events_of(server.first, server.first.browser("reception"), "/patients/?q=シノノメ")
    address = f"192.0.2.{events_of.next - 1}"
    assert address in browser.get(f"/audit/?address={address}").content.decode()
    assert "該当する記録はありません" in browser.get("/audit/?address=203.0.113.99").content.decode()
    text = browser.get("/audit/?purpose=HPAYMT").content.decode()
    assert "会計・請求</td>" in text and "<td>運営</td>" not in text
    assert "医療機関の開設" in browser.get("/audit/?order=oldest").content.decode()


def test_the_export_is_fhir_and_itself_an_event(server, people):
    from tasuki_server.audit.models import AuditEvent

    assert server.first.browser("admin", proved=False).get("/audit/export/").status_code == 302
    browser = proved_again(server.first)
    answer = browser.get("/audit/export/", REMOTE_ADDR="192.0.2.200")
    lines = [json.loads(line) for line in b"".join(answer).splitlines()]
    assert {line["resourceType"] for line in lines} == {"AuditEvent"} and len(lines) > 20
    assert len({line["id"] for line in lines}) == len(lines)
    with server.first.work():
        assert AuditEvent.objects.filter(action="audit.export", address="192.0.2.200").count() == 1
    assert "東雲" not in json.dumps(lines, ensure_ascii=False)


def test_the_export_of_a_patient_tells_of_nobody_else(server, people):
    from tasuki_server.audit.handing_out import Asked, fhir_lines
    from tasuki_server.institutions.models import Institution

    events_of(server.first, server.first.browser("nurse"), "/patients/?q=シノノメ")
    asked = Asked(date(2020, 1, 1), date(2199, 1, 1), people[0][0])
    with server.first.work():
        text = "".join(fhir_lines(Institution.objects.get(), asked))
    assert f"Patient/{people[0][0]}" in text and "PatientQuery" in text
    assert all(f"Patient/{other}" not in text for other, _ in people[1:])


def test_a_patient_taken_out_of_a_list_shows(server, people):
    import psycopg

    from tasuki_server.audit.models import ShownPatient
    from tasuki_server.audit.trail import verify_chain

    with server.first.work():
        assert verify_chain(server.first.id)[2] == []
        row = ShownPatient.objects.order_by("-number").first()
    with psycopg.connect(server.connections.owner) as connection:
        connection.execute("SET ROLE NONE")
        connection.execute("DELETE FROM audit_shownpatient WHERE id = %s", [row.id])
    with server.first.work():
        breaks = verify_chain(server.first.id)[2]
    assert [(each.number, each.kind) for each in breaks] == [(row.number, "patients")]


def test_the_command_exports_line_by_line(server, people, capsys, monkeypatch):
    from contextlib import contextmanager

    from tasuki_server.cli import main
    from tasuki_server.database import session

    @contextmanager
    def here(*args, **options):
        yield session.Attached(server.connections, None)

    monkeypatch.setattr(session, "connected", here)
    asked = ["audit", "export", "--from", "2020-01-01", "--to", "2199-01-01", "--institution", "9990001"]
    assert main([*asked, "--patient", str(people[0][0])]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["resourceType"] for line in lines} == {"AuditEvent"}
    assert main(["audit", "export", "--from", "2026-02-01", "--to", "2026-01-01"]) == 2
