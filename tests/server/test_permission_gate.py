# SPDX-License-Identifier: Apache-2.0
"""画面の関所 — what it asks and in which order, held by itself; what it refuses at every address is held by test_permissions."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from tasuki.security.permissions import Permission
from tasuki_server.accounts import permission_gate
from tasuki_server.accounts.pages import ENROLMENT_PAGES, OWN_ACCOUNT_PAGES, PUBLIC_PAGES
from tasuki_server.accounts.permission_gate import PermissionGate, requires
from tasuki_server.privacy.asking import Refusal


@requires(Permission.CHART_VIEW)
def chart(request, **given): ...


def undeclared(request, **given): ...


QUESTION = HttpResponse("再確認")


@pytest.fixture
def gate(monkeypatch):
    """The gate with what stands around it: it tells what was asked, and is told what to answer."""
    told = SimpleNamespace(
        asked=[], refuses=None, has_moved=False, question=None, work=SimpleNamespace(purpose=""), marked=[]
    )

    def roles(staff, needed):
        told.asked.append(("roles", needed))
        if told.refuses is not None:
            raise told.refuses

    def again(request, name, needed, view):
        told.asked.append(("again", needed))
        return told.question

    monkeypatch.setattr(permission_gate, "ask_roles", roles)
    monkeypatch.setattr(
        permission_gate,
        "ask_patients",
        lambda staff, needed, found, asked: told.asked.append(("patients", found)),
    )
    monkeypatch.setattr(permission_gate, "has_moved", lambda request: told.has_moved)
    monkeypatch.setattr(permission_gate, "asked_again", again)
    monkeypatch.setattr(permission_gate, "current_work", lambda: told.work)
    monkeypatch.setattr(permission_gate, "mark_events", told.marked.append)
    finders = {
        "visit": SimpleNamespace(sql="of a visit", finds=True),
        "day": SimpleNamespace(sql="", finds=False),
    }
    monkeypatch.setattr(
        permission_gate, "finders_of", lambda namespace, kwargs: {each: finders[each] for each in kwargs}
    )
    told.gate = PermissionGate(lambda request: HttpResponse())
    return told


def request_of(
    rf, name="chart:visit", *, staff="staff", has_second_factor=True, is_authenticated=True, emergencies=()
):
    request = rf.get("/")
    request.resolver_match = SimpleNamespace(view_name=name, namespace=name.partition(":")[0])
    request.user = SimpleNamespace(is_authenticated=is_authenticated)
    request.has_second_factor, request.staff = has_second_factor, staff
    request.asked = SimpleNamespace(emergencies=list(emergencies), marks=[])
    return request


def test_a_need_is_named():
    with pytest.raises(ValueError, match="at least one"):
        requires()
    assert chart.permissions == (Permission.CHART_VIEW,)


def test_roles_then_patients_then_the_second_factor_are_asked(rf, gate):
    assert gate.gate.process_view(request_of(rf), chart, (), {"visit": "v1", "day": "2026-12-01"}) is None
    needed = (Permission.CHART_VIEW,)
    assert gate.asked == [("roles", needed), ("patients", [("of a visit", "v1")]), ("again", needed)]
    assert gate.work.purpose == ""
    gate.question = QUESTION
    assert gate.gate.process_view(request_of(rf), chart, (), {}) is QUESTION


def test_a_record_opened_in_an_emergency_says_so(rf, gate):
    gate.gate.process_view(request_of(rf, emergencies=["p"]), chart, (), {})
    assert gate.work.purpose == "ETREAT"


@pytest.mark.parametrize(("view", "staff"), [(undeclared, "staff"), (chart, None)])
def test_who_is_nobody_here_and_what_declares_nothing_is_closed(rf, gate, view, staff):
    with pytest.raises(PermissionDenied):
        gate.gate.process_view(request_of(rf, staff=staff), view, (), {})
    assert gate.asked == []


def test_a_refusal_stays_with_the_request(rf, gate):
    gate.refuses = Refusal(SimpleNamespace(rule_id="role"))
    request = request_of(rf)
    with pytest.raises(Refusal):
        gate.gate.process_view(request, chart, (), {})
    assert request.refusal is gate.refuses


def test_a_session_that_moved_is_asked_before_it_is_refused(rf, gate):
    gate.has_moved, gate.question = True, QUESTION
    for view in (chart, undeclared):
        assert gate.gate.process_view(request_of(rf, staff=None), view, (), {}) is QUESTION
    assert gate.asked == [("again", (Permission.CHART_VIEW,)), ("again", ())]
    gate.question = None
    with pytest.raises(PermissionDenied):
        gate.gate.process_view(request_of(rf), undeclared, (), {})


def test_pages_before_and_beside_the_sign_in_ask_no_role(rf, gate):
    for name in PUBLIC_PAGES:
        assert gate.gate.process_view(request_of(rf, name, staff=None), undeclared, (), {}) is None
    for name in ENROLMENT_PAGES | OWN_ACCOUNT_PAGES:
        before = request_of(rf, name, staff=None, has_second_factor=False)
        assert gate.gate.process_view(before, undeclared, (), {}) is None
        del before.has_second_factor
        assert gate.gate.process_view(before, undeclared, (), {}) is None
    assert gate.asked == []
    for name in sorted(OWN_ACCOUNT_PAGES):
        gate.gate.process_view(request_of(rf, name), undeclared, (), {})
        assert gate.asked[-1] == ("again", (Permission.USE_SYSTEM,))
        with pytest.raises(PermissionDenied):
            gate.gate.process_view(
                request_of(rf, name, staff=None, has_second_factor=False, is_authenticated=False),
                undeclared,
                (),
                {},
            )


def test_what_a_view_left_for_the_trail_is_marked_once_it_went_well(rf, gate):
    for status, marks in ((200, {"p": ["m"]}), (399, {"p": ["m"]}), (400, {"p": ["m"]}), (200, {})):

        def answer(request, status=status, marks=marks):
            request.asked.marks.update(marks)
            return HttpResponse(status=status)

        before = len(gate.marked)
        assert PermissionGate(answer)(rf.get("/")).status_code == status
        assert len(gate.marked) - before == (1 if status < 400 and marks else 0), (status, marks)
