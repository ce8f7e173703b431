# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書と感染症発生届 — kept as sent, read by whom they are for; and the service's faults and description."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from records import Asker, tidied
from sharing.made_up_checkups import NUMBERS, report
from tasuki.sharing.checkups import build_report
from tasuki.sharing.checkups.values import InsuredNumber

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield (
        Asker("9990141", "架空医院"),
        Asker("9990142", "仮想病院"),
        Asker("0999999", "架空健康保険組合", "8", "00"),
    )
    close_house()


def checkup(sender, branch, number="K-1"):
    made = report()
    examinee = replace(made.examinee, insured=InsuredNumber("00999999", "架空", "００１", branch))
    own = replace(NUMBERS, bundle=f"{sender.number}^2026^{number}")
    return json.loads(_json(build_report(replace(made, examinee=examinee, numbers=own))))


def _json(value):
    from tasuki.sharing.build.parts import to_json

    return to_json(value)


def insured(branch):
    return quote(f"00999999:架空:００１:{branch}", safe="")


def test_a_checkup_is_read_by_its_insurer_and_by_whom_the_person_permits(places):
    clinic, hospital, insurer = places
    told = clinic("POST", "records/checkups", checkup(clinic, "11"))
    assert told.status == 200, told.value
    assert (told.value["checked_on"], told.value["institution"]) == ("2026-06-15", clinic.number)
    listed = insurer("GET", "records/checkups?insurer=00999999").value["checkups"]
    assert [each["id"] for each in listed] == [told.value["id"]]
    assert insurer("GET", "records/checkups?insurer=06139463").status == 403
    path = f"records/checkups?insured={insured('11')}"
    refused = hospital("GET", path)
    assert refused.status == 403 and "健診" in refused.texts[0]
    assert len(clinic("GET", path).value["checkups"]) == 1
    given = {
        "insured": [{"number": "00999999:架空:００１:11"}],
        "institution": hospital.number,
        "kinds": ["checkup"],
        "until": (timezone.now() + timedelta(days=1)).isoformat(),
    }
    portal = Asker("0000000", "本人の画面", "9", "00")
    assert portal("POST", "records/person/permissions", given).status == 200
    assert len(hospital("GET", path).value["checkups"]) == 1
    own = portal("GET", f"records/person/records?insured={insured('11')}").value["documents"]
    assert [each["kind"] for each in own] == ["checkup"]


def test_a_name_that_is_only_said_to_be_absent_keeps_no_report_away(places):
    from tasuki_server.records.models import Checkup

    clinic, _, _ = places
    absent = [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"},
    ]
    bundle = checkup(clinic, "19", "K-19")
    names = next(
        each["resource"]["name"] for each in bundle["entry"] if each["resource"]["resourceType"] == "Patient"
    )
    del names[0]["text"]
    names[0] |= {
        "family": "架空",
        "_text": {"extension": absent},
        "given": [None],
        "_given": [{"extension": absent}],
    }
    names.append({"extension": [{"url": names[0]["extension"][0]["url"], "_valueCode": {"extension": absent}}], "text": "別名"})  # fmt: skip
    told = clinic("POST", "records/checkups", bundle)
    assert told.status == 200, told.value
    row = Checkup.objects.get(pk=told.value["id"])
    assert (row.name, row.kana) == ("架空", "カクウ タロウ")


def test_a_checkup_under_its_number_again_replaces_it_for_the_same_person_alone(places):
    clinic, _, _ = places
    first = clinic("POST", "records/checkups", checkup(clinic, "12", "K-2")).value
    again = clinic("POST", "records/checkups", checkup(clinic, "12", "K-2")).value
    assert first["id"] == again["id"]
    assert clinic("POST", "records/checkups", checkup(clinic, "13", "K-2")).status == 422


def test_a_checkup_is_kept_five_years(places):
    from tasuki_server.records.models import Checkup

    clinic, _, _ = places
    told = clinic("POST", "records/checkups", checkup(clinic, "14", "K-5")).value
    path = f"records/checkups?insured={insured('14')}"
    Checkup.objects.filter(pk=told["id"]).update(registered_at=timezone.now() - timedelta(days=5 * 366 + 1))
    assert clinic("GET", path).status == 403
    Checkup.objects.filter(pk=told["id"]).update(registered_at=timezone.now() - timedelta(days=5 * 365))
    assert len(clinic("GET", path).value["checkups"]) == 1


