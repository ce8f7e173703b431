# SPDX-License-Identifier: Apache-2.0
"""断りの画面 — 400, 403, 404, 409 and 500: in Japanese, nothing half-written, nothing told that should not be."""

from __future__ import annotations

import logging

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from tasuki.security.permissions import Permission
from tasuki_server import urls
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution

pytestmark = pytest.mark.server
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


def _write() -> None:
    Institution.objects.update(telephone="03-0000-0000")
    record("institution.change")


@requires(Permission.USE_SYSTEM)
def falls(request):
    _write()
    raise RuntimeError("患者 架空 太郎 の記録")


@requires(Permission.USE_SYSTEM)
def answers_badly(request):
    _write()
    return HttpResponse("いいえ", status=422)


@requires(Permission.USE_SYSTEM)
def breaks_the_transaction(request):
    from django.db import connection

    _write()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")


@requires(Permission.USE_SYSTEM)
def bad_input(request):
    from tasuki.kernel.finding import BadInput, Finding, Severity, Where
    from tasuki.kernel.messages import register

    register({"test/bad": "{number}行目の日付が読めません"})
    _write()
    raise BadInput([Finding("test/bad", Severity.BLOCK, Where(file="a.csv"), "test/bad", {"number": 3})])


@requires(Permission.USE_SYSTEM)
def well(request):
    _write()
    return HttpResponse("はい")


def undeclared(request):
    return HttpResponse("開いている")


urlpatterns = [
    *urls.urlpatterns,
    path("falls", falls),
    path("badly", answers_badly),
    path("broken", breaks_the_transaction),
    path("input", bad_input),
    path("well", well),
    path("undeclared", undeclared),
]


@pytest.fixture
def browser(server):
    with override_settings(ROOT_URLCONF=__name__):
        yield server.first.browser("doctor", raise_request_exception=False)


def telephone(server) -> str:
    with server.first.work():
        return Institution.objects.get().telephone


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/falls", 500, "保存されていません"),
        ("/broken", 500, "保存されていません"),
        ("/badly", 422, "いいえ"),
        ("/input", 400, "3行目の日付が読めません"),
        ("/undeclared", 403, "権限がありません"),
        ("/nowhere", 404, "見つかりません"),
    ],
)
def test_a_refusal_writes_nothing_and_says_what_to_do(server, browser, address, status, words):
    from tasuki_server.audit.models import AuditEvent

    answer = browser.get(address)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert telephone(server) == ""
    with server.first.work():
        assert not AuditEvent.objects.filter(action="institution.change").exists()


def test_neither_page_nor_log_quotes_a_record(server, browser, caplog):
    from tasuki_server.shell.log_lines import SafeLine

    with caplog.at_level(logging.ERROR):
        page = browser.get("/falls").content.decode()
    assert "架空" not in page
    lines = [SafeLine().format(each) for each in caplog.records if each.exc_info]
    assert lines and not any("架空" in line for line in lines)
    assert any("RuntimeError" in line and "falls" in line for line in lines)


def test_what_succeeds_is_kept_with_its_event(server, browser):
    from tasuki_server.audit.models import AuditEvent

    assert browser.post("/well").status_code == 200
    assert telephone(server) == "03-0000-0000"
    with server.first.work():
        assert AuditEvent.objects.filter(action="institution.change").count() == 1
        Institution.objects.update(telephone="")


def test_a_form_that_is_not_ours_is_refused(server):
    strict = server.first.browser("doctor", enforce_csrf_checks=True)
    answer = strict.post("/accounts/logout/")
    assert answer.status_code == 403
    assert "有効期限" in answer.content.decode()
    assert strict.get("/").status_code == 200
