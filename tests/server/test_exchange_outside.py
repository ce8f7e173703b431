# SPDX-License-Identifier: Apache-2.0
"""外からの利用 — what clients of others ask beyond the plain interactions: HEAD, parts, versions of FHIR, Binary as bytes, operations by POST."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import pytest

from exchange import Place, observation, patient

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    yield Place("9990010", "試験医院")
    close_house()


@pytest.fixture(scope="module")
def person(clinic):
    made = clinic("POST", "Patient", patient()).value["id"]
    for code in ("1-1", "1-2", "1-3"):
        clinic(
            "POST",
            "Observation",
            observation(made, code={"coding": [{"system": "http://loinc.org", "code": code}]}),
        )
    return made


def _at_the_door(method: str, path: str, token: str = "") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body at the raw door."""
    from tasuki_server.platform.asgi_door import PlatformDoor

    told: list[dict] = []

    async def ask() -> None:
        door = PlatformDoor()
        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "headers": headers,
            "client": ("127.0.0.1", 1234),
        }

        async def receive() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict) -> None:
            told.append(message)

        await door(scope, receive, send)
        await door.stop()

    asyncio.run(ask())
    return (
        told[0]["status"],
        {name.decode(): text.decode() for name, text in told[0]["headers"]},
        told[1]["body"],
    )


def test_head_tells_what_get_would_and_is_recorded_as_a_read(clinic, person):
    from tasuki_server.exchange.models import AccessEvent

    path = f"/platform/v1/fhir/Patient/{person}"
    before = AccessEvent.objects.filter(logical_id=person, interaction="read").count()
    status, headers, body = _at_the_door("HEAD", path, clinic.token)
    whole = clinic.raw("GET", f"Patient/{person}").body
    assert (status, body, headers["content-length"]) == (200, b"", str(len(whole)))
    assert headers["etag"] == 'W/"1"'
    assert AccessEvent.objects.filter(logical_id=person, interaction="read").count() == before + 2
    entries = [{"request": {"method": "HEAD", "url": f"Patient/{person}"}}]
    told = clinic("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert (
        told.value["entry"][0]["response"]["status"] == "200 OK" and "resource" not in told.value["entry"][0]
    )


def test_who_shows_no_token_is_told_how_in_the_form_of_the_service():
    from tasuki_server.platform.clients import house_token

    for token in ("", "nothing", house_token(UUID(int=3))):
        status, headers, body = _at_the_door("GET", "/platform/v1/fhir/Patient/1", token)
        assert status == 401 and headers["www-authenticate"].startswith("Bearer")
        assert headers["content-type"] == "application/fhir+json"
        assert json.loads(body)["issue"][0]["code"] == "login"
    status, headers, body = _at_the_door("GET", "/platform/v1/status")
    assert (status, json.loads(body)) == (401, {"error": "unauthorized"}) and "www-authenticate" in headers


def test_a_part_of_a_resource_is_read_and_says_so(clinic, person):
    told = clinic("GET", f"Patient/{person}?_elements=birthDate")
    assert set(told.value) == {"resourceType", "id", "meta", "birthDate"}
    assert told.value["meta"]["tag"][-1]["code"] == "SUBSETTED" and told.headers["etag"] == 'W/"1"'
    assert "birthDate" not in clinic("GET", f"Patient/{person}/_history/1?_summary=text").value
    assert "meta" in clinic("GET", f"Patient/{person}").value
    assert clinic("GET", f"Patient/{person}?_summary=count").status == 400
    assert clinic("GET", f"Patient/{person}?_summary=odd").status == 400


def test_another_version_of_fhir_is_refused(clinic, person):
    of = "application/fhir+json; fhirVersion={}".format
    assert clinic("GET", f"Patient/{person}", accept=of("4.0")).status == 200
    assert clinic("GET", f"Patient/{person}", accept=of("5.0")).status == 406
    assert clinic("POST", "Patient", patient(), content_type=of("3.0")).status == 415
    assert clinic("POST", "Patient", patient(), content_type=of("4.0")).status == 201


def test_a_binary_comes_and_goes_as_the_bytes_it_holds(clinic, person):
    headers = {"content_type": "image/png", "x_security_context": f"Patient/{person}"}
    made = clinic("POST", "Binary", b"\x89PNG\x00", **headers)
    assert (made.status, made.value["contentType"], made.value["data"]) == (201, "image/png", "iVBORwA=")
    assert made.value["securityContext"] == {"reference": f"Patient/{person}"}
    place = f"Binary/{made.value['id']}"
    for accept in ("image/png", "image/*;q=0.5, text/html"):
        told = clinic.raw("GET", place, accept=accept)
        assert (told.status, told.media_type, told.body) == (200, "image/png", b"\x89PNG\x00")
    assert dict(told.headers)["x-security-context"] == f"Patient/{person}"
    assert (
        clinic("GET", place).value["data"] == clinic("GET", place, accept="*/*").value["data"] == "iVBORwA="
    )
    assert (
        clinic("GET", place, accept="image/jpeg").status
        == clinic("GET", place, accept="image/png;q=0").status
        == 406
    )
    assert clinic("PUT", place, b"x", content_type="text/plain; charset=utf-8").value["data"] == "eA=="
    assert (
        clinic.raw("GET", f"{place}/_history/2", accept="text/plain").media_type
        == "text/plain; charset=utf-8"
    )
    assert clinic("POST", "Binary", b"x", content_type="text/plain\r\nx: y").status == 415
    held = clinic("POST", "Binary", {"resourceType": "Binary", "contentType": "text/html\nx", "data": "eA=="})
    assert held.status == 422
    # Only of a Binary.
    assert clinic("GET", f"Patient/{person}", accept="image/png").status == 406
    assert clinic("POST", "Patient", b"x", content_type="image/png").status == 415


