# SPDX-License-Identifier: Apache-2.0
"""取引 — what one transaction of an institution keeps, gives up and leaves in the trail, and what a page makes of it."""

from __future__ import annotations

import hashlib
import hmac
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DataError, transaction
from django.http import HttpResponse, StreamingHttpResponse

from tasuki.kernel.finding import BadInput
from tasuki.security.permissions import Permission
from tasuki_server.institutions import middleware, work
from tasuki_server.institutions.origin import Origin
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.institutions.work import Actor, NoInstitution, PendingEvent, PendingMessage, as_institution

pytestmark = pytest.mark.server
ONE, TWO = UUID(int=1), UUID(int=2)
ACTOR = Actor("試験")


def event(name: str) -> PendingEvent:
    return PendingEvent(name, "試験", "", None, {})


def told(clinic, *names: str) -> list[str]:
    """The acts of these names in the trail, in their order."""
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        found = AuditEvent.objects.filter(action__in=names).order_by("number")
        return [each.action for each in found]


def messages(clinic, topic: str) -> int:
    from tasuki_server.audit.models import OutboxMessage

    with clinic.work():
        return OutboxMessage.objects.filter(topic=topic).count()


class TestWork:
    def test_nothing_is_reached_outside(self, server):
        assert not work.has_work()
        with pytest.raises(NoInstitution):
            work.current_work()
        work.note_sight(ONE)

    def test_the_transaction_is_of_one_institution_and_says_who_and_why(self, server):
        with as_institution(server.first.id, ACTOR, "TREAT") as mine:
            assert work.has_work() and work.current_work() is mine
            assert work.current_institution_id() == server.first.id
            assert (mine.actor.label, mine.purpose, mine.seen, mine.marks) == ("試験", "TREAT", None, {})
            with pytest.raises(NoInstitution), as_institution(server.second.id, ACTOR):
                raise AssertionError
            with as_institution(server.first.id, Actor("別の人")) as inner:
                assert inner is mine
        assert not work.has_work()

    def test_whose_rows_were_seen_counts_for_a_page_alone(self, server):
        with as_institution(server.first.id, ACTOR) as mine:
            work.note_sight(ONE)
            assert mine.seen is None
            mine.seen = set()
            work.note_sight(ONE)
            assert mine.seen == {ONE}

    def test_a_part_that_fails_takes_only_its_own_traces_along(self, server):
        with as_institution(server.first.id, ACTOR) as mine:
            mine.events.append(event("t.before"))
            mine.messages.append(PendingMessage("t.before", {}))
            with pytest.raises(KeyError), as_institution(server.first.id, ACTOR):
                mine.events.append(event("t.within"))
                mine.messages.append(PendingMessage("t.within", {}))
                raise KeyError
            with as_institution(server.first.id, ACTOR):
                mine.events.append(event("t.after"))
        assert told(server.first, "t.before", "t.within", "t.after") == ["t.before", "t.after"]
        assert (messages(server.first, "t.before"), messages(server.first, "t.within")) == (1, 0)

    def test_what_is_given_up_leaves_nothing(self, server):
        with as_institution(server.first.id, ACTOR) as mine:
            mine.events.append(event("t.given-up"))
            transaction.set_rollback(True, using="default")
        with pytest.raises(KeyError), as_institution(server.first.id, ACTOR) as mine:
            mine.events.append(event("t.given-up"))
            raise KeyError
        assert told(server.first, "t.given-up") == []
        assert not work.has_work()

    def test_a_parted_transaction_keeps_what_was_before(self, server, owner):
        from tasuki_server.institutions.models import Staff

        with pytest.raises(KeyError), as_institution(server.first.id, ACTOR) as mine:
            begun = mine.at
            mine.events.append(event("t.asked"))
            mine.messages.append(PendingMessage("t.asked", {}))
            with work.between_transactions():
                assert not work.has_work()
                asked = "SELECT count(*) FROM audit_auditevent WHERE action = 't.asked'"
                assert owner.execute(asked).fetchone() == (1,), "another connection sees it"
            assert work.current_work() is mine and mine.at > begun
            assert (mine.events, mine.messages) == ([], [])
            assert Staff.objects.exists(), "the new transaction is of the institution again"
            mine.events.append(event("t.answered"))
            raise KeyError
        assert told(server.first, "t.asked", "t.answered") == ["t.asked"]
        assert messages(server.first, "t.asked") == 1

    def test_what_fails_between_comes_back_into_the_transaction(self, server):
        with as_institution(server.first.id, ACTOR) as mine:
            with pytest.raises(KeyError), work.between_transactions():
                raise KeyError
            assert work.current_work() is mine
            mine.events.append(event("t.went-on"))
        assert told(server.first, "t.went-on") == ["t.went-on"]

    def test_only_a_whole_transaction_is_parted(self, server):
        def part():
            with pytest.raises(RuntimeError), work.between_transactions():
                raise AssertionError

        with as_institution(server.first.id, ACTOR):
            with as_institution(server.first.id, ACTOR):
                part()
            transaction.set_rollback(True, using="default")
            part()
        with as_institution(server.first.id, ACTOR):
            transaction.on_commit(lambda: None)
            part()

    def test_where_it_comes_from_is_said_unless_it_is_known(self, monkeypatch):
        monkeypatch.setattr(work, "current_origin", lambda: Origin("192.0.2.7", "k3f9"))
        assert work.with_origin(ACTOR) == Actor("試験", None, "192.0.2.7", "k3f9")
        for known in (Actor("試験", address="192.0.2.8"), Actor("試験", session="a1")):
            assert work.with_origin(known) is known

    def test_an_event_is_of_one_patient_or_of_one_beside_others(self):
        of_nobody, of_one = event("t"), PendingEvent("t", "試験", "", ONE, {})
        assert (of_nobody.with_patients([ONE]).patient_id, of_nobody.with_patients([ONE]).patients) == (
            ONE,
            frozenset(),
        )
        assert of_nobody.with_patients([]) == of_nobody
        both = of_nobody.with_patients([ONE, TWO])
        assert (both.patient_id, both.patients) == (None, {ONE, TWO})
        assert of_one.with_patients([ONE, TWO]).patients == {TWO}
        assert of_one.with_patients([TWO]).patient_id == ONE
        assert both.with_patients([UUID(int=3)]).patients == {ONE, TWO, UUID(int=3)}

    def test_the_proof_is_of_the_institution_and_the_connection(self, server):
        key = work.tenancy_key()
        wanted = hmac.new(key, f"{server.first.id}:77".encode(), hashlib.sha256).hexdigest()
        for _ in range(2):
            assert work.signed(server.first.id, 77) == f"{server.first.id}:{wanted}"