def test_checkups_past_their_days_go_as_many_as_a_round_takes(places, monkeypatch):
    from tasuki_server.records import retention
    from tasuki_server.records.models import Checkup

    clinic, _, _ = places
    made = [
        clinic("POST", "records/checkups", checkup(clinic, f"2{n}", f"K-2{n}")).value["id"] for n in range(3)
    ]
    monkeypatch.setattr(retention, "MOST", 1)
    old = Checkup.objects.filter(pk__in=made[:2])
    old.update(registered_at=timezone.now() - timedelta(days=5 * 366 + 1))
    left = []
    for _ in range(3):
        left.append(Checkup.objects.filter(pk__in=made, body__isnull=False).count())
        tidied()
    assert left == [3, 2, 1]
    assert Checkup.objects.get(pk=made[2]).body is not None


def test_what_is_no_checkup_is_refused(places):
    clinic, _, insurer = places
    bundle = checkup(clinic, "15")
    broken = copy.deepcopy(bundle)
    broken["meta"]["profile"] = ["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS"]
    assert clinic("POST", "records/checkups", broken).status == 422
    assert insurer("POST", "records/checkups", bundle).status == 403
    assert insurer("GET", f"records/informations?insured={insured('15')}").status == 403


def test_a_notification_reaches_its_health_center_and_comes_back_with_a_reason(places):
    clinic, hospital, _ = places
    center = Asker("9990010", "架空保健所", "7")
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://jpfhir.jp/fhir/eInfectionReport/Questionnaire/EHEC",
        "status": "completed",
        "item": [{"linkId": "1", "text": "診断した者の類型", "answer": [{"valueString": "患者（確定例）"}]}],
    }
    told = clinic("POST", "records/notifications", {"receiver": center.number, "response": response})
    assert (told.status, told.value["state"]) == (200, "sent")
    # A lost answer is no second notification.
    again = clinic("POST", "records/notifications", {"receiver": center.number, "response": response})
    assert again.value["id"] == told.value["id"]
    at = f"records/notifications/{told.value['id']}"
    (listed,) = center("GET", "records/notifications").value["notifications"]
    assert listed["id"] == told.value["id"] and listed["response"] is None
    assert center("GET", at).value["response"]["item"][0]["text"] == "診断した者の類型"
    assert (
        hospital("GET", at).status == 404
        and hospital("GET", "records/notifications").value["notifications"] == []
    )
    assert clinic("POST", f"{at}/state", {"state": "received"}).status == 403
    assert center("POST", f"{at}/state", {"state": "returned"}).status == 400
    assert (
        center("POST", f"{at}/state", {"state": "returned", "reason": "初診年月日がありません"}).status == 200
    )
    assert center("POST", f"{at}/state", {"state": "received"}).status == 409
    corrected = clinic("POST", "records/notifications", {"receiver": center.number, "response": response})
    assert corrected.value["id"] != told.value["id"]
    seen, _ = clinic("GET", "records/notifications").value["notifications"]
    assert (seen["state"], seen["reason"]) == ("returned", "初診年月日がありません")


@pytest.mark.parametrize(
    "change", [{"status": "in-progress"}, {"questionnaire": ""}, {"resourceType": "Basic"}]
)
def test_an_unfinished_or_unknown_form_is_refused(places, change):
    clinic, hospital, _ = places
    center = Asker("9990010", "架空保健所", "7")
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://example.jp/q",
        "status": "completed",
    }
    told = clinic(
        "POST", "records/notifications", {"receiver": center.number, "response": {**response, **change}}
    )
    assert told.status in (400, 422)
    assert (
        clinic("POST", "records/notifications", {"receiver": hospital.number, "response": response}).status
        == 422
    )