def test_operations_are_asked_by_post_as_by_get(clinic, person):
    def parameters(*parts):
        return {
            "resourceType": "Parameters",
            "parameter": [{"name": name, kind: value} for name, kind, value in parts],
        }

    told = clinic("POST", f"Patient/{person}/$everything", parameters(("_count", "valueInteger", 2)))
    assert told.status == 200 and len(told.value["entry"]) == 3
    links = {each["relation"]: each["url"] for each in told.value["link"]}
    assert len(clinic("GET", links["next"].split("/fhir/")[1]).value["entry"]) == 1
    asked = parameters(("patient", "valueString", person), ("code", "valueString", "1-1,1-2"))
    assert len(clinic("POST", "Observation/$lastn", asked).value["entry"]) == 2
    assert clinic("POST", f"Patient/{person}/$everything", b"").status == 200
    for wrong in (
        patient(),
        parameters(("_count", "valueQuantity", {})),
        {"resourceType": "Parameters", "parameter": [7]},
    ):
        assert clinic("POST", f"Patient/{person}/$everything", wrong).status == 400
    # What would be passed over is said.
    refused = clinic("GET", f"Patient/{person}/$everything?start=2026-01-01")
    assert refused.status == 400 and "start" in refused.texts[0]


def test_a_create_with_a_condition_in_its_address_makes_nothing(clinic):
    one = patient()
    query = f"identifier=urn:test:patient|{one['identifier'][0]['value']}"
    refused = clinic("POST", f"Patient?{query}", one)
    assert refused.status == 400 and "If-None-Exist" in refused.texts[0]
    for kind, status in (("batch", 200), ("transaction", 400)):
        entries = [{"resource": one, "request": {"method": "POST", "url": f"Patient?{query}"}}]
        told = clinic("POST", "", {"resourceType": "Bundle", "type": kind, "entry": entries})
        assert told.status == status and "201" not in str(told.value)
    assert clinic("GET", f"Patient?{query}").value.get("entry") is None
    assert clinic("POST", "Patient?_format=json", one).status == 201


def test_what_parts_the_columns_of_the_index_is_refused_at_the_door(clinic):
    """No text of FHIR has a control character; were it let in, it would be told from what parts the columns all the same."""
    told = clinic("POST", "Patient", patient(identifier=[{"system": "urn:test:parted", "value": "a\x1fb"}]))
    assert told.status == 422 and "FHIR-S-08" in str(told.value)


@pytest.mark.parametrize(
    "values", [(), ("",), ("", ""), ("a", "", "b"), ("\x1f", "a\x1fb"), ("架空", "\x1e")]
)
def test_columns_of_texts_are_cut_as_they_were(values):
    from tasuki.sharing.search.rows import no_rows
    from tasuki_server.exchange.indexing import TABLES, index_columns

    rows = no_rows()
    rows.uri.extend((7, 0, each) for each in values)
    parting, *columns = index_columns([(1, rows)])
    assert len(parting) == 1 or "\x1f" in values
    # Each table has its packed number, then its columns.
    place = [each.name for each in TABLES].index("exchange_uri")
    whole = columns[sum(1 + len(each.columns) for each in TABLES[:place]) + 1]
    # As string_to_array and the slice after it: of an empty text there is no part.
    assert (whole.split(parting)[1:] if whole else []) == list(values)


def test_texts_that_would_slip_are_never_written():
    from tasuki_server.exchange.indexing import joined

    with pytest.raises(ValueError, match="parts"):
        joined(("a", "b\x1fc"), "\x1f")


def test_what_a_transaction_writes_to_the_index_is_what_was_extracted(clinic):
    """By the statement of writes as by the copies of a bulk load, table by table, in order."""
    from django.db import connections

    from tasuki.sharing.search import extract
    from tasuki_server.exchange.indexing import FRONT, TABLES, table_rows

    values = [
        patient(
            telecom=[{"system": "phone", "value": "000-0000-0000"}],
            address=[{"text": "架空県", "city": "架空市"}],
        ),
        observation("somebody"),
        {"resourceType": "Patient", "gender": "male"},
        {
            "resourceType": "ValueSet",
            "status": "active",
            "url": "http://fhir.example/ValueSet/1",
            "date": "2026-10",
        },
    ]
    entries = [
        {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}} for each in values
    ]
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    told = clinic("POST", "", sent, prefer="return=representation")
    assert told.status == 200, told.value
    for each in told.value["entry"]:
        resource = each["resource"]
        with connections["platform"].cursor() as cursor:
            place = [resource["resourceType"], resource["id"]]
            cursor.execute("SELECT key FROM exchange_resource WHERE type = %s AND id = %s", place)
            (key,) = cursor.fetchone()
            wanted: list[list] = [[] for _ in TABLES]
            table_rows(key, extract(resource, "http://fhir.example:8443/platform/v1/fhir"), wanted)
            for table, rows in zip(TABLES, wanted, strict=True):
                names = [name for name, _ in (*FRONT, *table.columns) if name != "nth"]
                cursor.execute(
                    f"SELECT {', '.join(names)} FROM {table.name} WHERE key = %s ORDER BY nth", [key]
                )
                assert cursor.fetchall() == [(row[0], *row[2:]) for row in rows], table.name
