# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換 — one resource made, read, changed and deleted, and the record of every look at it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

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
    told = [
        (each.interaction, each.version, each.status) for each in _events(clinic, logical_id=made.value["id"])
    ]
    assert told == [
        ("create", 1, 201), ("read", 1, 200), ("update", 2, 200), ("read", 2, 200), ("vread", 1, 200), ("read", 2, 200),
        ("delete", 3, 204), ("delete", 3, 204), ("read", 3, 410), ("vread", 2, 200), ("vread", 3, 410), ("update", 4, 201),
    ]  # fmt: skip


def test_a_change_must_know_what_it_changes(clinic):
    made = clinic("POST", "Patient", patient())
    where = f"Patient/{made.value['id']}"
    late = clinic("PUT", where, made.value, if_match='W/"2"')
    assert late.status == 412 and "版 1" in late.texts[0]
    assert clinic("DELETE", where, if_match='W/"7"').status == 412
    assert clinic("PUT", where, {**made.value, "id": "other"}).status == 400
    assert (
        clinic("PUT", "Patient/never-made", {**made.value, "id": "never-made"}, if_match='W/"1"').status
        == 412
    )
    name = str(uuid4())
    made_by_name = clinic("PUT", f"Patient/{name}", {**made.value, "id": name})
    assert (made_by_name.status, made_by_name.value["id"]) == (201, name)


def test_a_change_of_what_is_not_seen_does_not_tell_whether_it_is_there(places):
    """By an identifier that can be guessed, such as a chart number, nobody learns who is a patient elsewhere."""
    clinic, other = places[:2]
    person = clinic("POST", "Patient", patient()).value
    denial = {
        "resourceType": "Consent", "status": "active", "scope": {"text": "提供"}, "category": [{"text": "提供の拒否"}],
        "patient": {"reference": f"Patient/{person['id']}"}, "policyRule": {"text": "提供しない"}, "provision": {"type": "deny"},
    }  # fmt: skip
    assert clinic("POST", "Consent", denial).status == 201
    unseen, absent = f"Patient/{person['id']}", f"Patient/{uuid4()}"
    told = [other("PUT", place, patient(id=place[8:]), if_match='W/"1"') for place in (unseen, absent)]
    assert [each.status for each in told] == [412, 412]
    assert told[0].texts[0].partition(" は")[2] == told[1].texts[0].partition(" は")[2] != ""
    # What is guessed is refused, there or not; a new UUID is nobody's.
    assert [other("PUT", f"Patient/{name}", patient(id=name)).status for name in ("13-9990001-77", "a")] == [
        403
    ] * 2
    assert other("PUT", unseen, patient(id=unseen[8:])).status == 403
    assert other("PUT", absent, patient(id=absent[8:])).status == 201


def test_what_is_no_resource_is_refused_with_its_place(clinic):
    wrong = clinic("POST", "Patient", patient(gender="unknowable", birthdate="1960"))
    assert wrong.status == 422
    assert {"Patient.gender", "Patient.birthdate"} <= {each["expression"][0] for each in wrong.value["issue"]}
    assert clinic("POST", "Patient", observation("p")).status == 400
    for body in (
        b"",
        b"[]",
        b"{",
        b'{"resourceType": 7}',
        b"\xff",
        b'{"resourceType":"Patient","id":"\\u0000"}',
    ):
        assert clinic("POST", "Patient", body).status in (400, 422), body
    assert clinic("POST", "Patient", b"<Patient/>", content_type="text/html").status == 415
    assert clinic("GET", "Patient/1", accept="image/png").status == 406


def test_a_claimed_profile_is_held_to_and_questions_are_warnings(clinic):
    claimed = {"profile": ["http://jpfhir.jp/fhir/core/StructureDefinition/JP_Patient"]}
    made = clinic("POST", "Patient", patient(meta=claimed))
    assert made.status == 201
    claimed = {"profile": ["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS"]}
    assert clinic("POST", "Patient", patient(meta=claimed)).status == 422
    odd = observation("p", code={"coding": [{"system": "urn:oid:1.2.392.200119.4.504", "code": "none"}]})
    told = clinic("POST", "Observation", odd)
    assert told.value["resourceType"] == "Observation" and told.headers["warning"].startswith("199 ")
    told = clinic("POST", "Observation", odd, prefer="return=OperationOutcome")
    assert told.status == 201 and told.value["resourceType"] == "OperationOutcome"
    assert told.value["issue"][0]["severity"] == "warning" and "/Observation/" in told.headers["location"]
    told = clinic("POST", "Observation", odd, prefer="return=representation")
    assert told.value["resourceType"] == "Observation"
    assert clinic("POST", "Observation", odd, prefer="return=minimal").value is None


