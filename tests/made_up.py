# SPDX-License-Identifier: Apache-2.0
"""架空の患者 — made-up people and visits for tests; call inside ``clinic.work()``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
# Codes of the starter set that tests enter.
AMLODIPINE, LOXOPROFEN, REBAMIPIDE, BLOOD_COUNT = "620007870", "620099201", "620009465", "160008010"


def make_patient(
    name: str = "架空 太郎", kana: str = "カクウ タロウ", born: date = date(1960, 4, 1), **given: Any
) -> Any:
    """A registered patient."""
    from tasuki_server.patients.register import WhoTheyAre, register_patient

    return register_patient(WhoTheyAre(name, kana, born, given.pop("sex", "male"), **given))


def make_insurance(patient: Any, **given: Any) -> Any:
    """An employees' insurance from 2024-04-01, open."""
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.patients.records import add_insurance

    members: dict[str, Any] = {
        "kind": InsuranceKind.EMPLOYEES,
        "insurer_number": "01130012",
        "symbol": "12345",
        "number": "678",
        **given,
    }
    days = members.pop("days", Validity(date(2024, 4, 1)))
    return add_insurance(patient, Insurance(**members), days, None)


def make_visit(patient: Any, at: datetime = datetime(2026, 6, 15, 9, 30, tzinfo=TOKYO), **given: Any) -> Any:
    """A reception, by default on Monday 2026-06-15 at 9:30."""
    from tasuki_server.reception.receive import Arrival, receive_patient

    return receive_patient(patient, Arrival(**given), at)


def make_history(visit: Any, staff: Any) -> None:
    """One row of everything a chart holds: programme, allergy, disease, signed note and orders, a draft, a set."""
    from decimal import Decimal
    from uuid import uuid4

    from tasuki.chart.coverage import PublicProgramme
    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.chart.draft import hold_draft, save_basket, save_texts
    from tasuki_server.chart.sign import Checked, sign_draft
    from tasuki_server.orders.basket import Basket, Line
    from tasuki_server.orders.catalogue import day_book
    from tasuki_server.orders.keep_sets import make_set
    from tasuki_server.patients.records import add_allergy, add_programme
    from tasuki_server.reception.decide_kind import keep_decision

    patient, day = visit.patient, visit.day
    add_programme(patient, PublicProgramme("54136015", "1234566"), Validity(date(2026, 1, 1)), None)
    add_allergy(patient, substance="そば", severity="mild", kind="food", noted_on=day)
    add_diagnosis(patient, "8833421", [], date(2026, 1, 5), day_book(day), is_main=True)
    drug = Item(AMLODIPINE, Decimal(1))
    order = Order(
        str(uuid4()), OrderKind.INTERNAL, (drug,), 28, usage="1日1回 朝食後", dispensing=Dispensing.OUTSIDE
    )
    texts = {"subjective": "変わりなし。", "objective": "", "assessment": "安定。", "plan": "続ける。"}
    draft = save_texts(hold_draft(visit, staff), texts, read_stamp=None)
    draft = save_basket(draft, Basket((Line(order),)))
    sign_draft(draft, staff, Checked([], []))
    hold_draft(visit, staff)
    keep_decision(visit)
    make_set(
        [order], name="血圧の薬", name_key="血圧ノ薬", quick_code="ketsu", since=date(2026, 1, 1), until=None
    )


def make_watched(visit: Any, staff: Any) -> None:
    """One row of everything the watch keeps: windows, an alert with an incident, decoys, a threshold, a training."""
    from django.utils import timezone

    from tasuki_server.institutions.work import current_institution_id
    from tasuki_server.watch import alerts, canaries, containing, incidents, models, networks, training

    row = models.Alert.objects.create(
        rule="U06",
        severity="review",
        key="made-up",
        staff=staff,
        patient_id=visit.patient_id,
        facts={"room": "chart"},
        evidence=[1],
        first_at=timezone.now(),
        last_at=timezone.now(),
    )
    alerts.close_alert(row, "incident", f"確かめた {current_institution_id()}")
    incidents.write_item(row.incident, "cause", f"原因 {current_institution_id()}")
    incidents.report_mistake("print", f"渡し違い {current_institution_id()}", timezone.now())
    alerts.set_threshold("U04", "per_day", 200, visit.day, f"理由 {current_institution_id()}")
    networks.name_network("192.0.2.0/24", "13")
    # A decoy is of either sex; so both words stand in every institution's rows.
    make_patient("架空 花子", "カクウ ハナコ", sex="female")
    canaries.make_chart()
    canaries.make_username()
    containing.contain(models.ContainmentKind.SESSIONS, f"理由 {current_institution_id()}", staff=staff)
    models.RuleWindow.objects.get_or_create(rule="U18")
    result = {"name": "訓練", "sent_at": timezone.now(), "staff": staff, "result": "reported"}
    training.keep_rows([result | {"reported_at": None}])


