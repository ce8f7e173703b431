# SPDX-License-Identifier: Apache-2.0
"""文書の送付 — checked at the door, read by the one addressee with consent, answered, cancelled, gone after its days."""

from __future__ import annotations

import base64
from datetime import timedelta
from time import process_time
from uuid import uuid4

import msgspec
import pytest

from records import Asker, disease, drug, letter, number_of, person, sending, summary, tidied
from tasuki.sharing.build.facts import Flag

pytestmark = pytest.mark.server
PDF = {"name": "検査.pdf", "data": base64.b64encode(b"%PDF-1.7 made up").decode()}


@pytest.fixture(scope="module")
def places(server):
    from tasuki_server.platform.house import close_house

    yield Asker("9990101", "架空医院"), Asker("9990102", "仮想病院"), Asker("9990103", "よその医院")
    close_house()


@pytest.fixture(scope="module")
def portal(server):
    return Asker("0000000", "本人の画面", "9", "00")


def sent(places, who=None, consent="oral", **more):
    sender, receiver, _ = places
    number = f"L-{uuid4().hex[:12]}"
    diseases = more.pop("diseases", (disease("d1"),))
    told = sender(
        "POST",
        "records/documents",
        sending(
            letter(sender, receiver, who or person(), number, diseases=diseases), receiver, consent, **more
        ),
    )
    assert told.status == 200, told.value
    return told.value


def test_receivers_are_asked_before_sending(places):
    sender, receiver, _ = places
    told = sender("POST", "records/receivers", {"numbers": [receiver.number, "1319999990"]}).value[
        "receivers"
    ]
    assert [each["can_receive"] for each in told] == [True, False]
    assert told[0]["name"] == "仮想病院" and "利用していません" in told[1]["reason"]


def test_a_letter_with_oral_consent_is_read_by_its_addressee_alone(places):
    sender, receiver, other = places
    who = person()
    told = sent(places, who, attachments=[PDF])
    assert (told["state"], told["attachments"], told["receiver_name"]) == (
        "readable",
        ["検査.pdf"],
        "仮想病院",
    )
    at = f"records/documents/{told['id']}"
    assert other("GET", at).status == other("GET", f"{at}/status").status == 404
    assert told["id"] in [
        each["id"] for each in receiver("GET", "records/documents?box=in").value["documents"]
    ]
    read = receiver("GET", at).value
    assert read["bundle"]["entry"][0]["resource"]["resourceType"] == "Composition"
    assert base64.b64decode(read["attachments"][0]["data"]).startswith(b"%PDF-")
    assert read["document"]["state"] == "fetched"
    steps = sender("GET", f"{at}/status").value["steps"]
    assert [(each["act"], each["institution"]) for each in steps] == [
        ("sent", sender.number),
        ("fetched", receiver.number),
    ]
    assert sender("GET", at).status == 200
    assert [
        each["id"] for each in sender("GET", "records/documents?box=out&state=fetched").value["documents"]
    ].count(told["id"]) == 1


def test_a_letter_waits_for_a_later_consent_and_closes_with_its_withdrawal(places, portal):
    _, receiver, _ = places
    who = person()
    told = sent(places, who, "later")
    at = f"records/documents/{told['id']}"
    assert told["state"] == "waiting"
    refused = receiver("GET", at)
    assert refused.status == 403 and "同意" in refused.texts[0]
    insured = [{"number": number_of(who)}]
    given = {
        "insured": insured,
        "institution": receiver.number,
        "kinds": ["referral"],
        "document": told["id"],
    }
    assert portal("POST", "records/person/permissions", given).status == 200
    changed = receiver("GET", f"records/documents?box=in&state=readable&since={told['changed_at']}").value
    assert told["id"] in [each["id"] for each in changed["documents"]]
    assert receiver("GET", at).status == 200
    assert portal("POST", "records/person/withdrawals", {"insured": insured}).status == 200
    refused = receiver("GET", at)
    assert refused.status == 403 and "撤回" in refused.texts[0]