def _entry(method, url, resource=None, full_url="", **request):
    made = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    if full_url:
        made["fullUrl"] = full_url
    return made


def _bundle(*entries, type="transaction"):
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def test_a_transaction_is_all_or_nothing_and_its_references_become_real(clinic):
    one = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"
    told = clinic("POST", "", _bundle(
        _entry("POST", "Patient", patient(), one),
        _entry("POST", "Observation", {**observation(""), "subject": {"reference": one}}),
    ))  # fmt: skip
    assert told.status == 200, told.value
    assert [each["response"]["status"] for each in told.value["entry"]] == ["201 Created"] * 2
    places = [
        each["response"]["location"].split("/fhir/")[1].split("/_history")[0] for each in told.value["entry"]
    ]
    assert clinic("GET", places[1]).value["subject"]["reference"] == places[0]
    before = len(_events(clinic))
    broken = clinic("POST", "", _bundle(
        _entry("POST", "Patient", patient(), one),
        _entry("PUT", places[0], {**patient(), "id": places[0].split("/")[1]}, ifMatch='W/"9"'),
    ))  # fmt: skip
    assert broken.status == 412
    assert [each.interaction for each in _events(clinic)[before:]] == ["transaction"]
    for entries in (
        [_entry("POST", "Observation", {**observation(""), "subject": {"reference": "urn:uuid:gone"}})],
        [_entry("POST", "Patient", patient(gender="x"))],
        [_entry("DELETE", places[0]), _entry("PUT", places[0], {**patient(), "id": places[0].split("/")[1]})],
        [{"resource": patient()}], [7], [_entry("TEAPOT", "Patient")], [_entry("POST", "Nothing", patient())],
    ):  # fmt: skip
        refused = clinic("POST", "", _bundle(*entries))
        assert refused.status in (400, 412, 422), refused
        assert "Bundle.entry[" in str(refused.value), refused.value


def test_a_batch_answers_each_by_itself(clinic):
    made = clinic("POST", "Patient", patient())
    told = clinic("POST", "", _bundle(
        _entry("POST", "Patient", patient()),
        _entry("POST", "Patient", patient(gender="x")),
        _entry("GET", f"Patient/{made.value['id']}"),
        _entry("GET", "Patient/nobody"),
        _entry("DELETE", f"Patient/{made.value['id']}"),
        type="batch",
    ))  # fmt: skip
    assert [each["response"]["status"][:3] for each in told.value["entry"]] == [
        "201",
        "422",
        "200",
        "404",
        "204",
    ]
    assert told.value["entry"][2]["resource"]["id"] == made.value["id"]
    assert told.value["entry"][1]["response"]["outcome"]["issue"][0]["expression"][0].startswith(
        "Bundle.entry[1]."
    )
    assert clinic("GET", f"Patient/{made.value['id']}").status == 410


def test_an_answer_of_many_is_bounded_and_says_what_was_not_done(clinic, monkeypatch):
    from tasuki_server.exchange import batches

    where = f"Patient/{clinic('POST', 'Patient', patient()).value['id']}"
    monkeypatch.setattr(batches, "MOST_TOLD", 100)
    entries = [_entry("GET", where), _entry("DELETE", where)]
    told = clinic("POST", "", _bundle(*entries, type="batch")).value["entry"]
    assert [each["response"]["status"][:3] for each in told] == ["200", "413"]
    assert told[1]["response"]["outcome"]["issue"][0]["code"] == "too-costly"
    assert clinic("GET", where).status == 200
    # In a transaction the changes stand together; what is read after them is bounded.
    told = clinic("POST", "", _bundle(_entry("GET", where), _entry("GET", where))).value["entry"]
    assert [each["response"]["status"][:3] for each in told] == ["200", "413"]