def make_office() -> None:
    """One row of everything the security office keeps: an answer, a contract with a duty, an asset, a notice."""
    from tasuki.security.controls import register
    from tasuki_server.institutions.work import current_institution_id
    from tasuki_server.office import answers, keeping

    mine, day = current_institution_id(), date(2026, 6, 1)
    answers.keep_answer(register()[0], f"回答 {mine}", day)
    contract = keeping.add_contract(
        {"company": f"事業者 {mine}", "subject": "保守", "since": day, "contact": "03-0000-0000"}
    )
    keeping.keep_responsibilities(contract, {"backup": ("vendor", f"取決め {mine}")})
    keeping.add_asset({"kind": "server", "name": f"サーバ {mine}", "checked_on": day})
    keeping.add_notice({"title": f"件名 {mine}", "words": "内容", "source": "医師会", "due_on": day})


def make_connected(staff: Any) -> None:
    """A row of everything that other systems are known by: a client with its key, a spent proof, a provider with an account."""
    import json
    import time

    from tasuki_server.api.proofs import Proof
    from tasuki_server.api.service_call import new_key, public_jwk
    from tasuki_server.api.service_clients import register_client, spend
    from tasuki_server.api.tokens import make_token
    from tasuki_server.institutions.work import current_institution_id
    from tasuki_server.providers.models import IdentityProvider
    from tasuki_server.providers.settling import link

    name = f"接続 {current_institution_id()}"
    register_client(name, ["calculate"], json.dumps(public_jwk(new_key())))
    make_token(name, ["calculate"], 30)
    spend([Proof("made-up", f"{current_institution_id()}", int(time.time()) + 60)])
    IdentityProvider.objects.create(
        name=f"基盤 {current_institution_id()}", issuer="https://idp.example", client_id=name,
        client_secret="himitsu", set_by=staff,
    )  # fmt: skip
    link(staff.id, f"account {current_institution_id()}")


def make_continuity(visit: Any, staff: Any) -> None:
    """One row of everything continuity keeps: a system of the plan, a card, a view that was merged, an account with its opening."""
    from datetime import timedelta

    from tasuki_server.continuity import models
    from tasuki_server.continuity.cards import issue_card
    from tasuki_server.continuity.models import MergedView
    from tasuki_server.continuity.plan import add_system
    from tasuki_server.institutions.work import current_institution_id

    where = str(current_institution_id())
    add_system(
        {
            "code": "database", "name": f"データベース {where[:8]}", "priority": "P1", "needs": [],
            "back_by_minutes": 5, "to_point": "最後の確定", "responsible": where, "paper": "", "act": "",
        }
    )  # fmt: skip
    issue_card(staff)
    MergedView.objects.create(log=f"made-up {where[:8]}", line=1, viewed_at=visit.arrived_at)
    account = models.EmergencyAccount.objects.create(
        number=1, staff=staff, kept_a=f"金庫 {where}", kept_b=f"棚 {where}"
    )
    opening = models.EmergencyOpening.objects.create(
        account=account, by_a=f"甲 {where}", by_b=f"乙 {where}", words=f"理由 {where}", opened_at=visit.arrived_at,
        until=visit.arrived_at + timedelta(hours=8), review_due_on=visit.day,
    )  # fmt: skip
    models.EmergencyOpeningEnd.objects.create(opening=opening)
    models.EmergencyOpeningReview.objects.create(
        opening=opening, is_justified=True, words=f"所見 {where}", made_by=staff
    )


