# SPDX-License-Identifier: Apache-2.0
"""アドレスの点検 — the server does not start with an address that keeps silent."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.urls import include, path
from django.urls.resolvers import RegexPattern, URLResolver

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.route_check import refuse_undeclared, refuse_undeclared_machines, undeclared

pytestmark = pytest.mark.server


def silent(request, **given):
    return HttpResponse()


@requires(Permission.CHART_VIEW)
def declared(request, **given):
    return HttpResponse()


def resolver(*patterns):
    room = include((list(patterns), "planted"))
    return URLResolver(RegexPattern(r"^/"), [path("planted/", room)])


def test_every_address_of_today_declares_enough(server):
    assert undeclared() == []
    refuse_undeclared()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (path("silent/", silent, name="silent"), "names no permission"),
        (path("<uuid:secret_id>/", declared, name="whose"), "whose is secret_id"),
        (path("<int:patient_number>/", declared, name="number"), "whose is patient_number"),
    ],
)
def test_a_planted_address_stops_the_server(server, pattern, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        refuse_undeclared(resolver(pattern))


def test_an_address_of_a_table_that_comes_later_needs_no_telling(server):
    refuse_undeclared(resolver(path("<uuid:visit_id>/", declared, name="of_a_visit")))


def test_machine_addresses_name_what_a_token_must_be_good_for(server):
    from tasuki_server import asgi

    known = frozenset({"calculate", "copay", "sender", "client", "public", "monitor"})
    refuse_undeclared_machines(asgi.MACHINES, known)
    for rooms in ({"/api/": {"x": ""}}, {"/api/": {"x": "all"}}, {"/api/": {}}):
        with pytest.raises(ImproperlyConfigured):
            refuse_undeclared_machines(rooms, frozenset({"calculate"}))


def test_every_operation_of_the_api_is_declared(server):
    from tasuki_server.api.calculation import ADDRESSES, DESCRIPTION, ISSUE, OPERATIONS

    assert set(ADDRESSES) == {DESCRIPTION, ISSUE, *OPERATIONS}