def test_conditions_find_one_make_one_and_refuse_many(clinic):
    one = patient()
    query = f"identifier=urn:test:patient|{one['identifier'][0]['value']}"
    made = clinic("POST", "Patient", one, if_none_exist=query)
    again = clinic("POST", "Patient", one, if_none_exist=query)
    assert (made.status, again.status, again.value) == (201, 200, made.value)
    changed = clinic("PUT", f"Patient?{query}", {**one, "gender": "male"})
    assert (changed.status, changed.value["id"], changed.value["meta"]["versionId"]) == (
        200,
        made.value["id"],
        "2",
    )
    told = clinic("POST", "", _bundle(
        _entry("PUT", f"Patient?{query}", one, "urn:uuid:a"),
        _entry("POST", "Observation", {**observation(""), "subject": {"reference": "urn:uuid:a"}}),
        _entry("POST", "Observation", {**observation(""), "subject": {"reference": f"Patient?{query}"}}),
        _entry("POST", "Patient", one, ifNoneExist=query) | {"fullUrl": "urn:uuid:b"},
    ))  # fmt: skip
    assert told.status == 400 and "二度" in told.texts[0]
    told = clinic("POST", "", _bundle(
        _entry("POST", "Patient", one, "urn:uuid:b", ifNoneExist=query),
        _entry("POST", "Observation", {**observation(""), "subject": {"reference": "urn:uuid:b"}}),
        _entry("POST", "Observation", {**observation(""), "subject": {"reference": f"Patient?{query}"}}),
    ))  # fmt: skip
    assert [each["response"]["status"][:3] for each in told.value["entry"]] == ["200", "201", "201"], (
        told.value
    )
    found = clinic("GET", f"Observation?patient={made.value['id']}")
    assert {each["resource"]["subject"]["reference"] for each in found.value["entry"]} == {
        f"Patient/{made.value['id']}"
    }
    assert len(found.value["entry"]) == 2
    sought = {**observation(""), "subject": {"reference": f"Patient?{query}"}}
    escaped = json.dumps(_bundle(_entry("POST", "Observation", sought))).replace("?", "\\u003f").encode()
    told = clinic("POST", "", escaped)
    assert told.status == 200, told.value
    found = clinic("GET", f"Observation?patient={made.value['id']}")
    assert len(found.value["entry"]) == 3
    clinic("POST", "Patient", one)
    assert clinic("PUT", f"Patient?{query}", one).status == 412
    assert clinic("DELETE", f"Patient?{query}").status == 412
    assert clinic("DELETE", "Patient?_id=nobody-at-all").status == 204
    assert clinic("DELETE", f"Patient?_id={made.value['id']}").status == 204
    assert clinic("DELETE", "Patient").status == 412


def test_many_at_once_make_one_and_lose_nothing(clinic):
    one = patient()
    query = f"identifier=urn:test:patient|{one['identifier'][0]['value']}"
    name = one["identifier"][0]["value"]
    with ThreadPoolExecutor(12) as threads:
        made = list(
            threads.map(lambda _: clinic("POST", "Patient", one, if_none_exist=query).status, range(12))
        )
        written = list(
            threads.map(lambda _: clinic("PUT", f"Patient/{name}", {**patient(), "id": name}), range(12))
        )
        wanted = list(
            threads.map(
                lambda _: clinic("PUT", f"Patient/{name}", {**one, "id": name}, if_match='W/"12"'), range(6)
            )
        )
    assert sorted(made) == [200] * 11 + [201]
    assert sorted(int(each.value["meta"]["versionId"]) for each in written) == list(range(1, 13))
    assert sorted(each.status for each in wanted) == [200] + [412] * 5


def test_a_document_within_a_transaction_keeps_its_own_references(clinic):
    loinc = {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}
    composition = {
        "resourceType": "Composition", "status": "final", "type": loinc, "date": "2026-10-01", "title": "退院時サマリー",
        "subject": {"reference": "urn:uuid:11111111-0000-4000-8000-000000000001"}, "author": [{"display": "襷　太郎"}],
    }  # fmt: skip
    number = {"system": "urn:test:document", "value": "D-1"}
    document = {
        "resourceType": "Bundle", "type": "document", "timestamp": "2026-10-01T09:00:00+09:00", "identifier": number,
        "entry": [
            {"fullUrl": "urn:uuid:11111111-0000-4000-8000-000000000002", "resource": composition},
            {"fullUrl": "urn:uuid:11111111-0000-4000-8000-000000000001", "resource": patient(id="in-it")},
        ],
    }  # fmt: skip
    to = {"system": "urn:test:institution", "value": "1319990028"}
    letter = {
        "resourceType": "Communication", "status": "completed", "recipient": [{"identifier": to}],
        "about": [{"reference": "urn:uuid:11111111-0000-4000-8000-000000000003"}],
    }  # fmt: skip
    sent = _bundle(
        _entry(
            "PUT",
            "Bundle?identifier=urn:test:document|D-1",
            document,
            "urn:uuid:11111111-0000-4000-8000-000000000003",
        ),
        _entry("POST", "Communication", letter),
    )
    told = clinic("POST", "", sent)
    assert told.status == 200, told.value
    again = clinic("POST", "", sent)
    assert [each["response"]["status"][:3] for each in again.value["entry"]] == ["200", "201"]
    found = clinic(
        "GET", "Communication?recipient:identifier=urn:test:institution|1319990028&_lastUpdated=gt2026-01-01"
    )
    (about,) = {each["resource"]["about"][0]["reference"] for each in found.value["entry"]}
    kept = clinic("GET", about).value
    assert kept["entry"][0]["resource"]["subject"] == composition["subject"]


