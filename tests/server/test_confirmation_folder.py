# SPDX-License-Identifier: Apache-2.0
"""フォルダ連携 — half files, copies, foreign names and a folder that is gone: nothing lost, nothing taken twice."""

from __future__ import annotations

import os
from datetime import date

import pytest

from confirming import face, go_round, qualification, switch_on
from insured import INSURER, make_cover, make_person
from made_up import make_insurance, make_patient

pytestmark = pytest.mark.server


@pytest.fixture
def folders(tmp_path):
    for name in ("req", "res", "face", "trash"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def gateway(folders, server):
    from tasuki_server.confirmation.folder_gateway import FolderGateway
    from tasuki_server.confirmation.models import Line

    switch_on(server.first, "folder")
    with server.first.work():
        Line.objects.update(failed_at=None, fault="")
    return FolderGateway(tuple(folders / name for name in ("req", "res", "face", "trash")))


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def arrivals(server):
    from tasuki_server.confirmation.models import ArrivedAnswer

    with server.first.work():
        return ArrivedAnswer.objects.count()


def test_half_a_file_is_waited_for_and_a_copy_is_taken_once(server, gateway, folders):
    before = arrivals(server)
    file, data = face(qualification(name="半分　来", number="41"))
    (folders / "face" / file).write_bytes(data[: len(data) // 2])
    (folders / "face" / "memo.txt").write_text("ほかのシステムのもの")
    assert go_round(server.first, gateway).taken == 0
    (folders / "face" / file).write_bytes(data)
    (folders / "face" / file.replace(".xml", "_2.xml")).write_bytes(data)
    assert go_round(server.first, gateway).taken == 1
    assert arrivals(server) == before + 1
    assert names(folders / "face") == ["memo.txt"] and len(names(folders / "trash")) == 2


def test_what_never_becomes_whole_goes_to_the_trash_and_overwrites_nothing(server, gateway, folders):
    file, data = face(qualification(number="42"))
    for _ in range(2):
        place = folders / "face" / file
        place.write_bytes(data[:40])
        os.utime(place, (1, 1))
        go_round(server.first, gateway)
    assert names(folders / "face") == [] and len(names(folders / "trash")) == 2


def test_a_folder_that_is_gone_is_told_on_the_board_and_nothing_is_lost(server, gateway, folders):
    (folders / "face").rmdir()
    assert "face" in go_round(server.first, gateway).fault
    board = server.first.browser("reception").get("/reception/").content.decode()
    assert "オンライン資格確認につながりません" in board
    (folders / "face").mkdir()
    assert go_round(server.first, gateway).fault == ""
    assert (
        "オンライン資格確認につながりません"
        not in server.first.browser("reception").get("/reception/").content.decode()
    )


def test_the_link_software_carries_a_request_there_and_its_answer_back(server, gateway, folders):
    from tasuki_server.confirmation.ask import ask_record
    from tasuki_server.confirmation.models import ArrivedAnswer, Inquiry
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.wire import Asker, wire_of
    from tasuki_server.seams.link_software import LinkSoftware

    software = LinkSoftware(folders, wire_of(Asker(server.first.id, "13", "9990001", server.first.name)))
    make_cover(make_person("棚　次郎", "ﾀﾅ ｼﾞﾛｳ", date(1970, 7, 7)), "4301")
    with server.first.work("clerk"):
        patient = make_patient("棚 次郎", "タナ ジロウ", date(1970, 7, 7))
        asked = ask_record(make_insurance(patient, insurer_number=INSURER, symbol="", number="4301"))
    go_round(server.first, gateway)
    assert names(folders / "req") == [asked.file]
    # Asked again while it still lies there: no second file, and the one there is whole.
    with server.first.work():
        Inquiry.objects.filter(pk=asked.pk).update(next_at="2026-01-01T00:00:00Z")
    go_round(server.first, gateway)
    assert names(folders / "req") == [asked.file]
    (folders / "res" / "OQSsiquc01res_someoneelse.xml").write_bytes(b"<XmlMsg></XmlMsg>")
    software.step()
    again = (folders / "res" / names(folders / "res")[0]).read_bytes()
    assert go_round(server.first, gateway).answered == 1
    with server.first.work():
        assert ArrivedAnswer.objects.get(patient=patient).validity == "1"
    # The answer once more, as after a crash between keeping and moving: it goes away and changes nothing.
    (folders / "res" / asked.file.replace("req_", "res_")).write_bytes(again)
    assert go_round(server.first, gateway).answered == 0
    assert names(folders / "res") == ["OQSsiquc01res_someoneelse.xml"]
    close_house()


def test_folders_without_a_place_are_told_and_stop_nobody_else(server, monkeypatch):
    from tasuki_server.cli.line_keeper import CONFIRMATION, LineKeeper
    from tasuki_server.confirmation.keeping import keep_one
    from tasuki_server.institutions.models import Institution

    monkeypatch.delenv("TASUKI_OQS_FOLDER", raising=False)
    switch_on(server.first, "folder")
    institution = Institution.objects.using("owner").get(pk=server.first.id)
    assert "TASUKI_OQS_FOLDER" in keep_one(institution).fault
    assert LineKeeper(CONFIRMATION).attend() == 0
    assert "TASUKI_OQS_FOLDER" in server.first.browser("reception").get("/reception/").content.decode()