def test_a_discharge_summary_never_goes_alone(places, portal):
    sender, receiver, _ = places
    who = person()
    alone = sender("POST", "records/documents", sending(summary(sender, who, "S-1"), receiver))
    assert alone.status == 422 and "診療情報提供書に添えて" in alone.texts[0]
    told = sent(places, who, discharge=summary(sender, who, "S-2"))
    assert told["has_discharge"]
    read = receiver("GET", f"records/documents/{told['id']}").value
    assert read["discharge"]["entry"][0]["resource"]["title"] == "退院時サマリー"
    own = portal("GET", f"records/person/records?insured={number_of(who)}").value["documents"]
    assert [(each["id"], each["kind"]) for each in own] == [
        (told["id"], "referral"),
        (f"{told['id']}.discharge", "discharge"),
    ]
    foreign = sending(
        letter(sender, receiver, person(), "L-of"), receiver, discharge=summary(sender, who, "S-3")
    )
    assert "被保険者" in sender("POST", "records/documents", foreign).texts[0]


def test_a_letter_alone_is_permitted_without_its_summary(places, portal):
    """And while nothing is permitted, nothing of the letter is told but that it waits."""
    sender, receiver, _ = places
    who = person()
    told = sent(places, who, "later", discharge=summary(sender, who, "S-4"), attachments=[PDF])
    assert told["has_discharge"] and told["attachments"] == ["検査.pdf"] and told["number"]
    at = f"records/documents/{told['id']}"

    def listed():
        found = receiver("GET", f"{at}/status").value["document"]
        return found["number"] != "", found["attachments"], found["has_discharge"]

    assert listed() == (False, [], False)
    given = {
        "insured": [{"number": number_of(who)}],
        "institution": receiver.number,
        "kinds": ["referral"],
        "document": told["id"],
    }
    assert portal("POST", "records/person/permissions", given).status == 200
    read = receiver("GET", at).value
    assert read["bundle"] and read["discharge"] is None and listed() == (True, ["検査.pdf"], False)
    assert sender("GET", at).value["discharge"]
    assert portal("POST", "records/person/permissions", {**given, "kinds": ["discharge"]}).status == 200
    assert receiver("GET", at).value["discharge"] and listed() == (True, ["検査.pdf"], True)


def test_exactly_one_of_cda_and_structure(places):
    sender, receiver, _ = places
    bundle = letter(sender, receiver, person(), "L-pdf")
    composition = bundle["entry"][0]["resource"]
    composition["section"] = [
        each for each in composition["section"] if each["code"]["coding"][0]["code"] != "300"
    ]
    assert sender("POST", "records/documents", sending(bundle, receiver)).status == 422


def test_an_attachment_is_a_pdf(places):
    sender, receiver, _ = places
    bundle = letter(sender, receiver, person(), "L-att")
    for wrong, words in (
        ({**PDF, "data": base64.b64encode(b"GIF89a").decode()}, "PDFではありません"),
        ({**PDF, "media_type": "image/gif"}, "送れるのは"),
    ):
        told = sender("POST", "records/documents", sending(bundle, receiver, attachments=[wrong]))
        assert told.status == 422 and words in told.texts[0]


def test_files_are_counted_wherever_they_stand(places):
    """Beside the letter, within it, and within the summary that goes along."""
    from tasuki_server.records.rules import MOST_ATTACHMENTS, set_rules

    sender, receiver, _ = places
    who = person()

    def told(beside, bundle, **more):
        files = [PDF | {"name": f"{number}.pdf"} for number in range(beside)]
        return sender("POST", "records/documents", sending(bundle, receiver, attachments=files, **more))

    def with_files(bundle, count):
        content = {"attachment": {"contentType": "application/pdf", "title": "a", "data": PDF["data"]}}
        files = {"resourceType": "DocumentReference", "status": "current", "content": [content] * count}
        bundle["entry"].append({"fullUrl": f"urn:uuid:{uuid4()}", "resource": files})
        return bundle

    many = told(MOST_ATTACHMENTS + 1, letter(sender, receiver, who, "L-many"))
    assert many.status == 422 and "添付が21件" in many.texts[0] and "20件まで" in many.texts[0]
    assert told(MOST_ATTACHMENTS, letter(sender, receiver, who, "L-full")).status == 200
    inside = told(1, with_files(letter(sender, receiver, who, "L-in"), MOST_ATTACHMENTS))
    assert inside.status == 422 and "添付が21件" in inside.texts[0]
    # The summary's own CDA is one of them.
    along = with_files(summary(sender, who, "S-m"), MOST_ATTACHMENTS - 1)
    beside = told(1, letter(sender, receiver, who, "L-su"), discharge=along)
    assert beside.status == 422 and "添付が21件" in beside.texts[0]
    try:
        set_rules("試験", most_attachments=21)
        assert told(MOST_ATTACHMENTS + 1, letter(sender, receiver, who, "L-more")).status == 200
    finally:
        set_rules("試験", most_attachments=MOST_ATTACHMENTS)