def test_a_patch_changes_what_it_names(clinic):
    made = clinic("POST", "Patient", patient())
    where = f"Patient/{made.value['id']}"
    kind = "application/json-patch+json"
    steps = [
        {"op": "test", "path": "/gender", "value": "female"},
        {"op": "replace", "path": "/gender", "value": "other"},
    ]
    told = clinic("PATCH", where, steps, content_type=kind)
    assert (told.status, told.value["gender"], told.value["meta"]["versionId"]) == (200, "other", "2")
    assert clinic("PATCH", where, steps, content_type=kind).status == 422
    assert clinic("PATCH", where, [{"op": "remove", "path": "/id"}], content_type=kind).status == 422
    assert (
        clinic("PATCH", where, [{"op": "add", "path": "/odd", "value": 1}], content_type=kind).status == 422
    )
    assert clinic("PATCH", where, {"op": "add"}, content_type=kind).status == 400
    assert clinic("PATCH", "Patient/nobody", steps, content_type=kind).status == 404
    assert (
        clinic(
            "PATCH",
            f"Patient?_id={made.value['id']}",
            [{"op": "remove", "path": "/gender"}],
            content_type=kind,
        ).status
        == 200
    )
    assert "gender" not in clinic("GET", where).value


def test_a_copy_of_a_copy_ends_before_it_fills_the_memory(clinic):
    where = f"Patient/{clinic('POST', 'Patient', patient()).value['id']}"
    kind = {"content_type": "application/json-patch+json"}
    doubling = [{"op": "add", "path": "/a", "value": [1]}]
    doubling += [{"op": "copy", "from": "/a", "path": "/a/-"}] * 40
    told = clinic("PATCH", where, doubling, **kind)
    assert told.status == 422 and "写しが大きすぎます" in told.texts[0]
    into = [{"op": "add", "path": f"/a{'/a' * n}", "value": {}} for n in range(150)]
    told = clinic("PATCH", where, into, **kind)
    assert told.status == 422 and "100段" in told.texts[0]


def test_what_patches_make_together_is_no_larger_than_a_request(clinic, monkeypatch):
    from tasuki_server.exchange import storing

    where = f"Patient/{clinic('POST', 'Patient', patient()).value['id']}"
    kind = {"content_type": "application/json-patch+json"}
    steps = [{"op": "replace", "path": "/gender", "value": "other"}]
    monkeypatch.setattr(storing, "LARGEST", 100)
    assert clinic("PATCH", where, steps, **kind).status == 413
    monkeypatch.undo()
    assert clinic("PATCH", where, steps, **kind).status == 200


def test_who_is_addressed_is_counted_once_and_bounded(clinic, monkeypatch):
    from tasuki.sharing.build.names import INSTITUTION_NUMBER
    from tasuki_server.exchange import standing

    def note(receivers, abouts):
        return {
            "resourceType": "Communication", "status": "completed",
            "recipient": [{"identifier": {"system": INSTITUTION_NUMBER, "value": f"131{n:07}"}} for n in receivers],
            "about": [{"reference": f"Bundle/{n}"} for n in abouts],
        }  # fmt: skip

    for receivers, abouts in ((range(51), range(1)), (range(1), range(21))):
        told = clinic("POST", "Communication", note(receivers, abouts))
        assert told.status == 422 and "宛先50・文書20" in told.texts[0]
    monkeypatch.setattr(standing, "MOST_ADDRESSED", 2)
    assert clinic("POST", "Communication", note([1, 1, 2], [3, 3])).status == 201
    told = clinic("POST", "Communication", note([1, 2], [3, 4]))
    assert told.status == 422 and "一度に4組" in told.texts[0]


