# SPDX-License-Identifier: Apache-2.0
"""暗号化した列 — stored sealed, read as ever, found by codes; rows of before are sealed; keys change and resume."""

from __future__ import annotations

import base64
import json
import os

import psycopg
import pytest

from made_up import make_insurance, make_patient

pytestmark = pytest.mark.server


@pytest.fixture
def superuser(server):
    with psycopg.connect(server.connections.owner, autocommit=True) as connection:
        connection.execute("SET ROLE NONE")
        yield connection


def _newest(patient):
    from tasuki_server.patients.register import newest_demographics

    return newest_demographics(patient)


def test_the_database_holds_no_number_and_pages_show_it(server, superuser):
    with server.first.work():
        patient = make_patient(phone="03-1234-9876", address="架空県見本市1番地", memo="夕方に")
        make_insurance(patient, symbol="55512345", number="678678")
    row = superuser.execute("SELECT phone, address, memo FROM patients_demographics").fetchone()
    assert all(each[0] in (1, 2) and b"9876" not in each for each in row)
    assert b"678678" not in superuser.execute("SELECT value FROM patients_insurancerecord").fetchone()[0]
    browser = server.first.browser("doctor")
    assert "03-1234-9876" in browser.get(f"/patients/{patient.number}/").content.decode()
    assert "678678" in browser.get(f"/patients/{patient.number}/coverage/").content.decode()


@pytest.mark.parametrize(
    ("typed", "is_found"), [("03-4444-9999", True), ("9999", True), ("44449999", True), ("0344", False)]
)
def test_a_patient_is_found_by_the_number_or_its_last_digits(server, typed, is_found):
    from tasuki_server.patients.search import search_patients, similar_patients

    with server.second.work():
        if not search_patients("ツウワ").patients:
            make_patient("通話 花子", "ツウワ ハナコ", phone="03-4444-9999")
        assert bool(search_patients(typed).patients) == is_found
        born = search_patients("ツウワ").patients[0].born.replace(year=1999)
        alike = similar_patients(name="通話 花子", kana="", born=born, phone="0344449999")
        assert [each.name for each in alike] == ["通話 花子"]


def test_what_knows_no_row_is_refused(server):
    from django.core.exceptions import FieldError
    from django.db import DataError

    from tasuki_server.patients.models import Demographics

    with server.first.work(), pytest.raises(FieldError):
        Demographics.objects.filter(phone="03").exists()
    with pytest.raises(TypeError, match="sealed"), server.first.work():
        Demographics.objects.update(phone="03")
    for given in ({"phone": "0" * 21}, {"memo": "a\0b"}):
        with pytest.raises(DataError), server.first.work():
            make_patient(**given)


def test_a_moved_value_names_its_row_and_the_page_says_so(server, superuser):
    from tasuki.security.sealed_fields import BrokenSeal

    with server.first.work():
        one, other = make_patient(phone="03-0000-0001"), make_patient(phone="03-0000-0002")
        first, second = _newest(one), _newest(other)
    kept = superuser.execute("SELECT phone FROM patients_demographics WHERE id = %s", [second.id]).fetchone()[
        0
    ]
    superuser.execute(
        "UPDATE patients_demographics SET phone = (SELECT phone FROM patients_demographics WHERE id = %s) WHERE id = %s",
        [first.id, second.id],
    )
    with server.first.work(), pytest.raises(BrokenSeal, match=str(second.id)):
        _ = _newest(other).phone
    browser = server.first.browser("doctor", raise_request_exception=False)
    answer = browser.get(f"/patients/{other.number}/")
    assert answer.status_code == 500
    assert str(second.id) in answer.content.decode() and "電話番号" in answer.content.decode()
    assert browser.get(f"/patients/{one.number}/").status_code == 200
    superuser.execute("UPDATE patients_demographics SET phone = %s WHERE id = %s", [kept, second.id])


def test_rows_from_before_are_sealed_once_and_a_plain_row_later_is_refused(server, superuser):
    from tasuki.security.sealed_fields import BrokenSeal
    from tasuki_server.database.sealing_columns import WAITING
    from tasuki_server.keys.sealing import seal_what_waits

    with server.first.work():
        patient = make_patient(phone="03-7777-1234")
        row = _newest(patient)
    plain = "UPDATE patients_demographics SET phone = '\\x00'::bytea || '03-7777-1234' WHERE id = %s"
    superuser.execute(plain, [row.id])
    superuser.execute("UPDATE patients_patient SET phone_codes = '' WHERE id = %s", [patient.id])
    with server.first.work(), pytest.raises(BrokenSeal):
        _ = _newest(patient).phone
    superuser.execute(f"COMMENT ON COLUMN patients_demographics.phone IS '{WAITING}'")
    assert sum(seal_what_waits().values()) == 1
    with server.first.work():
        assert _newest(patient).phone == "03-7777-1234"
        patient.refresh_from_db()
        assert len(patient.phone_codes.split()) == 7
    assert seal_what_waits() == {}


def test_a_rotation_that_stopped_goes_on_and_the_old_key_retires(server):
    from tasuki_server.keys import rotation

    clinic = server.first
    before = rotation.live_keys(clinic.id)[-1].number
    rotation.begin(clinic.id)
    assert len(rotation.live_keys(clinic.id)) == 2
    with clinic.work():
        fresh = make_patient(phone="03-8888-0000")
    done = rotation.go_on(clinic.id, batch=3)
    assert (done.number, done.retired, done.broken) == (before + 1, [before], [])
    used = rotation.usage(clinic.id)
    assert {number for by_key in used.values() for number in by_key} == {before + 1}
    with clinic.work():
        assert _newest(fresh).phone == "03-8888-0000"
    # The keys of the other institution are its own.
    assert rotation.live_keys(server.second.id)[-1].number == 1


def test_a_broken_value_keeps_its_key_and_stops_nobody(server, superuser):
    from tasuki_server.keys import rotation

    with server.second.work():
        row = _newest(make_patient(phone="03-9999-0000"))
    kept = superuser.execute("SELECT phone FROM patients_demographics WHERE id = %s", [row.id]).fetchone()[0]
    broken = kept[:-1] + bytes([kept[-1] ^ 1])
    superuser.execute("UPDATE patients_demographics SET phone = %s WHERE id = %s", [broken, row.id])
    rotation.begin(server.second.id)
    done = rotation.go_on(server.second.id)
    assert done.retired == [] and any(str(row.id) in each for each in done.broken)
    superuser.execute("UPDATE patients_demographics SET phone = %s WHERE id = %s", [kept, row.id])
    assert rotation.go_on(server.second.id).retired == [1]


def test_a_key_file_takes_over_from_the_installation(server, tmp_path, monkeypatch):
    from tasuki_server.cli.words import Stop
    from tasuki_server.keys import ring, rotation

    file = tmp_path / "keys.json"
    file.write_text(
        json.dumps({"current": "2026", "keys": {"2026": base64.b64encode(os.urandom(32)).decode()}})
    )
    with server.first.work():
        patient = make_patient(phone="03-5555-0000")
    monkeypatch.setenv("TASUKI_KEY_FILE", str(file))
    assert rotation.rewrap(server.first.id) >= 2
    assert rotation.rewrap(server.first.id) == 0
    ring.forget_keys()
    with server.first.work():
        assert _newest(patient).phone == "03-5555-0000"
    file.write_text('{"current": "2026", "keys": {"2026": "c2hvcnQ="}}')
    with pytest.raises(Stop) as stop:
        rotation.rewrap(server.first.id)
    assert "c2hvcnQ" not in str(stop.value)