def test_the_service_describes_itself_and_fails_on_order(places):
    from tasuki_server.platform.access import set_faults
    from tasuki_server.platform.description import openapi_document
    from tasuki_server.platform.faults import NO_FAULTS, Faults
    from tasuki_server.records.addresses import ADDRESSES

    clinic, _, _ = places
    paths = openapi_document()["paths"]
    for each in ADDRESSES:
        address = "/".join("{id}" if part == "I" else part for part in each.shape)
        assert each.method.lower() in paths[f"/platform/v1/records/{address}"], address
    assert "$ref" not in json.dumps(paths["/platform/v1/records/documents"])
    set_faults("records", Faults(is_maintenance=True, maintenance_text="夜間の保守です。"), "試験")
    try:
        import time

        time.sleep(1.1)
        told = clinic("POST", "records/receivers", {"numbers": []})
        assert told.status == 503 and told.value["resourceType"] == "OperationOutcome"
    finally:
        set_faults("records", NO_FAULTS, "試験")
        time.sleep(1.1)


def test_every_sample_is_read_by_its_message(places):
    import msgspec

    from tasuki_server.records import messages as m
    from tasuki_server.records.samples import samples

    kinds = {
        "receivers_request": m.ReceiverQuestion, "documents_request": m.Sending, "views_request_reader": m.Viewing,
        "views_request_emergency": m.Viewing, "notifications_request": m.Notification,
        "person_permissions_request": m.Grant, "person_withdrawals_request": m.Withdrawal,
        "receivers_answer": m.ReceiverAnswer, "documents_answer": m.DocumentTold, "documents_list": m.DocumentList,
        "informations_answer": m.InformationAnswer, "person_codes_request": m.CodeQuestion,
        "person_codes_answer": m.CodeTold,
    }  # fmt: skip
    told = samples()
    assert {f"records_{name}.json" for name in kinds} == set(told)
    for name, kind in kinds.items():
        read = msgspec.json.decode(told[f"records_{name}.json"], type=kind)
        assert msgspec.json.encode(read) == told[f"records_{name}.json"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "records/none", b"", 404),
        ("PUT", "records/documents", b"{}", 405),
        ("POST", "records/documents", b"{", 400),
        ("POST", "records/documents", b'{"receiver": "1"}', 400),
        ("POST", "records/informations", b"[]", 422),
        ("POST", "records/informations", b'{"resourceType": "Bundle", "resourceType": "Bundle"}', 400),
        ("GET", "records/documents/abc", b"", 404),
        ("GET", "records/documents?box=both", b"", 400),
        ("GET", "records/documents?since=yesterday", b"", 400),
        ("GET", "records/informations", b"", 400),
        ("GET", "records/informations?insured=%00", b"", 400),
        ("GET", "records/documents?box=%00", b"", 400),
        ("POST", "records/receivers", b'{"numbers": ["\\u0000"]}', 400),
        ("GET", "records/informations?insured=06139463:1:2:01&kind=mind", b"", 400),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(places, method, path, body, status):
    told = places[0](method, path, body)
    assert told.status == status and told.value["issue"][0]["diagnostics"]


def test_one_persons_consent_opens_nobody_elses(places):
    clinic, hospital, _ = places
    for branch in ("21", "22"):
        assert clinic("POST", "records/checkups", checkup(clinic, branch, f"K-{branch}")).status == 200
    given = {
        "insured": [{"number": "00999999:架空:００１:21"}],
        "institution": hospital.number,
        "kinds": ["checkup", "condition"],
        "until": (timezone.now() + timedelta(days=1)).isoformat(),
    }
    portal = Asker("0000000", "本人の画面", "9", "00")
    assert portal("POST", "records/person/permissions", given).status == 200
    both = f"insured={insured('21')}&insured={insured('22')}"
    assert len(hospital("GET", f"records/checkups?insured={insured('21')}").value["checkups"]) == 1
    for kind in ("checkups", "informations"):
        told = hospital("GET", f"records/{kind}?{both}")
        assert told.status == 422 and "一人" in told.texts[0], kind


def test_a_person_sees_their_insurers_look(places):
    clinic, _, insurer = places
    assert clinic("POST", "records/checkups", checkup(clinic, "31", "K-31")).status == 200
    assert insurer("GET", "records/checkups?insurer=00999999").status == 200
    portal = Asker("0000000", "本人の画面", "9", "00")
    looks = portal("GET", f"records/person/looks?insured={insured('31')}").value["looks"]
    assert [(each["institution_name"], each["what"]) for each in looks] == [
        ("架空健康保険組合", "健診結果の閲覧")
    ]
