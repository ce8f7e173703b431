# SPDX-License-Identifier: Apache-2.0
"""鍵の期限 — told before the last key of a system ends: 30 days, 7 days, and after it; no longer once a newer one serves."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

pytestmark = pytest.mark.server


def _public():
    from tasuki_server.api.service_call import new_key, public_jwk

    return json.dumps(public_jwk(new_key()))


@pytest.fixture(scope="module")
def client(server):
    """A system that connects to the first clinic, with one key of 20 days."""
    from tasuki_server.api.service_clients import register_client

    with server.first.work():
        return register_client("隣のレセコン", ("calculate",), _public(), 20)


def _move(server, client, days):
    """The newest key ends so many days from now."""
    from django.utils import timezone

    from tasuki_server.api.models import ClientKey

    with server.first.work():
        newest = ClientKey.objects.filter(client=client).order_by("-added_at", "-id").first()
        newest.expires_at = timezone.now() + timedelta(days=days, minutes=5)
        newest.save()


def _told(server, client, days):
    """What the office's page, the first page and its badge say."""
    _move(server, client, days)
    browser = server.first.browser("admin")
    walls, home = browser.get("/office/").content.decode(), browser.get("/").content.decode()
    line = next(each for each in walls.split("<tr>") if "接続・送信の鍵の期限" in each)
    return line, home


def test_the_office_is_told_thirty_days_seven_days_and_after(server, client):
    line, home = _told(server, client, 31)
    assert "30日以内に期限の来る鍵はありません" in line and "接続・送信の鍵の期限" not in home
    for days, mark, tone, is_urgent in (
        (29, "30日以内", "warn", False),
        (8, "30日以内", "warn", False),
        (6, "7日以内", "bad", True),
        (-1, "期限切れ", "bad", True),
    ):
        line, home = _told(server, client, days)
        assert f'<span class="badge {tone}">{mark}</span>' in line and "接続先「隣のレセコン」" in line, days
        assert "接続・送信の鍵の期限" in home and ("7日以内・期限切れ" in home) is is_urgent, days
    assert "隣のレセコン" not in server.second.browser("admin").get("/office/").content.decode()


def test_a_newer_key_or_a_stopped_system_is_no_news(server, client):
    from django.utils import timezone

    from tasuki_server.api.service_clients import add_key, revoke_client
    from tasuki_server.operations.key_endings import endings_here

    _move(server, client, -1)

    def found():
        with server.first.work():
            return [each.name for each in endings_here(server.first.id, timezone.now())]

    assert found() == ["隣のレセコン"]
    with server.first.work():
        add_key(client, _public(), 365)
    assert found() == []
    _move(server, client, 5)
    assert found() == ["隣のレセコン"]
    with server.first.work():
        client.refresh_from_db()
        revoke_client(client)
    assert found() == []


def test_our_own_key_at_services_of_this_house_counts_with_the_newest_generation(server, monkeypatch):
    from django.utils import timezone

    from tasuki_server.api.own_sender import own_key
    from tasuki_server.api.service_call import public_jwk
    from tasuki_server.operations.key_endings import endings_here, endings_of_senders
    from tasuki_server.receiving.clients import register_client
    from tasuki_server.receiving.senders import add_key

    def public(generation):
        return json.dumps(public_jwk(own_key(server.second.id, generation)))

    def found():
        with server.second.work():
            return [
                (each.where, each.mark(timezone.now()))
                for each in endings_here(server.second.id, timezone.now())
            ]

    row, _ = register_client("13", "9990002", "にし丘医院")
    add_key(row, public(1), timezone.now(), 5)
    assert found() == [("請求の送信", "7日以内")]
    assert [each.name for each in endings_of_senders(timezone.now())] == ["にし丘医院"]
    monkeypatch.setenv("TASUKI_SENDER_KEY", "2")
    add_key(row, public(2), timezone.now(), 365)
    assert found() == [] and endings_of_senders(timezone.now()) == []


def test_the_desks_and_the_command_name_whom_they_serve(server, capsys, monkeypatch):
    from django.utils import timezone

    from tasuki_server.cli import operations
    from tasuki_server.exchange.client_models import ExchangeClientKey
    from tasuki_server.exchange.clients import register_client as register_program
    from tasuki_server.office.ending_keys import waiting_institution_keys, waiting_sender_keys
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.keys_registered import add_key
    from tasuki_server.platform.models import FeeTable
    from tasuki_server.platform.opening import add_operator
    from tasuki_server.receiving.clients import register_client
    from tasuki_server.receiving.opening import add_operator as add_desk
    from tasuki_server.receiving.senders import add_key as add_sender_key

    now = timezone.now()
    row, _ = register_institution("13", FeeTable.MEDICAL, "9990111", "架空の接続機関")
    add_key(row, _public(), now, 3)
    program = register_program(row, "架空のプログラム", ["system/*.rs"], _public(), now)
    ExchangeClientKey.objects.filter(client=program).update(expires_at=now - timedelta(days=1))
    sender, _ = register_client("13", "9990112", "架空の送信元")
    add_sender_key(sender, _public(), now, 25)
    staff = server.first.staff["examiner"]
    with server.first.work():
        assert waiting_sender_keys(staff) == waiting_institution_keys(staff) == []
    add_operator(staff.user_id, staff.name)
    add_desk(staff.user_id, staff.name)
    with server.first.work():
        institutions, senders = waiting_institution_keys(staff)[0], waiting_sender_keys(staff)[0]
    assert (institutions.count, institutions.urgent, senders.count, senders.urgent) == (2, 2, 1, 0)

    # The clinic's own key of the test before is not asked for.
    monkeypatch.setenv("TASUKI_SENDER_KEY", "9")

    class Args:
        format = "json"

    assert operations._keys(Args()) == 1
    told = {(each["of"], each["name"]): each["mark"] for each in json.loads(capsys.readouterr().out)}
    assert told == {
        ("この設置のサービス", "架空のプログラム"): "期限切れ",
        ("この設置のサービス", "架空の接続機関"): "7日以内",
        ("この設置のサービス", "架空の送信元"): "30日以内",
    }