def test_a_bundle_has_so_many_entries_as_can_be_looked_through(places):
    from tasuki_server.exchange.entries import MOST_ENTRIES

    sender, receiver, _ = places
    bundle = letter(sender, receiver, person(), "L-entries")
    bundle["entry"] += [{}] * MOST_ENTRIES
    told = sender("POST", "records/documents", sending(bundle, receiver))
    assert told.status == 422 and f"{MOST_ENTRIES}件まで" in told.texts[0]


def test_thousands_of_attachments_are_looked_through_once():
    from types import SimpleNamespace

    from tasuki_server.exchange.outcome import Refused
    from tasuki_server.records.messages import Attachment, Sending
    from tasuki_server.records.rules import Rules
    from tasuki_server.records.sending import _check_attachments

    asked = SimpleNamespace(rules=Rules(most_attachments=50_000))
    many = tuple(Attachment(f"{number}.pdf", b"%PDF-") for number in range(20_000))
    begun = process_time()
    _check_attachments(asked, Sending("", "oral", msgspec.Raw(b"{}"), many))
    # Some hundredths of a second, and ten seconds where each is sought among all.
    assert process_time() - begun < 2
    with pytest.raises(Refused):
        _check_attachments(asked, Sending("", "oral", msgspec.Raw(b"{}"), (*many, many[0])))


def test_errors_of_the_checks_come_back_at_once(places):
    sender, receiver, _ = places
    bundle = letter(sender, receiver, person(), "L-err")
    bundle["entry"][0]["resource"]["status"] = "draft"
    told = sender("POST", "records/documents", sending(bundle, receiver))
    assert told.status == 422
    assert any("status" in str(each.get("expression")) for each in told.value["issue"])
    out = sender("GET", "records/documents?box=out").value["documents"]
    assert out and not any(each["number"].endswith("^L-err") for each in out)


def test_a_request_over_the_limit_is_refused(places):
    from tasuki_server.records.rules import set_rules

    sender, receiver, _ = places
    set_rules("試験", most_megabytes=1)
    try:
        big = sending(
            letter(sender, receiver, person(), "L-big"),
            receiver,
            attachments=[PDF | {"data": "A" * 1_400_000}],
        )
        told = sender("POST", "records/documents", big)
        assert told.status == 413 and "1MB" in told.texts[0]
    finally:
        set_rules("試験", most_megabytes=10)


def test_the_receiver_is_the_one_the_letter_names(places):
    sender, receiver, other = places
    bundle = letter(sender, receiver, person(), "L-other")
    told = sender("POST", "records/documents", sending(bundle, other))
    assert told.status == 422 and receiver.number in told.texts[0]


def test_only_ones_own_numbers_are_sent(places):
    sender, receiver, other = places
    told = other("POST", "records/documents", sending(letter(sender, receiver, person(), "L-own"), receiver))
    assert told.status == 422 and "のものではありません" in told.texts[0]


def test_the_same_again_is_the_same_document_and_another_under_its_number_is_not(places):
    sender, receiver, _ = places
    who = person()
    first = sending(letter(sender, receiver, who, "L-same"), receiver)
    told = [sender("POST", "records/documents", first).value["id"] for _ in range(2)]
    assert told[0] == told[1]
    changed = sending(letter(sender, receiver, who, "L-same", diseases=(disease("x"),)), receiver)
    assert sender("POST", "records/documents", changed).status == 409