def make_confirmed(visit: Any, staff: Any) -> None:
    """One row of everything the eligibility room keeps: a line, requests, an answer with consents, information, a bulk run."""
    from datetime import timedelta

    from django.utils import timezone

    from confirming import answer, consent, face, qualification
    from tasuki.eligibility.reading import read_messages
    from tasuki_server.confirmation import ask, bulk, line, models, take
    from tasuki_server.confirmation.information import take_information
    from tasuki_server.confirmation.reply import Reply
    from tasuki_server.patients.models import InsuranceRecord

    card = InsuranceRecord.objects.current().filter(patient=visit.patient).select_related("patient").first()
    line.set_line(models.LineKind.WEB)
    asked = ask.ask_record(card, visit=visit)
    at = timezone.now()
    given = consent("PharmacistsInfo", "薬剤情報", at, at + timedelta(hours=24))
    told = qualification(
        name=visit.patient.name, kana=visit.patient.kana, born_on=visit.patient.born, consents=(given,)
    )
    file, data = face(told)
    row = take.keep_answer(
        models.AnswerSource.CARD, file, data, take.opened(data, file), patient=visit.patient
    )
    models.Takeover.objects.create(answer=row, patient=visit.patient, item="who:name", change={"from": "", "to": visit.patient.name}, made_by=staff)  # fmt: skip
    bulk.begin_bulk(visit.day, "試験", [visit.patient])
    about = models.Inquiry.objects.create(
        purpose="drugs", identifier=asked.identifier[:-1] + "x", file=asked.file, data=b"x", patient=visit.patient,
        until_at=at + timedelta(hours=24), state="answered", made_by=staff,
    )  # fmt: skip
    held = answer(told)
    take_information(about, Reply(None, "", "", tuple(read_messages(held, file)), held, file))  # type: ignore[arg-type]
    models.EmergencyLook.objects.create(
        patient=visit.patient, visit=visit, words="意識がなく、薬が分からない", asked_by=staff, asked_at=at,
        until_at=at + timedelta(hours=1), review_due_on=at.date() + timedelta(days=3),
    )  # fmt: skip


def make_booked(visit: Any) -> None:
    """The person comes again in a week."""
    from datetime import time, timedelta

    from tasuki_server.reception.booking import Wish, book

    book(visit.patient, Wish(visit.day + timedelta(days=7), time(9, 30)))


def make_prescribed(visit: Any, staff: Any) -> None:
    """One row of everything an institution that registers prescriptions keeps; the chart of the visit is signed."""
    from uuid import uuid4

    from django.utils import timezone

    from prescription_service import AMLODIPINE, dispensing_text
    from tasuki.eligibility.xml_text import write_xml
    from tasuki.prescriptions.service.messages import service_answer
    from tasuki_server.eprescribing import consent, models, planning, setting, signer_setup
    from tasuki_server.institutions.work import current_institution_id

    where = str(current_institution_id())
    setting.set_used(is_on=True)
    setting.choose(visit, models.IssueType.PAPER, f"理由 {where}")
    (row,) = planning.plan(visit)
    models.DispensingResult.objects.create(
        registration=row, patient=visit.patient, dispensing_id=uuid4(), dispensed_on=visit.day, pharmacy=f"薬局 {where}",
        message=f"伝達 {where}", data=dispensing_text(AMLODIPINE),
    )  # fmt: skip
    consent.keep_consent(visit, models.ConsentKind.ORAL)
    models.CheckAnswer.objects.create(
        patient=visit.patient, visit=visit, asked="", consent=models.ConsentKind.ORAL, made_by=staff,
        data=write_xml(service_answer(None, timezone.now())),
    )  # fmt: skip
    signer_setup.keep_none(staff)
    models.SigningRequest.objects.create(
        patient=visit.patient, doctor=staff, digest=bytes(32), what=f"処方箋 {where}"
    )


def make_dispensed(staff: Any) -> None:
    """A prescription as a pharmacy received it, and the step taken with it."""
    from uuid import uuid4

    from tasuki_server.institutions.work import current_institution_id
    from tasuki_server.pharmacy.models import PharmacyStep, ReceivedPrescription, StepKind

    where = str(current_institution_id())
    received = ReceivedPrescription.objects.create(
        prescription=uuid4(), access_code="1234567890123456", issue_type="1", issued_on=date(2026, 6, 15),
        clinic_number="1319990010", clinic_name=f"架空医院 {where[:8]}", patient_name=f"架空 花子 {where[:8]}",
        identity=["06139463", "架空", "12345", "01", "19600606"], document=b"", earlier=[], received_by=staff,
    )  # fmt: skip
    PharmacyStep.objects.create(
        received=received, kind=StepKind.CHECKED, form_key=uuid4(), content={"found": []}, by=staff
    )


