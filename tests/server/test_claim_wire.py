# SPDX-License-Identifier: Apache-2.0
"""送信の確かさ — sent once whatever breaks, replaced before the examination, asked back after it; the other side's door."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from living_month import MONTH, live_a_month

pytestmark = pytest.mark.server
CLAIM_MONTH, NEXT = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture(scope="module")
def actor(server):
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.making import make_claims
    from tasuki_server.institutions.work import Actor

    live_a_month(server.first)
    with server.first.work("clerk"):
        close_service_month(make_claims(MONTH))
    member = server.first.staff["clerk"]
    return Actor(member.name, member.id)


def _submit(server, payer="1", month=CLAIM_MONTH):
    from tasuki_server.claims.sending import make_submission

    with server.first.work("clerk"):
        return make_submission(month, payer, "house")


def _sent(server, submission):
    """The patients whose receipts leave in the file."""
    from tasuki_server.claims.models import SentClaim

    with server.first.work("clerk"):
        return set(SentClaim.objects.filter(submission=submission).values_list("patient_id", flat=True))


def _named(server, submission):
    """The patients whom the event of the file names."""
    from tasuki_server.audit.models import AuditEvent, ShownPatient

    with server.first.work("clerk"):
        event = AuditEvent.objects.get(action="claims.submit", subject_id=str(submission.id))
        shown = ShownPatient.objects.filter(number=event.number).values_list("patient_id", flat=True)
        return {event.patient_id, *shown} - {None}


def _states(server):
    from tasuki_server.claims.models import Submission
    from tasuki_server.claims.sending import state_of

    with server.first.work("clerk"):
        return [str(state_of(each)) for each in Submission.objects.filter(payer="1").order_by("made_at")]


def test_a_broken_wire_sends_the_same_file_once(server, actor, monkeypatch):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims import carriers
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver
    from tasuki_server.receiving.models import Delivery

    submission = _submit(server)
    assert _named(server, submission) == _sent(server, submission) != set()
    with pytest.raises(BadInput) as refused:
        _submit(server)
    assert refused.value.findings[0].code == "CLM-0013"

    def arrives_but_answers_nothing(self, parcel):
        real(self, parcel)
        raise carriers.NotCarried("timeout")

    real = carriers.WireCarrier.deliver
    with monkeypatch.context() as broken:
        broken.setattr(carriers.WireCarrier, "deliver", arrives_but_answers_nothing)
        assert not deliver(server.first.id, actor, submission.id)
    assert _states(server) == ["failed"]
    assert deliver(server.first.id, actor, submission.id)
    assert deliver(server.first.id, actor, submission.id)
    assert Delivery.objects.filter(submission=submission.id).count() == 1
    assert fetch_results(server.first.id, actor, "house") == 1
    assert fetch_results(server.first.id, actor, "house") == 0
    assert _states(server) == ["accepted"]


def test_a_file_is_replaced_before_the_examination_and_owed_once(server, actor):
    from tasuki_server.claims.reconcile import accounts
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver
    from tasuki_server.receiving.models import Delivery

    again = _submit(server)
    deliver(server.first.id, actor, again.id)
    fetch_results(server.first.id, actor, "house")
    assert _states(server) == ["replaced", "accepted"]
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["received", "replaced"]
    with server.first.work("clerk"):
        (account,) = accounts()
        assert (account.claimed_yen, account.state) == (again.owed_yen, "waiting")


def test_a_receipt_is_asked_back_before_and_after_it_was_paid(server, actor):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims.long_work import wait_for_all
    from tasuki_server.claims.models import ReturnedClaim, SentClaim
    from tasuki_server.claims.reclaim import prepare_reclaim
    from tasuki_server.claims.reconcile import accounts
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, make_reclaim_submission, open_returns
    from tasuki_server.claims.withdrawing import request_withdrawal
    from tasuki_server.receiving.examine import examine_month

    with server.first.work("clerk"):
        first, second = SentClaim.objects.filter(submission__number=2).order_by("number")[:2]
        with pytest.raises(BadInput):
            request_withdrawal(first, "")
        request_withdrawal(first, "保険者の誤り")
        assert request_withdrawal(first, "二度目").why == "保険者の誤り"
    wait_for_all()
    examine_month("1", CLAIM_MONTH)
    fetch_results(server.first.id, actor, "house")
    with server.first.work("clerk"):
        (account,) = accounts(CLAIM_MONTH)
        assert account.of("withdrawn") == -first.owed_yen and account.state == "agrees"
        with pytest.raises(BadInput):
            request_withdrawal(first, "戻ったものは取り下げられない")
        request_withdrawal(second, "公費の届出漏れ")
        back = [prepare_reclaim(each, NEXT) for each in open_returns()]
        sent = make_reclaim_submission(NEXT, "1", "house", back)
    wait_for_all()
    deliver(server.first.id, actor, sent.id)
    fetch_results(server.first.id, actor, "house")
    examine_month("1", NEXT)
    fetch_results(server.first.id, actor, "house")
    with server.first.work("clerk"):
        (account,) = accounts(NEXT)
        assert account.claimed_yen == first.owed_yen
        assert account.of("withdrawn") == -second.owed_yen and account.state == "agrees"
        assert set(ReturnedClaim.objects.values_list("kind", "file__name")) == {
            ("9", "RECEIPTC.HEN"),
            ("9", "RECEIPTC.SAH"),
        }


def test_a_withdrawal_that_did_not_arrive_says_so_and_is_asked_again(server, actor, monkeypatch):
    from tasuki_server.claims import carriers
    from tasuki_server.claims.long_work import wait_for_all
    from tasuki_server.claims.models import SentClaim, WithdrawalRequest
    from tasuki_server.receiving.models import Decision

    with server.first.work("clerk"):
        sent = SentClaim.objects.filter(submission__number=2).order_by("number")[2]
    browser, page = server.first.browser("clerk"), f"/claims/{sent.claim_id}/life/"
    address = f"/claims/sent/{sent.id}/withdraw/"

    def asked(why="資格の誤り"):
        assert browser.post(address, {"why": why}).status_code == 302
        wait_for_all()
        return browser.get(page).content.decode()

    def there():
        return Decision.objects.filter(
            kind="withdraw", receipt__delivery__submission=sent.submission_id, receipt__number=sent.number
        ).count()

    def unreachable(self, submission, number, why):
        raise carriers.NotCarried("つながりません。")

    assert browser.post(address, {"why": " "}).status_code == 422
    with monkeypatch.context() as broken:
        broken.setattr(carriers.WireCarrier, "withdraw", unreachable)
        told = asked()
    assert "取下げの依頼が届いていない" in told and "つながりません。" in told and "もう一度依頼する" in told
    assert page in browser.get("/claims/sending/?month=2026-10").content.decode()
    assert there() == 0
    told = asked("もう一度")
    assert "取下げの依頼が届きました" in told and "もう一度依頼する" not in told
    assert page not in browser.get("/claims/sending/?month=2026-10").content.decode()
    asked("三度目")
    with server.first.work("clerk"):
        assert [each.why for each in WithdrawalRequest.objects.filter(sent=sent)] == ["資格の誤り"]
    assert there() == 1


def test_the_door_knows_its_clients_and_refuses_a_strangers_file(server, actor):
    from uuid import uuid4

    from tasuki_server.claims.models import Submission
    from tasuki_server.receiving.clients import register_client
    from tasuki_server.receiving.machine import BASE, answer

    query = {"payer": "1", "kind": "claim", "claim_month": "2026-10"}
    assert answer("GET", BASE + "files", {}, "tskr_wrong", b"").status == 401
    _, token = register_client("40", "9990099", "よその医院")
    assert answer("GET", BASE + "files", {}, token, b"").body == b"[]"
    with server.first.work("clerk"):
        data = bytes(Submission.objects.first().data)
    reply = answer("PUT", f"{BASE}submissions/{uuid4()}", query, token, data)
    assert reply.status == 200 and b'"accepted":false' in reply.body
    assert answer("PUT", f"{BASE}submissions/{uuid4()}", query, token, b"no file").body.count(
        b'"accepted":false'
    )
    assert answer("PUT", f"{BASE}submissions/x", query, token, data).status == 400
    assert (
        answer("PUT", f"{BASE}submissions/{uuid4()}", {**query, "claim_month": "2026-13"}, token, data).status
        == 400
    )
    assert answer("DELETE", BASE + "files", {}, token, b"").status == 404
    with server.first.work("clerk"):
        mine = Submission.objects.first().id
    body = b'{"number": 1, "why": "x"}'
    assert answer("POST", f"{BASE}submissions/{mine}/withdrawals", {}, token, body).status == 409


def test_the_door_answers_over_http_to_a_token_alone(server, actor):
    import asyncio
    from uuid import uuid4

    from tasuki_server.claims.models import Submission
    from tasuki_server.drills.asgi_request import ask
    from tasuki_server.receiving.asgi_door import ReceivingDoor
    from tasuki_server.receiving.clients import house_token

    door, token = ReceivingDoor(), house_token(server.first.id)
    with server.first.work("clerk"):
        data = bytes(Submission.objects.first().data)
    path = f"/receiving/v1/submissions/{uuid4()}?payer=1&kind=reclaim&claim_month=2026-10"

    def asked(method, path, body, headers, client="127.0.0.1"):
        return asyncio.run(ask(door, method, path, body, headers, client))

    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer tskr_x"}):
        assert asked("PUT", path, data, headers).status == 401
    held = {"Authorization": f"Bearer {token}"}
    # 別の機械: a token that serves its holder must not travel.
    assert asked("PUT", path, data, held, "192.0.2.1").status == 401
    told = asked("PUT", path, data, held)
    assert (told.status, told.json()["accepted"]) == (200, True)
    assert asked("PUT", path, data, held).json() == told.json()
    files = asked("GET", "/receiving/v1/files", b"", held)
    assert {each["kind"] for each in files.json()} >= {"acceptance", "payment"}


def test_the_door_of_claims_reads_nothing_of_whom_it_does_not_know(server):
    import asyncio

    from tasuki_server.api.sender_door import LARGEST_FORM
    from tasuki_server.receiving.asgi_door import ReceivingDoor

    door = ReceivingDoor()

    def asked(method, path, headers, size, client="192.0.2.8"):
        told, read = [], [0]
        scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http",
            "headers": [(b"host", b"localhost"), *headers], "client": (client, 1),
        }  # fmt: skip

        async def receive():
            piece = min(8192, size - read[0])
            read[0] += piece
            return {"type": "http.request", "body": b"x" * piece, "more_body": read[0] < size}

        async def send(message):
            told.append(message)

        asyncio.run(door(scope, receive, send))
        return told[0]["status"], read[0]

    stranger, large = [(b"authorization", b"DPoP a.b.c")], 4 * 1024 * 1024
    assert asked("PUT", "/receiving/v1/submissions/x", stranger, large) == (401, 0)
    status, read = asked("POST", "/receiving/v1/token", [], large)
    assert status == 413 and read <= LARGEST_FORM + 8192
    twice = [(b"dpop", b"a.b.c"), (b"dpop", b"d.e.f")]
    assert asked("POST", "/receiving/v1/token", twice, 10)[0] == 400
    assert asked("GET", "/receiving/v1/files", [*stranger, *twice], 0)[0] == 401
    told = [asked("GET", "/receiving/v1/files", stranger, 0)[0] for _ in range(12)]
    assert told[0] == 401 and told[-1] == 429
    assert asked("POST", "/receiving/v1/token", [], 10)[0] == 429
    assert asked("GET", "/receiving/v1/files", stranger, 0, "192.0.2.9")[0] == 401


def test_a_service_elsewhere_is_asked_over_http(server, actor, monkeypatch):
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread
    from urllib.parse import parse_qsl, urlsplit

    from tasuki_server.claims.carriers import NotCarried, Sender, WireCarrier
    from tasuki_server.receiving.clients import house_token
    from tasuki_server.receiving.machine import answer

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            token = self.headers["Authorization"].removeprefix("Bearer ")
            reply = answer("GET", parts.path, dict(parse_qsl(parts.query)), token, b"")
            self.send_response(reply.status)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *args):
            pass

    service = HTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=service.serve_forever, daemon=True).start()
    sender = Sender(server.first.id, "13", "9990001", "ひがし野診療所")
    monkeypatch.setenv("TASUKI_CLAIMS_SERVICE_URL", f"http://127.0.0.1:{service.server_port}")
    monkeypatch.setenv("TASUKI_CLAIMS_SERVICE_TOKEN", f"1319990001={house_token(server.first.id)}")
    assert len(WireCarrier(sender).fetch(set())) > 3
    monkeypatch.setenv("TASUKI_CLAIMS_SERVICE_TOKEN", "1319990001=tskr_wrong")
    with pytest.raises(NotCarried):
        WireCarrier(sender).fetch(set())
    service.shutdown()
    service.server_close()
    with pytest.raises(NotCarried):
        WireCarrier(sender).fetch(set())


def test_the_deadline_refuses_after_the_tenth_and_lets_corrections_until_the_twelfth(server, actor):
    from uuid import uuid4

    from tasuki_server.claims.models import Submission
    from tasuki_server.receiving.clients import find_client, house_token
    from tasuki_server.receiving.intake import take_delivery
    from tasuki_server.receiving.models import DeskSetting

    client = find_client(house_token(server.first.id))
    DeskSetting.objects.create(is_deadline_kept=True, made_by="試験")
    data = bytes(_submit(server, payer="2").data)

    def take(day):
        return take_delivery(
            client, uuid4(), payer="2", kind="claim", claim_month=CLAIM_MONTH, data=data, today=day
        )

    late = take(date(2026, 10, 11))
    assert not late.is_accepted and late.findings[0]["code"] == "RCV-0004"
    assert take(date(2026, 10, 10)).is_accepted
    assert take(date(2026, 10, 12)).is_accepted
    assert not take(date(2026, 10, 13)).is_accepted
    DeskSetting.objects.create(is_deadline_kept=False, made_by="試験")
    with server.first.work("clerk"):
        assert Submission.objects.filter(payer="2").exists()


def test_each_role_reaches_its_own_side_of_the_wire_only(server, actor):
    with (
        psycopg.connect(server.connections.receiving) as other,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        other.execute("SELECT 1 FROM patients_patient")
    with (
        psycopg.connect(server.connections.app) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("SELECT 1 FROM receiving_delivery")
    with (
        psycopg.connect(server.connections.receiving) as other,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        other.execute(
            "INSERT INTO receiving_operator (id, user_id, name, made_at) VALUES (gen_random_uuid(), gen_random_uuid(), 'x', now())"
        )


def test_work_that_broke_off_is_taken_up_again_and_finished_once(server, actor):
    from datetime import timedelta
    from uuid import uuid4

    from django.utils import timezone

    from tasuki_server.claims.long_work import SILENT, resume_silent, wait_for_all
    from tasuki_server.claims.models import LongWork

    with server.first.work("clerk"):
        dead = LongWork.objects.create(
            kind="fetch", facts={"month": "2026-10"}, state="running", token=uuid4(),
            beat_at=timezone.now() - SILENT - timedelta(seconds=1), made_by=server.first.staff["clerk"],
        )  # fmt: skip
    browser = server.first.browser("clerk")
    assert browser.get(f"/claims/progress/{dead.id}/").status_code == 200
    wait_for_all()
    with server.first.work("clerk"):
        dead.refresh_from_db()
        assert dead.state == "done" and dead.message
        told = dead.message
        resume_silent(dead)
    wait_for_all()
    with server.first.work("clerk"):
        dead.refresh_from_db()
        assert dead.message == told
    assert browser.get(f"/claims/progress/{dead.id}/")["HX-Refresh"] == "true"


def test_a_stopped_token_opens_nothing_until_it_is_given_back(server, actor):
    from tasuki_server.claims.carriers import NotCarried
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.receiving.clients import find_client, house_token
    from tasuki_server.receiving.opening import add_operator

    fetch_results(server.first.id, actor, "house")
    row = find_client(house_token(server.first.id))
    assert row is not None
    add_operator(server.second.users["examiner"].pk, "審査 花子")
    desk = server.second.browser("examiner")
    address = f"/receiving/clients/{row.id}/"
    assert server.first.browser("examiner").get("/receiving/clients/").status_code == 404
    assert server.first.browser("examiner").post(address, {"act": "revoke"}).status_code == 404
    assert row.code in desk.get("/receiving/clients/").content.decode()
    assert desk.post(address, {"act": "revoke"}).status_code == 302
    assert find_client(house_token(server.first.id)) is None
    with pytest.raises(NotCarried, match="トークン"):
        fetch_results(server.first.id, actor, "house")
    page = desk.post(address, {"act": "revoke"}, follow=True).content.decode()
    assert "ほかの人が先に変えています" in page and "停止" in page
    assert desk.post(address, {"act": "restore"}).status_code == 302
    fetch_results(server.first.id, actor, "house")