def test_an_answer_answers_what_was_received(places):
    sender, receiver, other = places
    who = person()
    told = sent(places, who)
    reply = sending(letter(receiver, sender, who, "R-1"), sender, answers=told["id"])
    early = receiver("POST", "records/documents", reply)
    assert early.status == 409 and "受領" in early.texts[0]
    receiver("GET", f"records/documents/{told['id']}")
    assert receiver("POST", "records/documents", reply).status == 200
    now = sender("GET", f"records/documents/{told['id']}/status").value
    assert now["document"]["state"] == "answered" and now["document"]["answered_by"]
    assert [each["act"] for each in now["steps"]] == ["sent", "fetched", "answered"]
    stray = sending(letter(other, sender, who, "R-2"), sender, answers=told["id"])
    assert other("POST", "records/documents", stray).status == 422


def test_a_letter_is_cancelled_until_it_is_received_and_its_informations_go(places, portal):
    sender, receiver, _ = places
    who = person()
    told = sent(places, who)
    at = f"records/documents/{told['id']}"
    own = f"records/person/records?insured={number_of(who)}"
    assert portal("GET", own).value["resources"] != []
    assert receiver("POST", f"{at}/cancel").status == 403
    assert sender("POST", f"{at}/cancel").value["state"] == "cancelled"
    assert receiver("GET", at).status == 410
    assert portal("GET", own).value == {"resources": [], "documents": []}
    fetched = sent(places)
    receiver("GET", f"records/documents/{fetched['id']}")
    assert sender("POST", f"records/documents/{fetched['id']}/cancel").status == 409


def test_letters_are_removed_after_receipt_and_expire_unread(places):
    from tasuki_server.records.models import Document

    sender, receiver, _ = places
    read, unread = sent(places), sent(places)
    receiver("GET", f"records/documents/{read['id']}")
    for told, column, days in ((read, "fetched_at", 8), (unread, "sent_at", 101)):
        row = Document.objects.get(pk=told["id"])
        Document.objects.filter(pk=row.pk).update(**{column: getattr(row, column) - timedelta(days=days)})
        assert receiver("GET", f"records/documents/{told['id']}").status == 410
    assert sender("GET", f"records/documents/{unread['id']}/status").value["document"]["state"] == "expired"
    tidied()
    assert Document.objects.get(pk=read["id"]).body is None
    assert sender("GET", f"records/documents/{read['id']}/status").value["document"]["state"] == "fetched"


def test_two_processes_that_tidy_at_once_remove_a_letter_once(places, owner):
    from tasuki_server.records.models import Document, DocumentStep

    _, receiver, _ = places
    read = sent(places)
    receiver("GET", f"records/documents/{read['id']}")
    row = Document.objects.get(pk=read["id"])
    Document.objects.filter(pk=row.pk).update(fetched_at=row.fetched_at - timedelta(days=8))
    with owner.transaction():
        # 別のプロセス: in the middle of removing it.
        owner.execute("SELECT 1 FROM records_document WHERE id = %s FOR UPDATE", [row.pk])
        tidied()
        assert Document.objects.get(pk=row.pk).body is not None
    tidied()
    assert Document.objects.get(pk=row.pk).body is None
    assert DocumentStep.objects.filter(document_id=row.pk, act="removed").count() == 1


def test_informations_are_taken_out_of_a_letter(places, portal):
    who = person()
    sent(places, who, diseases=(disease("d1", "架空性胃炎"), disease("d2", "告知前の病", Flag.UNINFORMED)))
    told = portal("GET", f"records/person/records?insured={number_of(who)}").value
    # 未告知 is in neither the informations nor the letter that the person sees.
    assert [each["resource"]["code"]["text"] for each in told["resources"]] == ["架空性胃炎"]
    assert "告知前の病" not in str(told) and "架空性胃炎" in str(told["documents"][0]["bundle"])


def test_a_letter_carries_drugs_as_informations(places, portal):
    sender, receiver, _ = places
    who = person()
    told = sender(
        "POST",
        "records/documents",
        sending(letter(sender, receiver, who, "L-drug", drugs=(drug("m1"),)), receiver),
    )
    assert told.status == 200, told.value
    own = portal("GET", f"records/person/records?insured={number_of(who)}").value["resources"]
    assert [each["kind"] for each in own] == ["prescription"]