def make_shared(visit: Any, staff: Any) -> None:
    """One row of everything an institution that shares its charts keeps; the chart of the visit is signed."""
    from django.utils import timezone

    from tasuki_server.institutions.work import current_institution_id
    from tasuki_server.sharing import flags, local_codes, models, planning, results, setting
    from tasuki_server.sharing.local_names import lab_name

    where = str(current_institution_id())
    setting.set_used(is_on=True)
    line = results.Entered(f"検査 {where[:8]}", "5.4", "%", "", "", "血清", "")
    (row,) = results.keep_report(visit, [line], visit.arrived_at)
    local_codes.choose(lab_name(line.name, "%", "血清"), local_codes.NONE, read_version=0)
    flags.set_flags(
        visit.patient, models.Subject.RESULT, row.record_id, flags.Wanted(), f"理由 {where}", read_version=0
    )
    units = planning.plan(visit)
    assert units and models.SharedItem.objects.filter(unit=units[-1]).exists()
    written = models.WrittenDocument.objects.create(
        kind=models.UnitKind.REFERRAL, patient=visit.patient, visit=visit, recipient_number="1310000000",
        recipient_name=f"病院 {where[:8]}", contents={"purpose": f"目的 {where}", "complaint": "高血圧症"}, doctor=staff, day=visit.day,
    )  # fmt: skip
    arrived = models.ArrivedDocument.objects.create(
        document=f"Bundle/{where}", kind=models.UnitKind.REFERRAL, sender_number="1310000000", sender_name=f"病院 {where[:8]}",
        patient_name=f"架空 花子 {where[:8]}", patient=visit.patient, data=b"{}", written_at=timezone.now(),
    )  # fmt: skip
    models.SentLetter.objects.create(
        patient=visit.patient,
        document=written,
        consent="oral",
        answers=arrived,
        cancel_reason=f"理由 {where[:8]}",
    )
    draft = models.LetterDraft.objects.create(
        patient=visit.patient, visit=visit, staff=staff, kind=models.UnitKind.REFERRAL, contents={"purpose": f"下書き {where[:8]}"},
    )  # fmt: skip
    models.DraftFile.objects.create(
        patient=visit.patient, draft=draft, title=f"添付 {where[:8]}.pdf", data=b"%PDF-", size=5
    )
    models.OthersView.objects.create(
        patient=visit.patient, visit=visit, way=models.ViewWay.EMERGENCY, words=f"事情 {where[:8]}", asked_by=staff, review_due_on=visit.day,
    )  # fmt: skip
    models.Reconciled.objects.create(
        patient=visit.patient, information="condition", item_key="condition|c|n:1|", source=f"1310000000^Condition^{where[:8]}",
        source_number="1310000000", source_name=f"病院 {where[:8]}", title=f"病名 {where[:8]}", decision=models.Decision.KNOWN,
    )  # fmt: skip


def make_notified(visit: Any, staff: Any) -> None:
    """One row of everything that reporting a disease leaves: a draft, a signed notice handed in, a hint decided against."""
    from uuid import uuid4

    from tasuki_server.institutions.work import current_institution_id
    from tasuki_server.notifications import signing
    from tasuki_server.notifications.access import access_disease
    from tasuki_server.notifications.prefill import prefilled

    where = str(current_institution_id())
    measles, pertussis = access_disease("measles", visit), access_disease("pertussis", visit)
    signing.save_draft(visit, measles, prefilled(visit, measles, staff), staff, stamp=0)
    typed = prefilled(visit, pertussis, staff) | {
        "symptom": ["1"], "method_words": [f"臨床診断 {where}"], "cause_words": ["不明"], "cause.certainty": ["presumed"],
        "region": ["東京都"], "region.certainty": ["presumed"], "reporter.address": ["東京都架空区9-9-9"],
    }  # fmt: skip
    notice = signing.sign(visit, pertussis, typed, staff, is_confirmed=True)
    signing.submit(notice, "fax", f"保健所 {where[:8]}")
    signing.decide_hint(visit.patient_id, uuid4(), "syphilis", f"理由 {where}", is_dismissed=True)
