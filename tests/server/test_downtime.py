# SPDX-License-Identifier: Apache-2.0
"""停止時の写し — what is in it, who opens it, what is written anew, and what comes back into the trail."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest

from made_up import make_history, make_insurance, make_patient, make_visit
from tasuki.security.downtime_seal import CannotOpen

pytestmark = pytest.mark.server


def now():
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def clinic(server):
    made = server.first
    with made.work("doctor"):
        made.patient = make_patient("閲覧 花", "エツラン ハナ", phone="00-1234-5678", address="架空町一丁目")
        make_insurance(made.patient)
        make_history(make_visit(made.patient), made.staff["doctor"])
        made.sealed = make_patient("封印 次郎", "フウイン ジロウ", born=date(1971, 2, 3))
        from tasuki_server.privacy.marks import add_mark

        add_mark(made.sealed, "sealed", [made.staff["doctor"]], "本人の希望")
    return made


@pytest.fixture(scope="module")
def codes(clinic):
    from tasuki_server.continuity.cards import issue_card

    with clinic.work("admin"):
        return {role: issue_card(clinic.staff[role]) for role in ("doctor", "nurse")}


@pytest.fixture(scope="module")
def copy(clinic, codes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    made = renew(clinic, folder)
    assert made.is_whole and made.written == 2
    return folder


def renew(clinic, folder, clock=now):
    from tasuki_server.downtime.copying import refresh
    from tasuki_server.institutions.models import Institution

    return refresh(Institution.objects.using("owner").get(id=clinic.id), folder, clock)


def sit(clinic, copy, codes, role="doctor", **more):
    from tasuki_server.downtime.viewing import sit_down

    return sit_down(copy, str(clinic.staff[role].id), codes[role], now, **more)


def merge(clinic, folder):
    from tasuki_server.downtime.merging import merge_folder
    from tasuki_server.institutions.models import Institution

    return list(merge_folder(Institution.objects.using("owner").get(id=clinic.id), folder))


def acts(clinic, action):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        return list(AuditEvent.objects.filter(action=action).order_by("number"))


def test_every_table_about_a_patient_is_in_the_copy_or_has_a_reason(server):
    from tasuki_server.downtime.tables import HIDDEN_COLUMNS, IN_VISITS, LEFT_OUT, tables
    from tasuki_server.institutions.tenancy import tenant_models

    every = {each._meta.label: each for each in tenant_models()}
    taken = {each._meta.label for each in tables()}
    about = {
        name
        for name, model in every.items()
        if any(field.attname == "patient_id" for field in model._meta.concrete_fields)
    }
    assert about <= taken | set(IN_VISITS) | set(LEFT_OUT)
    assert {*LEFT_OUT, *IN_VISITS, *HIDDEN_COLUMNS} <= set(every)
    assert all(LEFT_OUT.values())


def test_no_copy_is_made_while_nobody_could_open_it(server, tmp_path):
    assert renew(server.second, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_chart_shows_what_was_registered(clinic, copy, codes):
    chart = json.dumps(sit(clinic, copy, codes).chart(str(clinic.patient.id)), ensure_ascii=False)
    for text in (
        "閲覧 花", "00-1234-5678", "架空町一丁目", "そば", "変わりなし。", "続ける。", "アムロジピン", "1日1回 朝食後",
        "01130012", "12345", "678", "54136015",
    ):  # fmt: skip
        assert text in chart, text


def test_nothing_of_a_chart_can_be_read_in_the_files(clinic, copy, codes):
    content = b"".join(each.read_bytes() for each in copy.rglob("*") if each.is_file())
    for text in ("閲覧", "封印", "フウイン", "そば", "変わりなし", "00-1234"):
        assert text.encode() not in content
    assert codes["doctor"].encode() not in content


def test_a_sealed_chart_opens_for_its_readers_alone(clinic, copy, codes):
    doctor, nurse = sit(clinic, copy, codes), sit(clinic, copy, codes, "nurse")
    own = str(clinic.sealed.id)
    assert doctor.chart(own)["name"] == "封印 次郎"
    assert [each.may_open for each in doctor.search("ふういん")] == [True]
    assert nurse.search("ふういん") == [] and nurse.search("封印 次郎") == []
    by_number = nurse.search(str(clinic.sealed.number))
    assert [(each.name, each.may_open) for each in by_number] == [("（閲覧制限）", False)]
    with pytest.raises(CannotOpen):
        nurse.chart(own)
    # Not even with the root: the key of a sealed chart does not come from it.
    from tasuki.security.downtime_seal import open_part, part_key
    from tasuki_server.downtime.files import read_part

    row = nurse.rows[own]
    with pytest.raises(CannotOpen):
        part = read_part(copy, row.file, row.sha256)
        open_part(part_key(nurse.root, f"chart {own}"), part, f"{nurse.cover.place}/{own}")


def test_a_patient_is_found_as_at_the_desk(clinic, copy, codes):
    sitting = sit(clinic, copy, codes)
    for text in (
        "えつらん",
        "エツラン　ハナ",
        "閲覧花",
        "はな",
        "S35.4.1",
        "1960-04-01",
        str(clinic.patient.number),
    ):
        assert [each.name for each in sitting.search(text)] == ["閲覧 花"], text
    assert sitting.search("") == [] and sitting.search("いない人") == []


def test_only_what_changed_is_written_again(clinic, copy, codes):
    from tasuki_server.patients.records import add_allergy

    assert renew(clinic, copy).written == 0
    clinic.browser("doctor").get(f"/patients/{clinic.patient.number}/")
    assert renew(clinic, copy).written == 0
    with clinic.work("doctor"):
        add_allergy(
            clinic.patient, substance="新しい物質", severity="severe", kind="other", noted_on=now().date()
        )
    made = renew(clinic, copy)
    assert (made.written, made.is_whole) == (1, False)
    assert "新しい物質" in str(sit(clinic, copy, codes).chart(str(clinic.patient.id))["allergies"])


def test_a_copy_tells_how_old_it_was_when_the_server_stopped(clinic, copy, codes, tmp_path):
    from tasuki_server.downtime.files import write_alive
    from tasuki_server.downtime.keys import signing_key

    fresh = sit(clinic, copy, codes).age()
    assert not fresh.is_stale and not fresh.is_past
    renew(clinic, tmp_path, lambda: now() - timedelta(minutes=6))
    old = sit(clinic, tmp_path, codes)
    # The worker had run until it stopped: the copy was whole then, and is only past now.
    assert (old.age().is_stale, old.age().is_past) == (False, True)
    write_alive(tmp_path, now(), signing_key())
    assert old.age().is_stale
    (tmp_path / "alive.json").unlink()
    assert old.age().is_stale


def test_a_copy_of_another_maker_does_not_open(clinic, copy, codes, tmp_path):
    import shutil

    shutil.copytree(copy, tmp_path / "copy")
    cover = tmp_path / "copy/cover.json"
    cover.write_text(cover.read_text(encoding="utf-8").replace("made_at", "made_At", 1), encoding="utf-8")
    from tasuki_server.downtime.files import NoCopy

    with pytest.raises((CannotOpen, NoCopy)):
        sit(clinic, tmp_path / "copy", codes)


def test_views_come_into_the_trail_once_and_under_the_reader_s_name(clinic, codes, tmp_path):
    renew(clinic, tmp_path)
    sitting = sit(clinic, tmp_path, codes, "nurse")
    sitting.search("えつらん")
    sitting.chart(str(clinic.patient.id))
    with pytest.raises(CannotOpen):
        sitting.chart(str(clinic.sealed.id))
    before = len(acts(clinic, "downtime.read"))
    assert [(each.new, each.fault) for each in merge(clinic, tmp_path)] == [(4, "")]
    assert [(each.new, each.fault) for each in merge(clinic, tmp_path)] == [(0, "")]
    event = acts(clinic, "downtime.read")[before]
    assert (event.staff_id, event.patient_id) == (clinic.staff["nurse"].id, clinic.patient.id)
    assert datetime.fromisoformat(event.detail["viewed_at"]) <= event.at
    assert [each.patient_id for each in acts(clinic, "downtime.refused")][-1] == clinic.sealed.id
    assert "えつらん" not in str([each.detail for each in acts(clinic, "downtime.search")])


def test_an_altered_log_is_taken_up_to_the_change_and_told(clinic, codes, tmp_path):
    renew(clinic, tmp_path)
    sitting = sit(clinic, tmp_path, codes)
    sitting.chart(str(clinic.patient.id))
    path = sitting.log.path
    path.write_text(path.read_text(encoding="utf-8").replace('"open"', '"none"'), encoding="utf-8")
    for new in (1, 0):
        (merged,) = merge(clinic, tmp_path)
        assert merged.new == new and "2行目が書き換えられているか" in merged.fault
    assert [each.detail["broken_at"] for each in acts(clinic, "downtime.merge")].count(2) == 1
    # A line that is being written has no end yet: no fault.
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + '\n{"num', encoding="utf-8")
    assert [(each.new, each.fault) for each in merge(clinic, tmp_path)] == [(0, "")]


def test_what_cannot_be_noted_is_not_shown(clinic, copy, codes, tmp_path):
    from tasuki_server.downtime.viewing import LogRefused

    (tmp_path / "file").write_text("")
    with pytest.raises(LogRefused):
        sit(clinic, copy, codes, log_folder=tmp_path / "file")
    sitting = sit(clinic, copy, codes, log_folder=tmp_path / "views")
    sitting.log.path.unlink()
    sitting.log.path.mkdir()
    with pytest.raises(LogRefused):
        sitting.chart(str(clinic.patient.id))


def test_a_stopped_card_does_not_open_the_next_copy(clinic, codes, tmp_path):
    from tasuki_server.continuity.cards import issue_card, stop_card

    first = renew(clinic, tmp_path)
    with clinic.work("admin"):
        clerk = clinic.staff["clerk"]
        code = issue_card(clerk)
    renew(clinic, tmp_path)
    assert sit(clinic, tmp_path, {"clerk": code}, "clerk").chart(str(clinic.patient.id))
    with clinic.work("admin"):
        assert stop_card(clerk) and not stop_card(clerk)
    last = renew(clinic, tmp_path)
    assert last.is_whole and last.cover.epoch != first.cover.epoch
    with pytest.raises(CannotOpen):
        sit(clinic, tmp_path, {"clerk": code}, "clerk")


def test_who_may_not_read_charts_has_no_part_in_the_copy(clinic, codes, tmp_path):
    from tasuki_server.continuity.cards import issue_card

    with clinic.work("admin"):
        issue_card(clinic.staff["reception"])
    held = {each.staff for each in renew(clinic, tmp_path).cover.holders}
    assert str(clinic.staff["reception"].id) not in held
    assert str(clinic.staff["doctor"].id) in held


class Reader:
    """A browser at the desk."""

    def __init__(self, desk):
        self.desk = desk
        self.base = f"http://127.0.0.1:{desk.server_port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def get(self, path, headers=(), **form):
        data = urlencode(form).encode() if form else None
        request = urllib.request.Request(self.base + path, data=data, headers=dict(headers))
        try:
            answer = self.opener.open(request)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.read().decode(), answer.headers


@pytest.fixture
def desk(copy, monkeypatch):
    from tasuki_server.downtime import desk as room

    monkeypatch.setattr(room, "PAUSE_AFTER_FAULT", 0)
    made = room.Desk(copy, now)
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_only_who_has_the_address_is_answered(desk):
    reader = Reader(desk)
    assert desk.server_address[0] == "127.0.0.1"
    assert reader.get("/")[0] == 403
    assert reader.get("/?t=guess")[0] == 403
    assert reader.get(f"/?t={desk.token}", [("Host", "evil.example")])[0] == 421
    status, text, headers = reader.get(f"/?t={desk.token}")
    assert status == 200 and "写しを開く" in text
    assert (
        headers["Cache-Control"] == "no-store" and "default-src 'none'" in headers["Content-Security-Policy"]
    )


def test_the_pages_from_the_card_to_the_chart_and_back(clinic, desk, codes):
    reader = Reader(desk)
    reader.get(f"/?t={desk.token}")
    doctor = str(clinic.staff["doctor"].id)
    status, text, _ = reader.get("/open", staff=doctor, code=codes["nurse"])
    assert status == 403 and "開封カードのコードが違います" in text
    assert "閲覧 花" not in reader.get("/search", q="えつらん")[1]
    assert reader.get("/open", staff=doctor, code=codes["doctor"])[0] == 200
    found = reader.get("/search", q="えつらん")[1]
    assert f"/chart/{clinic.patient.id}" in found
    chart = reader.get(f"/chart/{clinic.patient.id}")[1]
    assert "⚠" in chart and "そば" in chart and "変わりなし。" in chart and "読むだけの写し" in chart
    assert "古い写しです" not in chart
    assert "停止時ビューア" in reader.get("/plan")[1]
    assert reader.get("/chart/nobody")[0] == 404
    reader.get("/close", q="1")
    assert "写しを開く" in reader.get(f"/chart/{clinic.patient.id}")[1]


def test_an_idle_desk_ends_by_itself(copy):
    from tasuki_server.downtime.desk import Desk

    made = Desk(copy, now)
    ended = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    ended.start()
    made.end_when_idle(0.1)
    ended.join(10)
    assert not ended.is_alive()
    made.server_close()


def test_the_keeper_copies_every_institution_and_takes_views_in(clinic, codes, tmp_path, capsys):
    from tasuki_server.cli.downtime_keeper import DowntimeKeeper

    keeper = DowntimeKeeper(tmp_path, 60)
    keeper.renew()
    (folder,) = tmp_path.iterdir()
    sit(clinic, folder, codes).chart(str(clinic.patient.id))
    before = len(acts(clinic, "downtime.read"))
    keeper.renew()
    assert len(acts(clinic, "downtime.read")) == before + 1


def test_status_tells_an_old_copy_by_its_exit(clinic, codes, tmp_path, capsys):
    from tasuki_server.cli.main import main

    renew(clinic, tmp_path / "a")
    assert main(["downtime", "status", str(tmp_path)]) == 0
    renew(clinic, tmp_path / "a", lambda: now() - timedelta(minutes=6))
    assert main(["downtime", "status", str(tmp_path), "--format", "json"]) == 1
    assert '"stale": true' in capsys.readouterr().out
    assert main(["downtime", "status", str(tmp_path / "none")]) == 1