def request_of(rf, clinic, role="doctor", method="get", **more):
    request = getattr(rf, method)("/somewhere/")
    request.user, request.has_second_factor = clinic.users[role], True
    request.resolver_match = SimpleNamespace(view_name="somewhere")
    for name, value in more.items():
        setattr(request, name, value)
    return request


def last(clinic, action: str):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        return AuditEvent.objects.filter(action=action).order_by("-number").first()


def count(clinic, action: str) -> int:
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        return AuditEvent.objects.filter(action=action).count()


class TestPage:
    def test_without_the_second_factor_no_institution_is_opened(self, rf, server):
        def page(request):
            assert not work.has_work()
            assert (request.staff, request.institution) == (None, None)
            return HttpResponse("x")

        request = request_of(rf, server.first, has_second_factor=False)
        assert middleware.InstitutionTransaction(page)(request).content == b"x"

    def test_a_page_is_a_transaction_of_who_is_signed_in(self, rf, server):
        def page(request):
            mine = work.current_work()
            assert request.staff == server.first.staff["doctor"] == middleware.staff_of(request)
            assert request.institution.id == server.first.id == middleware.institution_of(request).id
            assert (mine.actor.label, mine.actor.staff_id) == (request.staff.name, request.staff.id)
            assert mine.seen == set()
            mine.events.append(event("t.page"))
            return HttpResponse("x")

        middleware.InstitutionTransaction(page)(request_of(rf, server.first))
        assert told(server.first, "t.page") == ["t.page"]

    def test_who_is_no_member_of_staff_is_nobody(self, rf, server):
        def page(request):
            for of in (middleware.staff_of, middleware.institution_of):
                with pytest.raises(PermissionDenied):
                    of(request)
            assert work.current_work().actor.label == server.first.users["doctor"].username
            return HttpResponse(status=403)

        from tasuki_server.institutions.models import Staff

        before = count(server.first, "access.refused")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Staff, "objects", Staff.objects.exclude(user_id=server.first.users["doctor"].pk))
            middleware.InstitutionTransaction(page)(request_of(rf, server.first))
        assert count(server.first, "access.refused") == before

    @pytest.mark.parametrize(
        ("method", "status", "acts", "written"),
        [
            ("post", 302, False, True), ("post", 200, False, True), ("put", 399, False, True), ("get", 200, False, False),
            ("head", 200, False, False), ("options", 200, False, False), ("post", 302, True, False), ("post", 400, False, False),
        ],
    )  # fmt: skip
    def test_an_act_that_said_nothing_is_told_all_the_same(self, rf, server, method, status, acts, written):
        def page(request):
            if acts:
                work.current_work().events.append(event("t.acted"))
            return HttpResponse(status=status)

        before = count(server.first, "page.write")
        middleware.InstitutionTransaction(page)(request_of(rf, server.first, method=method))
        assert count(server.first, "page.write") - before == written
        if written:
            assert last(server.first, "page.write").detail["path"] == "/somewhere/"

    @pytest.mark.parametrize(("status", "noted"), [(400, 0), (403, 1), (404, 1), (409, 0), (500, 0)])
    def test_what_was_refused_is_undone_and_told(self, rf, server, status, noted):
        def page(request):
            work.current_work().events.append(event("t.undone"))
            work.current_work().marks["order"] = "9"
            return HttpResponse(status=status)

        before = count(server.first, "access.refused")
        middleware.InstitutionTransaction(page)(request_of(rf, server.first))
        assert told(server.first, "t.undone") == []
        assert count(server.first, "access.refused") - before == noted
        if noted:
            found = last(server.first, "access.refused")
            assert found.detail == {"path": "/somewhere/", "status": status, "order": "9"}
            assert found.actor == server.first.staff["doctor"].name

    def test_a_refusal_says_whose_it_was_and_why(self, rf, server):
        refusal = SimpleNamespace(for_trail=lambda: (ONE, {"rule": "r"}))
        page = middleware.InstitutionTransaction(lambda request: HttpResponse(status=403))
        page(request_of(rf, server.first, refusal=refusal))
        found = last(server.first, "access.refused")
        assert (found.patient_id, found.detail["rule"]) == (ONE, "r")

    @pytest.mark.parametrize(
        ("status", "reads"), [(200, 0), (302, 0), (400, 1), (409, 1), (422, 1), (401, 0), (403, 0), (500, 0)]
    )
    def test_a_refusal_that_shows_is_a_read(self, rf, server, monkeypatch, status, reads):
        monkeypatch.setattr(middleware, "reads_of", lambda work, page: [event(f"t.read-{page}")])
        before = len(told(server.first, "t.read-somewhere"))
        middleware.InstitutionTransaction(lambda request: HttpResponse(status=status))(
            request_of(rf, server.first)
        )
        assert len(told(server.first, "t.read-somewhere")) - before == reads

    @pytest.mark.parametrize(
        ("response", "is_shown"),
        [
            (HttpResponse("x"), True), (HttpResponse(""), False), (HttpResponse("x", status=299), True),
            (HttpResponse("x", status=300), False), (StreamingHttpResponse(["x"]), True), (HttpResponse(status=204), False),
        ],
    )  # fmt: skip
    def test_only_what_is_shown_was_seen(self, rf, server, monkeypatch, response, is_shown):
        seen = []
        monkeypatch.setattr(
            middleware, "settle_sights", lambda work, page, *, is_shown: seen.append((page, is_shown))
        )
        middleware.InstitutionTransaction(lambda request: response)(request_of(rf, server.first))
        middleware.InstitutionTransaction(lambda request: response)(
            request_of(rf, server.first, resolver_match=None)
        )
        assert seen == [("somewhere", is_shown), ("", is_shown)]

    def test_the_purpose_is_that_of_what_the_page_asks_for(self, rf, server):
        gate = middleware.InstitutionTransaction(lambda request: HttpResponse())

        def view(request): ...

        request = request_of(rf, server.first)
        assert gate.process_view(request, view, (), {}) is None, "no transaction is open"
        with server.first.work("doctor") as mine:
            mine.purpose = "before"
            request.resolver_match = None
            gate.process_view(request, view, (), {})
            request.resolver_match = SimpleNamespace(view_name="somewhere")
            gate.process_view(request, view, (), {})
            assert mine.purpose == "before"
            view.permissions = (Permission.CHART_VIEW, Permission.AUDIT_EXPORT)
            gate.process_view(request, view, (), {})
            assert mine.purpose == middleware.purpose_of(Permission.CHART_VIEW) != "before"

    @pytest.mark.parametrize(
        ("state", "status"),
        [(None, 400), ("22001", 400), ("22003", 400), ("22021", 400), ("22P05", 400), ("22012", None)],
    )
    def test_what_cannot_be_stored_is_the_senders_mistake(self, rf, server, monkeypatch, state, status):
        from tasuki_server.shell import errors

        monkeypatch.setattr(errors, "bad_request", lambda request: HttpResponse(status=400))
        gate = middleware.InstitutionTransaction(lambda request: HttpResponse())
        wrong = DataError()
        wrong.__cause__ = type("Cause", (Exception,), {"sqlstate": state})()
        assert gate.process_exception(request_of(rf, server.first), wrong) is None, "no transaction is open"
        with server.first.work("doctor"):
            answer = gate.process_exception(
                request_of(rf, server.first, staff=server.first.staff["doctor"]), wrong
            )
            assert (answer and answer.status_code) == status
            assert transaction.get_rollback(using="default") is (status is not None)
            transaction.set_rollback(True, using="default")

    def test_a_clash_and_wrong_input_are_pages_and_anything_else_is_not(self, rf, server, monkeypatch):
        from tasuki_server.shell import errors

        monkeypatch.setattr(errors, "stale_version", lambda request, wrong: HttpResponse(status=409))
        monkeypatch.setattr(errors, "bad_request", lambda request, wrong=None: HttpResponse(status=400))
        gate = middleware.InstitutionTransaction(lambda request: HttpResponse())
        stale, bad = StaleVersion.__new__(StaleVersion), BadInput.__new__(BadInput)
        for wrong, status in ((stale, 409), (bad, 400)):
            assert gate.process_exception(request_of(rf, server.first), wrong) is None
            with server.first.work("doctor"):
                answer = gate.process_exception(request_of(rf, server.first), wrong)
                assert answer.status_code == status and transaction.get_rollback(using="default")
        with server.first.work("doctor"):
            assert gate.process_exception(request_of(rf, server.first), KeyError()) is None
            assert not transaction.get_rollback(using="default")
