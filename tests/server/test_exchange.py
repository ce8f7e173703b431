# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換 — one resource made, read, changed and deleted, and the record of every look at it."""

from __future__ import annotations

import pytest

from exchange import Place, observation, patient

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990010", "試験医院"), Place("9990028", "となり医院")
    close_house()


@pytest.fixture
def clinic(places):
    return places[0]


def _events(clinic, **chosen):
    from tasuki_server.exchange.models import AccessEvent

    return list(AccessEvent.objects.filter(caller=clinic.row, **chosen).order_by("number"))


def test_made_read_changed_deleted_and_every_version_kept(clinic):
    made = clinic("POST", "Patient", patient())
    assert made.status == 201, made.value
    where = f"Patient/{made.value['id']}"
    assert made.headers["location"].endswith(f"/platform/v1/fhir/{where}/_history/1")
    assert made.value["meta"]["versionId"] == "1" and made.headers["etag"] == 'W/"1"'
    read = clinic("GET", where)
    assert (read.status, read.value) == (200, made.value)
    changed = clinic("PUT", where, {**read.value, "birthDate": "1960-06-07"}, if_match='W/"1"')
    assert (changed.status, changed.value["meta"]["versionId"]) == (200, "2")
    assert clinic("GET", where).value["birthDate"] == "1960-06-07"
    assert clinic("GET", f"{where}/_history/1").value["birthDate"] == "1960-06-06"
    assert clinic("GET", where, if_none_match='W/"2"').status == 304
    assert clinic("DELETE", where).status == 204
    assert clinic("DELETE", where).status == 204
    gone = clinic("GET", where)
    assert gone.status == 410 and "_history" in gone.texts[0]
    assert clinic("GET", f"{where}/_history/2").status == 200
    assert clinic("GET", f"{where}/_history/3").status == 410
    back = clinic("PUT", where, read.value)
    assert (back.status, back.value["meta"]["versionId"]) == (201, "4")
    told = [(each.interaction, each.version, each.status) for each in _events(clinic, logical_id=made.value["id"])]
    assert told == [
        ("create", 1, 201), ("read", 1, 200), ("update", 2, 200), ("read", 2, 200), ("vread", 1, 200), ("read", 2, 200),
        ("delete", 3, 204), ("delete", 3, 204), ("read", 3, 410), ("vread", 2, 200), ("vread", 3, 410), ("update", 4, 201),
    ]  # fmt: skip
