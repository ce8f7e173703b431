# SPDX-License-Identifier: Apache-2.0
"""HTTPの要件 — of one resource: what R4 http.html asks of read, vread, update, patch, delete, create and of every answer.

The sections are named as http.html heads them. Rows that ask for several, and operations, are in :mod:`.http_rows_many`.

Cite: HL7 FHIR R4 (4.0.1) http.html
"""

from __future__ import annotations

from typing import Any

from outside_clients.http_rows_many import MANY
from outside_clients.http_table import Row
from outside_clients.http_wishes import (
    dated,
    has,
    header,
    holds,
    json_form,
    lacks,
    no_body,
    outcome,
    status,
    xml_form,
)  # fmt: skip

PATCH = {"Content-Type": "application/json-patch+json"}
XML = {"Content-Type": "application/fhir+xml"}
ETAG = r'W/"\d+"'


def patient(value: str, **more: Any) -> dict[str, Any]:
    """架空の患者 — with an identifier of its own."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:outside:{run}", "value": value}],
        "name": [{"family": "架空", "given": ["花子"]}],
        "gender": "female",
        "birthDate": "1960-06-06",
        **more,
    }


CREATE = (
    Row("create", "SHALL", "POST", "Patient", (
        status(201), json_form(), header("location", r"{base}/Patient/[A-Za-z0-9\-.]{1,64}/_history/1"), header("etag", ETAG),
        dated(), holds("meta.versionId", "1"), has("meta.lastUpdated"), has("id"),
    ), patient("one"), keep={"p": "id", "etag": "header:etag", "date": "header:last-modified"}),
    Row("create", "SHALL ignore id and meta.versionId", "POST", "Patient", (
        status(201), holds("meta.versionId", "1"), holds("meta.tag.0.code", "kept"),
        header("location", r"{base}/Patient/(?!mine/).+"),
    ), patient("two", id="mine", meta={"versionId": "7", "lastUpdated": "1999-01-01T00:00:00Z", "tag": [{"system": "urn:outside", "code": "kept"}]}), keep={"q": "id"}),
    Row("create", "SHALL", "POST", "Patient", (status(400, 422), outcome()), b'{"resourceType": "Patient", "active": "yes"}'),
    Row("create", "SHALL", "POST", "Patient", (status(400), outcome()), b'{"resourceType": "Patient",'),
    Row("create", "SHALL", "POST", "Patient", (status(400, 422), outcome()), {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}),
    Row("create", "SHALL", "POST", "Patent", (status(404), outcome()), patient("three")),
    Row("conditional create", "no match", "POST", "Patient", (status(201),), patient("four"), {"If-None-Exist": "identifier=urn:outside:{run}|four"}, {"four": "id"}),
    Row("conditional create", "one match", "POST", "Patient", (status(200), holds("id", "{four}"), header("location", r"{base}/Patient/{four}/_history/1"), header("etag", 'W/"1"')), patient("four"), {"If-None-Exist": "identifier=urn:outside:{run}|four"}),
    Row("create", "SHALL", "POST", "Patient", (status(201),), patient("four"), keep={"four2": "id"}),
    Row("conditional create", "several", "POST", "Patient", (status(412), outcome()), patient("four"), {"If-None-Exist": "identifier=urn:outside:{run}|four"}),
)  # fmt: skip
RETURN = (
    Row("managing return content", "SHOULD", "POST", "Patient", (status(201), no_body(), header("location")), patient("r1"), {"Prefer": "return=minimal"}),
    Row("managing return content", "SHOULD", "POST", "Patient", (status(201), holds("resourceType", "Patient")), patient("r2"), {"Prefer": "return=representation"}),
    Row("managing return content", "SHOULD", "POST", "Patient", (status(201), outcome(), header("location")), patient("r3"), {"Prefer": "return=OperationOutcome"}),
    Row("managing return content", "SHOULD", "PUT", "Patient/0a1b2c3d-0000-4000-8000-000000000001", (status(201), no_body(), header("etag", 'W/"1"')), patient("r4", id="0a1b2c3d-0000-4000-8000-000000000001"), {"Prefer": "return=minimal"}),
)  # fmt: skip
READ = (
    Row("read", "SHALL", "GET", "Patient/{p}", (
        status(200), json_form(), header("etag", r"{etag}"), dated(), holds("id", "{p}"), holds("identifier.0.value", "one"),
    )),
    Row("read", "MAY (HEAD)", "HEAD", "Patient/{p}", (status(200), no_body(), header("etag", r"{etag}"), dated(), header("content-length", r"[1-9]\d*"))),
    Row("read", "SHALL", "GET", "Patient/nobody", (status(404), outcome())),
    Row("read", "SHALL", "GET", "Patent/1", (status(404), outcome())),
    Row("read", "SHALL", "GET", "patient/{p}", (status(404), outcome())),
    Row("read", "SHALL", "GET", "Patient/a%20b", (status(400, 404), outcome())),
    Row("read (_summary)", "SHOULD", "GET", "Patient/{p}?_summary=text", (status(200), holds("id", "{p}"), lacks("birthDate"), holds("meta.tag.0.code", "SUBSETTED"))),
    Row("read (_elements)", "SHOULD", "GET", "Patient/{p}?_elements=birthDate", (status(200), holds("birthDate", "1960-06-06"), lacks("gender"), holds("meta.tag.0.code", "SUBSETTED"))),
    Row("read (_summary)", "SHOULD", "GET", "Patient/{p}?_summary=odd", (status(400), outcome())),
    Row("conditional read", "SHOULD", "GET", "Patient/{p}", (status(304), no_body(), header("etag")), headers={"If-None-Match": "{etag}"}),
    Row("conditional read", "SHOULD", "GET", "Patient/{p}", (status(200),), headers={"If-None-Match": 'W/"99"'}),
    Row("conditional read", "SHOULD", "GET", "Patient/{p}", (status(304),), headers={"If-Modified-Since": "{date}"}),
    Row("conditional read", "SHOULD", "GET", "Patient/{p}", (status(200),), headers={"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}),
    Row("vread", "SHALL", "GET", "Patient/{p}/_history/1", (status(200), holds("meta.versionId", "1"), header("etag", 'W/"1"'))),
    Row("vread", "SHALL", "GET", "Patient/{p}/_history/9", (status(404), outcome())),
    Row("vread", "MAY (HEAD)", "HEAD", "Patient/{p}/_history/1", (status(200), no_body(), header("etag", 'W/"1"'))),
)  # fmt: skip
FORMS = (
    Row("content types", "SHALL", "GET", "Patient/{p}", (status(200), json_form()), headers={"Accept": "application/fhir+json"}),
    Row("content types", "SHOULD", "GET", "Patient/{p}", (status(200), json_form()), headers={"Accept": "application/json"}),
    Row("content types", "SHALL", "GET", "Patient/{p}", (status(200), xml_form("Patient")), headers={"Accept": "application/fhir+xml"}),
    Row("content types", "SHALL", "GET", "Patient/{p}", (status(406),), headers={"Accept": "application/fhir+turtle"}),
    Row("content types", "SHALL", "GET", "Patient/{p}?_format=xml", (status(200), xml_form("Patient")), headers={"Accept": "application/fhir+json"}),
    Row("content types", "SHALL", "GET", "Patient/{p}?_format=application/fhir%2Bjson", (status(200), json_form()), headers={"Accept": "text/html"}),
    Row("content types", "SHALL", "GET", "Patient/{p}?_format=text/plain", (status(406),)),
    Row("content types", "SHALL", "POST", "Patient", (status(201), json_form()), b'<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>', XML),
    Row("content types", "SHALL", "POST", "Patient", (status(415), outcome()), patient("five"), {"Content-Type": "text/plain"}),
    Row("content types (fhirVersion)", "SHALL", "GET", "Patient/{p}", (status(200), json_form()), headers={"Accept": "application/fhir+json; fhirVersion=4.0"}),
    Row("content types (fhirVersion)", "SHOULD", "GET", "Patient/{p}", (status(406), outcome()), headers={"Accept": "application/fhir+json; fhirVersion=3.0"}),
    Row("content types (fhirVersion)", "SHOULD", "POST", "Patient", (status(415), outcome()), patient("six"), {"Content-Type": "application/fhir+json; fhirVersion=3.0"}),
    Row("content types (fhirVersion)", "SHALL", "POST", "Patient", (status(201),), patient("six"), {"Content-Type": "application/fhir+json; charset=utf-8; fhirVersion=4.0"}),
    Row("content types (_pretty)", "MAY", "GET", "Patient/{p}?_pretty=true", (status(200), holds("id", "{p}"))),
    Row("binary", "SHOULD", "POST", "Binary", (status(201), holds("contentType", "text/plain"), holds("data", "YWJj")), {"resourceType": "Binary", "contentType": "text/plain", "data": "YWJj"}, keep={"b": "id"}),
    Row("binary", "SHALL", "GET", "Binary/{b}", (status(200), json_form(), holds("data", "YWJj")), headers={"Accept": "application/fhir+json"}),
    Row("binary", "SHOULD (as it is)", "GET", "Binary/{b}", (status(200), header("content-type", "text/plain.*")), headers={"Accept": "text/plain"}),
)  # fmt: skip
UPDATE = (
    Row("update", "SHALL", "PUT", "Patient/{p}", (status(200), header("etag", 'W/"2"'), dated(), holds("meta.versionId", "2"), holds("birthDate", "1960-06-07")), patient("one", id="{p}", birthDate="1960-06-07")),
    Row("update", "SHALL", "GET", "Patient/{p}/_history/1", (status(200), holds("birthDate", "1960-06-06")), ),
    Row("update as create", "MAY", "PUT", "Patient/0a1b2c3d-0000-4000-8000-000000000002", (status(201), header("location", "{base}/Patient/0a1b2c3d-0000-4000-8000-000000000002/_history/1"), holds("id", "0a1b2c3d-0000-4000-8000-000000000002")), patient("upsert", id="0a1b2c3d-0000-4000-8000-000000000002")),
    Row("update", "SHALL", "PUT", "Patient/{p}", (status(400), outcome()), patient("one")),
    Row("update", "SHALL", "PUT", "Patient/{p}", (status(400), outcome()), patient("one", id="other")),
    Row("update", "SHALL", "PUT", "Patient/{p}", (status(400, 422), outcome()), {"resourceType": "Basic", "id": "{p}", "code": {"text": "x"}}),
    Row("update", "SHALL", "PUT", "Patient/{p}", (status(422), outcome()), patient("one", id="{p}", gender="odd")),
    Row("managing contention", "SHALL", "PUT", "Patient/{p}", (status(412, 409), outcome()), patient("one", id="{p}"), {"If-Match": 'W/"1"'}),
    Row("managing contention", "SHALL", "PUT", "Patient/{p}", (status(200), holds("meta.versionId", "3")), patient("one", id="{p}"), {"If-Match": 'W/"2"'}),
    Row("conditional update", "no match, no id", "PUT", "Patient?identifier=urn:outside:{run}|cu", (status(201), header("location")), patient("cu"), keep={"cu": "id"}),
    Row("conditional update", "one match", "PUT", "Patient?identifier=urn:outside:{run}|cu", (status(200), holds("id", "{cu}"), holds("meta.versionId", "2")), patient("cu", gender="male")),
    Row("conditional update", "one match, another id", "PUT", "Patient?identifier=urn:outside:{run}|cu", (status(400), outcome()), patient("cu", id="other")),
    Row("conditional update", "several", "PUT", "Patient?identifier=urn:outside:{run}|four", (status(412), outcome()), patient("four")),
    Row("patch", "SHALL", "PATCH", "Patient/{p}", (status(200), holds("gender", "other"), holds("meta.versionId", "4")), [{"op": "replace", "path": "/gender", "value": "other"}], PATCH),
    Row("patch", "SHALL", "PATCH", "Patient/{p}", (status(422, 400), outcome()), [{"op": "test", "path": "/gender", "value": "male"}], PATCH),
    Row("patch", "SHALL", "PATCH", "Patient/{p}", (status(412, 409), outcome()), [{"op": "remove", "path": "/gender"}], {**PATCH, "If-Match": 'W/"1"'}),
    Row("patch", "SHALL", "PATCH", "Patient/nobody", (status(404), outcome()), [{"op": "remove", "path": "/gender"}], PATCH),
    Row("conditional patch", "several", "PATCH", "Patient?identifier=urn:outside:{run}|four", (status(412), outcome()), [{"op": "remove", "path": "/gender"}], PATCH),
)  # fmt: skip
DELETE = (
    Row("delete", "SHALL", "DELETE", "Patient/{q}", (status(200, 204),)),
    Row("delete", "SHALL", "GET", "Patient/{q}", (status(410), outcome())),
    Row("delete", "SHALL", "GET", "Patient?identifier=urn:outside:{run}|two", (status(200), lacks("entry"))),
    Row("delete", "SHOULD", "DELETE", "Patient/{q}", (status(200, 204),)),
    Row("delete", "SHOULD", "DELETE", "Patient/nobody", (status(200, 204, 404),)),
    Row("delete", "SHALL", "GET", "Patient/{q}/_history/1", (status(200), holds("id", "{q}"))),
    Row("delete", "SHALL", "GET", "Patient/{q}/_history/2", (status(410, 404), outcome())),
    Row("delete", "SHALL (again)", "PUT", "Patient/{q}", (status(201), holds("meta.versionId", "3")), patient("two", id="{q}")),
    Row("conditional delete", "none", "DELETE", "Patient?identifier=urn:outside:{run}|nobody", (status(200, 204, 404),)),
    Row("conditional delete", "several", "DELETE", "Patient?identifier=urn:outside:{run}|four", (status(412), outcome())),
    Row("conditional delete", "one match", "DELETE", "Patient?_id={four2}", (status(200, 204),)),
    Row("conditional delete", "one match", "GET", "Patient/{four2}", (status(410),)),
)  # fmt: skip
SECURITY = (
    Row("access denied", "SHALL", "GET", "Patient/{p}", (status(401), header("www-authenticate", "Bearer.*"), outcome()), headers={"Authorization": ""}),
    Row("access denied", "SHALL", "GET", "Patient/{p}", (status(401), header("www-authenticate", "Bearer.*"), outcome()), headers={"Authorization": "Bearer nothing"}),
)  # fmt: skip
ROWS = (*CREATE, *RETURN, *READ, *FORMS, *UPDATE, *DELETE, *MANY, *SECURITY)
