# SPDX-License-Identifier: Apache-2.0
"""作業指示のもとのコマンド — refused outside the window, noted before and after inside it."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from tasuki.security.permissions import Permission
from tasuki_server.cli.words import Stop
from tasuki_server.cli.work_order import VARIABLE, os_user, under_work_order
from vendors import end_order, make_order, make_vendor

pytestmark = pytest.mark.server


@contextmanager
def here(*given, **named):
    yield None


def test_a_command_is_noted_with_its_order_and_user_and_refused_when_the_order_is_over(server, monkeypatch):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.database import session
    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.reading import reconciled

    monkeypatch.setattr(session, "connected", here)
    clinic = server.first
    order = make_order(clinic, make_vendor(clinic), [Permission.MASTERS_MANAGE])
    assert under_work_order("masters", ["import"], lambda: 0) == 0
    monkeypatch.setenv(VARIABLE, f"13-9990001/{order.number}")
    assert under_work_order("masters", ["import", "--from", "秘密"], lambda: 1) == 1
    with clinic.work():
        events = list(AuditEvent.objects.filter(action="maintenance.command").order_by("number"))
        found, _ = reconciled(access_order(order.id))
    assert [each.detail["step"] for each in events] == ["begin", "end"]
    assert {each.detail["os_user"] for each in events} == {os_user()}
    assert events[1].detail["exit"] == 1 and "秘密" not in str(events[0].detail)
    assert len(found.inside) == 2 and found.outside == ()
    end_order(clinic, order, is_cut=True)
    ran = []
    with pytest.raises(Stop):
        under_work_order("masters", ["import"], lambda: ran.append(1) or 0)
    monkeypatch.setenv(VARIABLE, "13-9990001/x")
    with pytest.raises(Stop):
        under_work_order("masters", ["import"], lambda: ran.append(1) or 0)
    assert ran == []
