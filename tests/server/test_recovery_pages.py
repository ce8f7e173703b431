# SPDX-License-Identifier: Apache-2.0
"""控えの画面 — what is late is said, one key asks for a backup, and nobody but the administrator sees it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def clinic(server):
    return server.first


@pytest.fixture
def set_up(monkeypatch):
    monkeypatch.setenv("TASUKI_BACKUPS", "/srv/backups")
    monkeypatch.setenv("TASUKI_BACKUP_KEY", "0" * 64)


def _page(clinic) -> str:
    answer = clinic.browser("admin").get("/backups/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_place_and_a_key_nothing_can_be_started(clinic):
    page = _page(clinic)
    assert "控えはまだありません" in page and "復元の訓練は、まだ行われていません" in page
    assert "TASUKI_BACKUPS と TASUKI_BACKUP_KEY を設定すると" in page
    answer = clinic.browser("admin").post("/backups/start/", follow=True)
    assert "設定されていないため、控えを取れません" in answer.content.decode()


def test_one_key_asks_once_and_the_run_is_followed_to_its_end(clinic, set_up):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.recovery.models import BackupRun, BackupState

    browser = clinic.browser("admin")
    assert "控えの作成を始めます" in browser.post("/backups/start/", follow=True).content.decode()
    assert "いま作成中です" in browser.post("/backups/start/", follow=True).content.decode()
    assert "控えの開始を待っています" in browser.get("/backups/progress/").content.decode()
    with clinic.work("admin"):
        (run,) = BackupRun.objects.all()
        assert run.asked_by_id == clinic.staff["admin"].id
        assert AuditEvent.objects.filter(action="backup.ask", subject_id=str(run.id)).count() == 1
        run.state, run.phase, run.percent = BackupState.RUNNING, "files", 42
        run.save()
    assert "42%" in browser.get("/backups/progress/").content.decode()
    with clinic.work("admin"):
        run.state, run.began_at, run.mark_at = BackupState.DONE, timezone.now(), timezone.now()
        run.kept_bytes, run.table_count = 5_000_000, 97
        run.save()
    answer = browser.get("/backups/progress/")
    assert answer.headers["HX-Refresh"] == "true"
    page = _page(clinic)
    assert "4.8\xa0MB" in page and "期限内" in page and "管理" in page


def test_a_rehearsal_that_failed_does_not_count(clinic):
    from tasuki_server.recovery.models import RestoreRun
    from tasuki_server.recovery.status import read_status

    with clinic.work("admin"):
        RestoreRun.objects.create(
            base="b", rto_seconds=Decimal("3.20"), rpo_seconds=Decimal(0), chart_count=20, faults=["表 x"]
        )
        assert read_status(timezone.now()).is_rehearsal_late
        good = RestoreRun.objects.create(base="b", rto_seconds=Decimal("3.20"), rpo_seconds=Decimal(0))
        assert not read_status(good.at + timedelta(days=89)).is_rehearsal_late
        assert read_status(good.at + timedelta(days=91)).is_rehearsal_late
    page = _page(clinic)
    assert "不合格" in page and "3.20秒" in page


@pytest.mark.parametrize("role", ["doctor", "nurse", "reception", "clerk"])
def test_it_is_the_administrators(clinic, role):
    assert clinic.browser(role).get("/backups/").status_code == 403
    assert clinic.browser(role).post("/backups/start/").status_code == 403
