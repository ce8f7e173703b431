# SPDX-License-Identifier: Apache-2.0
"""HTTPの要件 — of several at once: capabilities, search, history, batch and transaction, and operations.

Cite: HL7 FHIR R4 (4.0.1) http.html, search.html 3.1.1, operations.html
"""

from __future__ import annotations

from typing import Any

from outside_clients.http_table import Row
from outside_clients.http_wishes import (
    counts,
    each_entry,
    entries,
    has,
    header,
    holds,
    json_form,
    lacks,
    link,
    no_body,
    outcome,
    status,
    xml_form,
)  # fmt: skip

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def observation(code: str, subject: str = "Patient/{s}", day: str = "2026-10-01") -> dict[str, Any]:
    """架空の結果 — of one code."""
    return {
        "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": subject}, "effectiveDateTime": day, "valueQuantity": {"value": 6.10, "unit": "%"},
    }  # fmt: skip


def bundle(*asked: tuple[str, str, Any], kind: str = "transaction", **more: Any) -> dict[str, Any]:
    """Bundle — of method, address and resource."""
    made = [
        {"request": {"method": method, "url": url}, **({"resource": each} if each else {})}
        for method, url, each in asked
    ]
    if "full" in more:
        made[0]["fullUrl"] = more["full"]
    return {"resourceType": "Bundle", "type": kind, "entry": made}


def statuses(*wanted: str) -> Any:
    """応答の状態 — of the entries of a response, in order."""
    return entries(
        f"statuses {' '.join(wanted)}",
        lambda found: [each["response"]["status"][:3] for each in found] == list(wanted),
    )