def test_the_history_tells_every_version_page_by_page(clinic):
    made = clinic("POST", "Patient", patient())
    where = f"Patient/{made.value['id']}"
    clinic("PUT", where, made.value)
    clinic("DELETE", where)
    told = clinic("GET", f"{where}/_history")
    assert [each["request"]["method"] for each in told.value["entry"]] == ["DELETE", "PUT", "POST"]
    assert told.value["total"] == 3 and "resource" not in told.value["entry"][0]
    first = clinic("GET", f"{where}/_history?_count=2")
    link = {each["relation"]: each["url"] for each in first.value["link"]}["next"].split("/fhir/")[1]
    rest = clinic("GET", link)
    assert [each["response"]["etag"] for each in rest.value["entry"]] == ['W/"1"']
    assert clinic("GET", "Patient/nobody/_history").status == 404
    assert clinic("GET", "Patient/_history?_count=3").status == clinic("GET", "_history").status == 200
    assert clinic("GET", "_history?_cursor=x").status == clinic("GET", "_history?_since=x").status == 400


def test_only_the_writer_changes_a_record_but_all_keep_a_person_right(places):
    clinic, other = places
    person = clinic("POST", "Patient", patient()).value
    record = clinic("POST", "Observation", observation(person["id"])).value
    assert other("GET", f"Observation/{record['id']}").status == 200
    assert other("PUT", f"Observation/{record['id']}", record).status == 403
    assert other("DELETE", f"Observation/{record['id']}").status == 403
    assert other("PUT", f"Patient/{person['id']}", {**person, "gender": "male"}).status == 200
    assert other("DELETE", f"Patient/{person['id']}").status == 403


def test_by_whom_a_patient_is_insured_is_said_by_its_writer_alone(places):
    from tasuki.sharing.build.names import INSURED

    clinic, other = places
    number = {"system": INSURED, "value": "06139463:12:34:05"}
    person = clinic("POST", "Patient", patient(identifier=[number])).value
    where = f"Patient/{person['id']}"
    another = {**number, "value": "06139463:12:99:05"}
    for identifiers in ([another], [number, another], [{"system": "urn:x", "value": "1"}]):
        told = other("PUT", where, {**person, "identifier": identifiers})
        assert told.status == 403 and "被保険者" in told.texts[0], identifiers
    kind = {"content_type": "application/json-patch+json"}
    steps = [{"op": "add", "path": "/identifier/-", "value": another}]
    assert other("PATCH", where, steps, **kind).status == 403
    assert other("PUT", where, {**person, "gender": "male"}).status == 200
    assert clinic("PUT", where, {**person, "identifier": [another]}).status == 200
    # A deleted one comes back by its writer only.
    assert clinic("DELETE", where).status == 204
    assert other("PUT", where, {**person, "identifier": [number]}).status == 403
    assert clinic("PUT", where, person).status == 201


def _consent(person, **more):
    coding = [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
    return {
        "resourceType": "Consent", "status": "active", "scope": {"coding": coding},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": f"Patient/{person}"}, "provision": {"type": "deny"},
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]}, **more,
    }  # fmt: skip


def test_a_denial_hides_a_patient_from_everyone_who_did_not_write(places):
    clinic, other = places
    person = clinic("POST", "Patient", patient()).value["id"]
    record = clinic("POST", "Observation", observation(person)).value["id"]
    theirs = other("POST", "Observation", observation(person)).value["id"]
    denied = clinic("POST", "Consent", _consent(person))
    assert denied.status == 201, denied.value
    for path in (
        f"Observation/{record}",
        f"Patient/{person}",
        f"Observation/{record}/_history",
        f"Observation/{record}/_history/1",
    ):
        assert other("GET", path).status == 404, path
        assert clinic("GET", path).status == 200, path
    assert clinic("GET", f"Observation/{theirs}").status == 404
    assert other("GET", f"Observation/{theirs}").status == 200
    found = other("GET", f"Observation?patient={person}").value
    assert [each["resource"]["id"] for each in found["entry"]] == [theirs]
    assert record not in str(other("GET", "Observation/_history?_count=500").value)
    assert other("PUT", f"Patient/{person}", patient(id=person)).status == 403
    lifted = clinic("PUT", f"Consent/{denied.value['id']}", {**denied.value, "status": "inactive"})
    assert lifted.status == 200
    assert other("GET", f"Observation/{record}").status == 200
    past = {"type": "deny", "period": {"end": "2020-01-01"}}
    clinic("POST", "Consent", _consent(person, provision=past))
    assert other("GET", f"Observation/{record}").status == 200
    inner = {"type": "permit", "provision": [{"type": "deny"}]}
    clinic("POST", "Consent", _consent(person, provision=inner))
    assert other("GET", f"Observation/{record}").status == 404
    assert clinic("POST", "Consent", _consent(person, patient={"display": "誰か"})).status == 422


