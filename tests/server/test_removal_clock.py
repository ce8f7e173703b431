# SPDX-License-Identifier: Apache-2.0
"""削除の時計 — a clock that leapt ahead removes nothing, of whatever removes by date, until an operator says that it is right."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from uuid import uuid4

import pytest

from prescription_service import AMLODIPINE, Institution

pytestmark = pytest.mark.server
NOW = datetime.now(UTC)
MONTH, YEARS = timedelta(days=31), timedelta(days=3650)


@pytest.fixture(autouse=True)
def mark(server):
    """The last round was at this moment; what comes after these tests begins there too."""
    from tasuki_server.platform.models import RemovalMark
    from tasuki_server.platform.removal_clock import NAME

    def marked(at):
        RemovalMark.objects.update_or_create(name=NAME, defaults={"at": at})

    marked(NOW)
    yield marked
    marked(datetime.now(UTC))


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    yield Institution("13", "1", "9990017", "時計医院")
    close_house()


def _through_a_pool(act):
    from tasuki_server.database.django_settings import VARIABLES
    from tasuki_server.platform.pool import open_pool

    async def run():
        pool = await open_pool(os.environ[VARIABLES["platform"]], 2)
        try:
            return await act(pool)
        finally:
            await pool.close()

    return asyncio.run(run())


def test_a_month_is_believed_and_a_day_more_is_not(mark):
    from tasuki_server.platform.removal_clock import Unbelievable, last_mark, require_belief

    require_belief(NOW + MONTH, "owner")
    assert last_mark() == NOW + MONTH
    mark(NOW)
    with pytest.raises(Unbelievable) as doubt:
        require_belief(NOW + MONTH + timedelta(seconds=1), "owner")
    japanese, english = doubt.value.words
    assert "--clock-is-right" in japanese and "--clock-is-right" in english and "（31日前）" in japanese
    assert last_mark() == NOW
    # A clock that went back removes less, and does not make the next round look like a leap.
    require_belief(NOW - YEARS, "owner")
    assert last_mark() == NOW


def test_prescriptions_stay_and_the_operator_is_told_once(clinic, mark, capsys):
    from tasuki_server.cli.prescription_keeper import PrescriptionKeeper
    from tasuki_server.platform.removal_clock import believe
    from tasuki_server.prescriptions.models import Prescription

    made = clinic.register(AMLODIPINE).value("PrescriptionId")
    keeper = PrescriptionKeeper(now=lambda: NOW + YEARS)
    keeper.attend()
    keeper.attend()
    told = capsys.readouterr().err
    assert told.count("時計を確かめて直してください") == 1 and f"{(NOW + YEARS):%Y}" in told
    assert Prescription.objects.filter(pk=made).exists()
    believe(NOW + YEARS, "試験 太郎")
    keeper.attend()
    assert not Prescription.objects.filter(pk=made).exists() and capsys.readouterr().err == ""


def test_letters_and_informations_stay(mark, monkeypatch):
    from tasuki_server.platform.removal_clock import Unbelievable
    from tasuki_server.records import retention
    from tasuki_server.records.rules import Rules

    ran = []

    async def noted(*given):
        ran.append(given)
        return 0

    monkeypatch.setattr(retention, "_removed", noted)

    def round_at(at):
        return _through_a_pool(lambda pool: retention.remove_old(SimpleNamespace(pool=pool), Rules(), at))

    with pytest.raises(Unbelievable):
        round_at(NOW + YEARS)
    assert ran == []

    async def asked(pool):
        # Whoever asks meanwhile is answered.
        await retention.tidy(SimpleNamespace(call=SimpleNamespace(pool=pool), rules=Rules(), at=NOW + YEARS))

    _through_a_pool(asked)
    assert ran == []
    assert round_at(NOW + timedelta(days=1)) == 0 and len(ran) == 1


def _bulk(caller):
    from tasuki_server.eligibility import bulk
    from tasuki_server.eligibility.models import BulkJob

    row = BulkJob.objects.create(
        caller=caller, kind="OQSmuquc", reception_number=f"{uuid4().int % 10**18}", file_identifier="",
        request=None, received_at=NOW - YEARS, done_at=NOW - YEARS, result=b"answer",
    )  # fmt: skip
    return bulk._LET_GO, [caller.pk], lambda: BulkJob.objects.get(pk=row.pk).result is not None


def _export(caller):
    from tasuki_server.exchange import exporting
    from tasuki_server.exchange.models import ExportJob

    row = ExportJob.objects.create(
        caller=caller, request="", types=[], transaction_time=NOW - YEARS, status="done", beat_at=NOW - YEARS,
        made_at=NOW - YEARS, expires_at=NOW - YEARS,
    )  # fmt: skip
    return exporting._FORGET, [], lambda: ExportJob.objects.filter(pk=row.pk).exists()


def _app_token(caller):
    from tasuki_server.exchange import app_tokens
    from tasuki_server.exchange.models import AppPermit, AppSecret, LaunchApp

    app = LaunchApp.objects.create(connected=caller, name="時計", redirect_uris=[], scopes=[])
    permit = AppPermit.objects.create(
        app=app, allowed_by=uuid4(), allowed_by_name="", patient="", expires_at=NOW
    )
    row = AppSecret.objects.create(
        digest=uuid4().hex, permit=permit, kind="refresh", expires_at=NOW - timedelta(seconds=1)
    )
    later = NOW + timedelta(seconds=1)
    return app_tokens._FORGET, [later], lambda: AppSecret.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("kind", [_bulk, _export, _app_token])
def test_what_goes_as_others_work_stays(server, mark, kind):
    from tasuki_server.platform.models import ConnectedInstitution

    caller, _ = ConnectedInstitution.objects.get_or_create(
        prefecture="13", fee_table="1", code="9990018", defaults={"name": "時計医院", "digest": uuid4().hex}
    )
    statement, given, is_there = kind(caller)
    mark(NOW - YEARS)
    _through_a_pool(lambda pool: pool.execute(statement, *given))
    assert is_there()
    mark(NOW)
    _through_a_pool(lambda pool: pool.execute(statement, *given))
    assert not is_there()


def test_the_first_round_after_an_update_knows_when_the_house_was_used_last(server):
    from django.db import connections

    from tasuki_server.platform.models import RemovalMark, ServiceEvent
    from tasuki_server.platform.removal_clock import last_mark

    seeding = import_module("tasuki_server.platform.migrations.0006_first_removal_mark")
    RemovalMark.objects.using("owner").all().delete()
    ServiceEvent.objects.create(operation="test")
    # What a clock wrote that stood years ahead says nothing.
    ServiceEvent.objects.create(operation="test", at=NOW + YEARS)
    seeding.note_last_use(None, SimpleNamespace(connection=connections["owner"]))
    assert NOW <= last_mark() <= datetime.now(UTC)


def test_the_operator_says_that_the_clock_is_right(server, mark, capsys):
    from argparse import ArgumentParser

    from tasuki_server.cli.removal_words import add_removal_verb
    from tasuki_server.cli.words import Stop
    from tasuki_server.platform.models import ServiceEvent

    def run(*given):
        parser = ArgumentParser()
        add_removal_verb(parser.add_subparsers(), lambda act: act())
        args = parser.parse_args(["removal", *given])
        args.format = "json"
        assert args.verb(args) == 0
        return datetime.fromisoformat(json.loads(capsys.readouterr().out)["last"])

    mark(NOW - YEARS)
    assert run() == NOW - YEARS
    with pytest.raises(Stop):
        run("--clock-is-right")
    assert run("--clock-is-right", "--by", "運用 花子") >= NOW
    (said,) = ServiceEvent.objects.filter(operation="believe-clock", detail__by="運用 花子")
    assert said.detail["before"] == (NOW - YEARS).isoformat()