SUBJECT = {"resourceType": "Patient", "name": [{"text": "架空　太郎"}]}
URN = "urn:uuid:3fdc72f4-a11d-4a9d-9260-a9f745779e1d"
CAPABILITIES = (
    Row("capabilities", "SHALL", "GET", "metadata", (
        status(200), json_form(), holds("resourceType", "CapabilityStatement"), holds("fhirVersion", "4.0.1"), holds("kind", "instance"),
        has("format"), has("rest.0.resource"), has("date"),
    )),
    Row("capabilities", "SHOULD", "GET", "metadata", (status(200), xml_form("CapabilityStatement")), headers={"Accept": "application/fhir+xml"}),
    Row("capabilities", "MAY (HEAD)", "HEAD", "metadata", (status(200), no_body())),
)  # fmt: skip
SEARCH = (
    Row("search", "SHALL", "POST", "Patient", (status(201),), SUBJECT, keep={"s": "id"}),
    *(Row("search", "SHALL", "POST", "Observation", (status(201),), observation(f"1000-{n}", day=f"2026-10-0{n}")) for n in range(1, 8)),
    Row("search", "SHALL", "GET", "Observation?subject=Patient/{s}&_sort=date&_count=3", (
        status(200), json_form(), holds("type", "searchset"), counts("entry", 3), link("self", r"{base}/Observation\?.*subject=.*"), link("next"),
        each_entry("fullUrl and search.mode", lambda each: each["fullUrl"].endswith(each["resource"]["id"]) and each["search"]["mode"] == "match"),
    ), keep={"next": "link.1.url"}),
    Row("paging", "SHALL", "GET", "{next}", (status(200), counts("entry", 3), link("next")), keep={"next": "link.1.url"}),
    Row("paging", "SHALL", "GET", "{next}", (status(200), counts("entry", 1), entries("the seventh", lambda found: found[0]["resource"]["effectiveDateTime"] == "2026-10-07"), lacks("link.1"))),
    Row("search", "SHALL", "POST", "Observation/_search", (status(200), holds("type", "searchset"), counts("entry", 7)), b"subject=Patient/{s}", FORM),
    Row("search", "SHALL", "POST", "Observation/_search?code=1000-2", (status(200), counts("entry", 1)), b"subject=Patient/{s}", FORM),
    Row("search", "SHALL", "POST", "Observation/_search?subject=Patient/{s}", (status(200), counts("entry", 7)), headers=FORM),
    Row("search", "MAY (HEAD)", "HEAD", "Observation?subject=Patient/{s}", (status(200), no_body())),
    Row("search", "SHALL", "GET", "Observation?subject=Patient/{s}&_summary=count", (status(200), holds("total", 7), lacks("entry"))),
    Row("search", "SHALL", "GET", "Observation?subject=Patient/{s}&_total=accurate&_count=2", (status(200), holds("total", 7), counts("entry", 2))),
    Row("search", "SHOULD", "GET", "Observation?subject=Patient/{s}&_elements=status", (status(200), each_entry("subsetted", lambda each: "subject" not in each["resource"] and each["resource"]["meta"]["tag"][-1]["code"] == "SUBSETTED"))),
    Row("search", "SHALL", "GET", "Observation?subject=Patient/{s}&code=1000-1&_include=Observation:subject", (
        status(200), entries("a match and an include", lambda found: [each["search"]["mode"] for each in found] == ["match", "include"]),
    )),
    Row("search", "SHALL", "GET", "Patient?_id={s}&_revinclude=Observation:subject", (status(200), counts("entry", 8))),
    Row("search", "SHALL", "GET", "Observation?subject=Patient/{s}&date=ge2026-10-06", (status(200), counts("entry", 2))),
    Row("search", "SHALL", "GET", "Observation?subject.name=架空".replace("架空", "%E6%9E%B6%E7%A9%BA") + "&code=http://loinc.org|1000-4", (status(200), counts("entry", 1))),
    Row("search", "SHALL", "GET", "Observation?date=yesterday", (status(400), outcome())),
    Row("search", "SHOULD (strict)", "GET", "Observation?odd=1", (status(400), outcome()), headers={"Prefer": "handling=strict"}),
    Row("search", "SHOULD (lenient)", "GET", "Observation?subject=Patient/{s}&odd=1", (status(200), link("self", "(?!.*odd).*")), headers={"Prefer": "handling=lenient"}),
    Row("search", "SHALL", "GET", "Patient?_id=nobody", (status(200), holds("total", 0), lacks("entry"))),
    Row("search (XML)", "SHALL", "GET", "Observation?subject=Patient/{s}", (status(200), xml_form("Bundle")), headers={"Accept": "application/fhir+xml"}),
    Row("search (compartment)", "MAY", "GET", "Patient/{s}/Observation?code=1000-1", (status(200, 404),)),
)  # fmt: skip
HISTORY = (
    Row("history", "SHALL", "GET", "Patient/{p}/_history", (
        status(200), holds("type", "history"), holds("total", 4), counts("entry", 4),
        each_entry("request and response", lambda each: each["request"]["method"] and each["response"]["status"] and each["response"]["lastModified"]),
        entries("newest first", lambda found: [each["resource"]["meta"]["versionId"] for each in found] == ["4", "3", "2", "1"]),
    )),
    Row("history", "SHALL", "GET", "Patient/{q}/_history", (status(200), entries("a deletion without a resource", lambda found: [("resource" in each, each["request"]["method"]) for each in found] == [(True, "PUT"), (False, "DELETE"), (True, "POST")]))),
    Row("history", "SHALL", "GET", "Patient/nobody/_history", (status(404), outcome())),
    Row("history", "SHALL", "GET", "Patient/{p}/_history?_count=2", (status(200), counts("entry", 2), link("next")), keep={"next": "link.1.url"}),
    Row("history", "SHALL", "GET", "{next}", (status(200), counts("entry", 2), lacks("link.1"))),
    Row("history", "SHALL", "GET", "Patient/{p}/_history?_since=2999-01-01T00:00:00Z", (status(200), lacks("entry"))),
    Row("history", "SHALL", "GET", "Patient/_history?_count=5", (status(200), holds("type", "history"), counts("entry", 5))),
    Row("history", "SHALL", "GET", "_history?_count=5", (status(200), counts("entry", 5), link("next"))),
    Row("history", "SHALL", "GET", "Patient/{p}/_history?_since=yesterday", (status(400), outcome())),
)  # fmt: skip
BUNDLES = (
    Row("transaction", "SHALL", "POST", "", (
        status(200), json_form(), holds("type", "transaction-response"), statuses("201", "201"),
        each_entry("location and etag", lambda each: each["response"]["location"] and each["response"]["etag"] and each["response"]["lastModified"]),
    ), bundle(("POST", "Patient", SUBJECT), ("POST", "Observation", observation("2000-1", URN)), full=URN), keep={"t": "entry.1.response.location"}),
    Row("transaction", "SHALL (references)", "GET", "{t}", (status(200), entries("none", lambda found: found == []), has("subject.reference"), header("etag"))),
    Row("transaction", "SHALL (all or none)", "POST", "", (status(400, 404, 412, 422), outcome()), bundle(("POST", "Patient", {**SUBJECT, "id": "t"}), ("PUT", "Patient/tx-1", {**SUBJECT, "id": "tx-1", "gender": "odd"}))),
    Row("transaction", "SHALL (all or none)", "POST", "", (status(400, 404, 412, 422), outcome()), bundle(("PUT", "Patient/tx-2", {**SUBJECT, "id": "tx-2"}), ("PUT", "Patient/tx-2", {**SUBJECT, "id": "tx-2"}))),
    Row("transaction", "SHALL (all or none)", "GET", "Patient/tx-2", (status(404),)),
    Row("transaction", "SHALL (order)", "POST", "", (status(200), statuses("200", "201", "204"), holds("entry.0.resource.id", "0a1b2c3d-0000-4000-8000-000000000003")), bundle(("GET", "Patient/0a1b2c3d-0000-4000-8000-000000000003", None), ("PUT", "Patient/0a1b2c3d-0000-4000-8000-000000000003", {**SUBJECT, "id": "0a1b2c3d-0000-4000-8000-000000000003"}), ("DELETE", "Patient/0a1b2c3d-0000-4000-8000-000000000002", None))),
    Row("transaction", "SHALL (search within)", "POST", "", (status(200), statuses("200"), holds("entry.0.resource.type", "searchset"), counts("entry.0.resource.entry", 7)), bundle(("GET", "Observation?subject=Patient/{s}", None))),
    Row("transaction", "SHALL (conditional reference)", "POST", "", (status(200), statuses("201")), bundle(("POST", "Observation", observation("2000-2", "Patient?identifier=urn:outside:{run}|one")))),
    Row("transaction", "SHALL (empty)", "POST", "", (status(200), holds("type", "transaction-response")), {"resourceType": "Bundle", "type": "transaction"}),
    Row("batch", "SHALL", "POST", "", (status(200), holds("type", "batch-response"), statuses("201", "422", "200", "404"), has("entry.1.response.outcome")), bundle(("POST", "Patient", SUBJECT), ("POST", "Patient", {**SUBJECT, "gender": "odd"}), ("GET", "Patient/{p}", None), ("GET", "Patient/nobody", None), kind="batch")),
    Row("batch", "MAY (HEAD)", "POST", "", (status(200), statuses("200"), lacks("entry.0.resource")), bundle(("HEAD", "Patient/{p}", None), kind="batch")),
    Row("transaction", "SHALL", "POST", "", (status(400, 422), outcome()), {"resourceType": "Bundle", "type": "collection"}),
)  # fmt: skip
_WHOLE = {
    "resourceType": "Parameters",
    "parameter": [{"name": "resource", "resource": {**SUBJECT, "gender": "odd"}}],
}
OPERATIONS = (
    Row("operations ($validate)", "SHALL", "POST", "Patient/$validate", (status(200), outcome(), holds("issue.0.severity", "error")), _WHOLE),
    Row("operations ($validate)", "SHALL", "POST", "Patient/$validate", (status(200), outcome()), SUBJECT),
    Row("operations ($validate)", "SHALL", "POST", "Patient/{s}/$validate", (status(200), outcome()), {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "delete"}]}),
    Row("operations ($everything)", "SHALL", "GET", "Patient/{s}/$everything", (status(200), holds("type", "searchset"), counts("entry", 8))),
    Row("operations ($everything)", "SHALL", "POST", "Patient/{s}/$everything", (status(200), counts("entry", 3), link("next")), {"resourceType": "Parameters", "parameter": [{"name": "_count", "valueInteger": 2}]}, keep={"next": "link.1.url"}),
    Row("operations ($everything)", "SHALL", "GET", "{next}", (status(200), counts("entry", 2))),
    Row("operations ($lastn)", "SHALL", "GET", "Observation/$lastn?patient={s}&code=1000-1,1000-2", (status(200), counts("entry", 2))),
    Row("operations ($lastn)", "SHALL", "POST", "Observation/$lastn", (status(200), counts("entry", 2)), {"resourceType": "Parameters", "parameter": [{"name": "patient", "valueString": "{s}"}, {"name": "code", "valueString": "1000-1,1000-2"}]}),
    Row("operations", "SHALL", "POST", "Patient/$odd", (status(404, 400, 405, 501), outcome()), SUBJECT),
    Row("status codes", "SHALL", "PUT", "metadata", (status(405, 404), outcome()), SUBJECT),
    Row("status codes", "SHALL", "DELETE", "Patient/{p}/_history/1", (status(405, 404), outcome())),
)  # fmt: skip
MANY = (*CAPABILITIES, *SEARCH, *HISTORY, *BUNDLES, *OPERATIONS)
