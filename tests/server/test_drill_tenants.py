# SPDX-License-Identifier: Apache-2.0
"""医療機関の分離の訓練 — passes on the tables of today, sees each planted fault, and leaves the walls as they were."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest

pytestmark = pytest.mark.server


@contextmanager
def here():
    yield None


def test_the_drill_passes_and_every_planted_fault_is_found(server, monkeypatch):
    from tasuki_server.drills import tenants
    from tasuki_server.drills.drill import Tier
    from tasuki_server.institutions.tenancy import tenant_models
    from tasuki_server.institutions.tenancy_lint import QUESTIONS, offences

    monkeypatch.setenv("TASUKI_OWNER_DATABASE_URL", server.connections.owner)
    monkeypatch.setenv("TASUKI_APP_DATABASE_URL", server.connections.app)
    monkeypatch.setattr(tenants, "training_ground", here)
    monkeypatch.setitem(tenants.PROGRAMS, Tier.PUSH, 30)
    finding = tenants.run(Tier.PUSH, 7, lambda line: None)
    assert finding.faults == ()
    assert finding.counts["tables"] == len(tenant_models())
    assert [name for name, count in finding.control.items() if not count] == []
    assert len(finding.control) >= len(QUESTIONS)
    with psycopg.connect(server.connections.owner) as owner:
        assert offences(lambda query: owner.execute(query).fetchall()) == []
