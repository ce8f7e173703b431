# SPDX-License-Identifier: Apache-2.0
"""薬局の画面 — a prescription received by its number, checked, dispensed with a change, taken back; each step is kept and audited."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from prescription_service import AMLODIPINE, CARD, LOXOPROFEN, Institution, prescription_text
from tasuki.prescriptions.service.messages import to_base64

pytestmark = pytest.mark.server
# アムロジピン錠2.5mg: the starter has other products of its head.
GENERIC = ("7", "2171022F1ZZZ", "【般】アムロジピン錠２．５ｍｇ")


@pytest.fixture(scope="module")
def house(server):
    from tasuki_server.institutions.models import Institution as Row
    from tasuki_server.platform.house import close_house
    from tasuki_server.prescriptions.trust import ensure_practice_hpki

    ensure_practice_hpki(datetime.now(UTC))
    with server.second.work():
        Row.objects.update(kind="pharmacy", is_demo=True)
    yield server
    close_house()


@pytest.fixture(scope="module")
def clinic():
    return Institution("13", "1", "9990010", "試験医院")


@pytest.fixture
def browser(house):
    return house.second.browser("pharmacist")


_people = iter(range(5000, 9999))


def _typed(made, card, key: str = "") -> dict[str, str]:
    return {
        "key": key, "code": made.value("AccessCode"), "insurer": card.insurer_number, "symbol": card.symbol,
        "number": card.number, "branch": card.branch,
    }  # fmt: skip


def _fields(page) -> dict[str, str]:
    """What the form of the dispensing would send unchanged."""
    text = page.content.decode()
    form = text[
        text.index("<form", text.index("/dispense/") - 200) : text.index("</form>", text.index("/dispense/"))
    ]
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    fields |= {name: value for value, name in re.findall(r'value="([^"]*)"[^>]* name="([^"]+)"', form)}
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]+)" selected', options) or re.search(r'value="([^"]+)"', options)
        assert chosen is not None
        fields[name] = chosen[1]
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def _received(browser, clinic, *drugs, **more):
    card = CARD._replace(number=str(next(_people)))
    made = clinic.register(*drugs, card=card, **more)
    assert made.is_fine, made
    answer = browser.post("/pharmacy/receive/", _typed(made, card))
    assert answer.status_code == 302, re.findall(r"bad-mark[^>]*>([^<]*)", answer.content.decode())
    return made, card, answer["Location"]


def _state(clinic, made) -> str:
    return clinic.ask("217", ("PrescriptionId", made.value("PrescriptionId"))).value("PrescriptionStatus")


def test_received_dispensed_changed_and_taken_back(browser, clinic, house):
    made, _, place = _received(browser, clinic, AMLODIPINE, LOXOPROFEN)
    assert _state(clinic, made) == "調剤中"
    page = browser.get(place)
    assert (
        "架空　花子" in page.content.decode()
        and "重複投薬・併用禁忌は見つかりませんでした" in page.content.decode()
    )
    fields = _fields(page) | {"message": "残薬がありました"}
    assert browser.post(f"{place}dispense/", fields).status_code == 302
    told = clinic.ask("217", ("PrescriptionId", made.value("PrescriptionId")))
    assert (told.value("PrescriptionStatus"), told.value("MessageContents")) == ("調剤済", "残薬がありました")
    # 同じ画面をもう一度送っても二重にはならない。
    assert browser.post(f"{place}dispense/", fields).status_code == 302
    assert (
        len(clinic.ask("217", ("PrescriptionId", made.value("PrescriptionId"))).all("DispensingResultList"))
        == 1
    )
    again = _fields(browser.get(place)) | {"quantity-1": "14"}
    assert browser.post(f"{place}dispense/", again).status_code == 302
    records = (
        clinic.ask("217", ("PrescriptionId", made.value("PrescriptionId"))).data("DispensingResult").decode()
    )
    assert ",14,日分," in records
    # 変更の画面は前の登録から始まり、古い画面からの変更は確かめを求める。
    now = _fields(browser.get(place))
    assert now["quantity-1"] == "14"
    stale = browser.post(f"{place}dispense/", again | {"key": "", "quantity-1": "7"})
    assert stale.status_code == 422 and "ほかの画面で先に" in stale.content.decode()
    assert browser.post(f"{place}cancel/", {"reason": ""}).status_code == 302
    assert _state(clinic, made) == "調剤済"
    browser.post(f"{place}cancel/", {"reason": "患者に渡す前に誤りに気づいた"})
    assert _state(clinic, made) == "調剤中"
    browser.post(f"{place}step/", {"act": "collect", "reason": "疑義照会"})
    assert _state(clinic, made) == "回収済"
    browser.post(f"{place}step/", {"act": "return"})
    browser.post(f"{place}step/", {"act": "release"})
    assert _state(clinic, made) == "未受付"
    with house.second.work():
        from tasuki_server.audit.models import AuditEvent
        from tasuki_server.pharmacy.models import PharmacyStep

        kinds = [each.kind for each in PharmacyStep.objects.order_by("at")]
        actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert kinds == ["checked", "dispensed", "changed", "cancelled", "collected", "returned", "released"]
    assert {
        "pharmacy.read",
        "pharmacy.receive",
        "pharmacy.check",
        "pharmacy.dispense",
        "pharmacy.step",
    } <= actions


def test_the_line_of_the_copy_receives_by_itself(browser, clinic):
    card = CARD._replace(number=str(next(_people)))
    made = clinic.register(AMLODIPINE, card=card)
    line = ",".join(
        (card.insurer_number, card.symbol, card.number, card.branch, "19600606", made.value("AccessCode"))
    )
    assert browser.post("/pharmacy/receive/", {"line": line}).status_code == 302


def test_a_general_name_is_dispensed_as_a_product(browser, clinic):
    made, _, place = _received(browser, clinic, GENERIC)
    page = browser.get(place)
    fields = _fields(page)
    assert re.fullmatch(r"2:6\d{8}", fields["drug-1-1"]), fields
    assert browser.post(f"{place}dispense/", fields).status_code == 302
    records = (
        clinic.ask("217", ("PrescriptionId", made.value("PrescriptionId"))).data("DispensingResult").decode()
    )
    assert f",2,{fields['drug-1-1'][2:]}," in records and "から変更" in records


def test_what_was_typed_stays_and_says_what_is_wrong(browser, clinic):
    answer = browser.post("/pharmacy/receive/", {"code": "123", "insurer": "06139463", "number": "1"})
    assert (
        answer.status_code == 422
        and "16桁" in answer.content.decode()
        and 'value="123"' in answer.content.decode()
    )
    made, card, place = _received(browser, clinic, AMLODIPINE)
    wrong = browser.post("/pharmacy/receive/", _typed(made, card._replace(number="0")))
    assert wrong.status_code == 422 and "TSKE007" in wrong.content.decode()
    fields = _fields(browser.get(place)) | {"amount-1-1": "たくさん", "quantity-1": "0"}
    answer = browser.post(f"{place}dispense/", fields)
    text = answer.content.decode()
    assert answer.status_code == 422 and "RP1 の調剤数量" in text and "たくさん" in text
    assert _state(clinic, made) == "調剤中"


def test_a_wire_that_breaks_is_asked_again_under_the_same_key(browser, clinic):
    import json

    import msgspec

    from tasuki_server.platform.faults import Faults
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.models import FaultSetting

    def switch(**chosen: object) -> None:
        value = json.loads(msgspec.json.encode(Faults(**chosen)))
        FaultSetting.objects.create(service="prescriptions", faults=value, made_by="試験")
        close_house()

    card = CARD._replace(number=str(next(_people)))
    made = clinic.register(AMLODIPINE, card=card)
    key = "01a22945-0000-7000-8000-000000000001"
    switch(cut_after_percent=100)
    lost = browser.post("/pharmacy/receive/", _typed(made, card, key))
    told = lost.content.decode()
    assert lost.status_code == 422 and "電子処方箋管理サービスにつながりません" in told and key in told
    switch()
    got = browser.post("/pharmacy/receive/", _typed(made, card, key))
    assert got.status_code == 302
    fields = _fields(browser.get(got["Location"]))
    switch(cut_after_percent=100)
    assert browser.post(f"{got['Location']}dispense/", fields).status_code == 422
    switch()
    assert browser.post(f"{got['Location']}dispense/", fields).status_code == 302
    assert (
        len(clinic.ask("217", ("PrescriptionId", made.value("PrescriptionId"))).all("DispensingResultList"))
        == 1
    )


def test_alerts_of_other_institutions_need_the_consent_by_word(browser, clinic):
    neighbour = Institution("13", "1", "9990028", "となり医院")
    card = CARD._replace(number=str(next(_people)))
    neighbour.register(AMLODIPINE, card=card)
    made = clinic.register(AMLODIPINE, card=card)
    place = browser.post("/pharmacy/receive/", _typed(made, card))["Location"]
    assert "表示できません" in browser.get(place).content.decode()
    browser.post(f"{place}check/", {"consent": "yes"})
    assert "となり医院" in browser.get(place).content.decode()


def test_an_electronic_prescription_is_signed_by_the_pharmacist(browser, clinic, house):
    from tasuki.prescriptions.documents import prescription_document
    from tasuki.prescriptions.signature.xades import sign_document
    from tasuki_server.prescriptions.trust import practice_signer

    card = CARD._replace(number=str(next(_people)))
    doctor = practice_signer("doctor")
    document = prescription_document(prescription_text(clinic.number, AMLODIPINE, card=card))
    signed = sign_document(document, doctor, datetime.now(UTC))
    made = clinic.ask("201", ("PrescriptionInfo", to_base64(signed)), ("IssueType", "1"))
    place = browser.post("/pharmacy/receive/", _typed(made, card))["Location"]
    page = browser.get(place)
    assert "電子処方箋" in page.content.decode()
    answer = browser.post(f"{place}dispense/", _fields(page))
    assert answer.status_code == 302, re.findall(r"bad-mark[^>]*>([^<]*)", answer.content.decode())
    assert b"DispensingSign" in clinic.ask("217", ("PrescriptionId", made.value("PrescriptionId"))).data(
        "DispensingResult"
    )
    from tasuki_server.institutions.models import Institution as Row

    with house.second.work():
        Row.objects.update(is_demo=False)
    again = browser.post(f"{place}dispense/", _fields(browser.get(place)))
    with house.second.work():
        Row.objects.update(is_demo=True)
    assert again.status_code == 422 and "署名の用意" in again.content.decode()


def test_only_a_pharmacist_of_a_pharmacy_comes_in(house, browser, clinic):
    _, _, place = _received(browser, clinic, AMLODIPINE)
    assert house.second.browser("doctor").get("/pharmacy/").status_code == 403
    assert house.first.browser("pharmacist").get("/pharmacy/").status_code == 404
    with house.first.work():
        from tasuki_server.institutions.models import Institution as Row

        Row.objects.update(kind="pharmacy")
    assert house.first.browser("pharmacist").get(place).status_code == 404
    with house.first.work():
        Row.objects.update(kind="clinic")
    assert browser.get("/pharmacy/00000000-0000-7000-8000-000000000000/").status_code == 404
    assert browser.get("/pharmacy/").status_code == 200