def test_without_its_record_nothing_is_told(clinic, owner):
    made = clinic("POST", "Patient", patient()).value
    owner.execute("ALTER TABLE exchange_access RENAME TO exchange_access_away")
    try:
        for method, path, body in (
            ("GET", f"Patient/{made['id']}", b""), ("GET", "Patient?_id=x", b""), ("GET", "Patient/nobody", b""),
            ("POST", "Patient", patient()), ("GET", f"Patient/{made['id']}/_history", b""),
        ):  # fmt: skip
            told = clinic(method, path, body)
            assert told.status == 500 and told.value["resourceType"] == "OperationOutcome"
    finally:
        owner.execute("ALTER TABLE exchange_access_away RENAME TO exchange_access")
    assert clinic("GET", f"Patient/{made['id']}").status == 200


def test_a_person_s_own_view_may_not_exchange(server):
    assert Place("9990036", "本人の閲覧", "9")("GET", "Patient").status == 403


def test_xml_is_read_and_written_as_the_same_resource(places):
    from tasuki.sharing.fhir_xml import read_fhir_xml, write_fhir_xml

    first, _ = places
    person = patient()
    made = first.raw(
        "POST", "Patient", write_fhir_xml(person), content_type="application/fhir+xml; charset=utf-8"
    )
    assert made.status == 201 and made.media_type == "application/fhir+json"
    kept = json.loads(made.body)
    assert kept["name"] == person["name"]
    place = f"Patient/{kept['id']}"
    for asked in (
        {"accept": "application/fhir+xml"},
        {"accept": "text/html, application/xml;q=0.8, */*;q=0.1"},
    ):
        read = first.raw("GET", place, **asked)
        assert read.status == 200 and read.media_type == "application/fhir+xml"
        assert read_fhir_xml(read.body) == kept
    assert first.raw("GET", f"{place}?_format=json", accept="application/fhir+xml").media_type.endswith(
        "+json"
    )
    found = read_fhir_xml(first.raw("GET", f"Patient?_id={kept['id']}&_format=application/fhir%2Bxml").body)
    assert [each["resource"]["id"] for each in found["entry"]] == [kept["id"]]
    # Refusals speak XML too, and hostile XML is one.
    gone = first.raw("GET", "Patient/nobody", accept="application/fhir+xml")
    assert gone.status == 404 and read_fhir_xml(gone.body)["resourceType"] == "OperationOutcome"
    hostile = (
        b'<!DOCTYPE a [<!ENTITY b "c">]><Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>'
    )
    refused = first.raw("POST", "Patient", hostile, content_type="application/fhir+xml")
    assert refused.status == 400 and "FHIR-X-02" in refused.body.decode()
    assert first.raw("GET", place, accept="image/png").status == 406
    assert first.raw("POST", "Patient", b"x", content_type="text/plain").status == 415


def test_what_xml_cannot_hold_is_told_and_nothing_is_lost(places):
    first, _ = places
    # U+FFFE is a letter to JSON and none to XML.
    odd = patient(name=[{"text": "架空\ufffe花子"}])
    made = first.raw("POST", "Patient", json.dumps(odd).encode(), accept="application/fhir+xml")
    # Written: the answer says so, in the form that can.
    assert made.status == 201 and made.media_type == "application/fhir+json"
    place = f"Patient/{json.loads(made.body)['id']}"
    assert first.raw("GET", place, accept="application/fhir+xml").status == 406
    assert first.raw("GET", place).status == 200


def test_a_resource_carries_so_many_files_as_somebody_looks_through(clinic):
    from tasuki_server.exchange.checking import MOST_ATTACHED

    photos = [{"contentType": "image/png", "title": str(number)} for number in range(MOST_ATTACHED + 1)]
    told = clinic("POST", "Patient", patient(photo=photos))
    assert told.status == 422 and "添付が101件" in told.texts[0] and "Patient.photo" in told.texts[0]
    made = clinic("POST", "Patient", patient(photo=photos[1:]))
    assert made.status == 201
    again = clinic("PUT", f"Patient/{made.value['id']}", made.value | {"photo": photos})
    assert again.status == 422
    entry = {"resource": patient(photo=photos), "request": {"method": "POST", "url": "Patient"}}
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert clinic("POST", "", whole).status == 422
