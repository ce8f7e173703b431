# SPDX-License-Identifier: Apache-2.0
"""カルテ — drafts are atomic, signing is all or nothing, a clash shows both texts, Do keeps its origin."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from threading import Thread
from uuid import UUID

import pytest

from made_up import (
    AMLODIPINE,
    BLOOD_COUNT,
    LOXOPROFEN,
    REBAMIPIDE,
    TOKYO,
    make_insurance,
    make_patient,
    make_visit,
)

pytestmark = pytest.mark.server
MONDAY = datetime(2026, 6, 15, 9, 30, tzinfo=TOKYO)
TEXTS = {"subjective": "頭が痛い", "objective": "血圧 150/90", "assessment": "", "plan": "様子をみる"}


@pytest.fixture
def visit(server):
    """A visit of a new patient on an open Monday."""
    with server.first.work("doctor"):
        patient = make_patient("試験 太郎", "シケン タロウ")
        card = make_insurance(patient)
        return make_visit(patient, MONDAY, insurance_record=card.record_id)


@pytest.fixture
def doctor(server):
    """A browser of the doctor."""
    return server.first.browser("doctor")


def _post(browser, visit, part, data=None, **given):
    return browser.post(
        f"/{part.format(visit=visit.id)}", {**(data or {}), **given}, headers={"HX-Request": "true"}
    )


def _draft(server, visit):
    from tasuki_server.chart.models import Draft

    with server.first.work("doctor"):
        return Draft.objects.filter(visit=visit, staff=server.first.staff["doctor"]).first()


def _basket(server, visit):
    from tasuki_server.chart.draft import basket_of

    return basket_of(_draft(server, visit))


def _enter(browser, visit, *codes):
    for code in codes:
        assert _post(browser, visit, "orders/{visit}/add/", code=code).status_code == 200


def _prescribe(browser, server, visit, code=AMLODIPINE, amount="1", usage="1日1回 朝食後", count="28"):
    _enter(browser, visit, code)
    order = _basket(server, visit).orders[-1]
    index = len(order.items) - 1
    _post(browser, visit, f"orders/{{visit}}/{order.id}/{index}/", amount=amount)
    _post(browser, visit, f"orders/{{visit}}/{order.id}/", usage=usage)
    _post(browser, visit, f"orders/{{visit}}/{order.id}/", count=count)
    return order.id


def _sign(browser, visit, texts=TEXTS, **given):
    """As the page does: with the stamp it was drawn with."""
    page = browser.get(f"/chart/{visit.id}/?edit=1").content.decode()
    stamp = page.partition('name="text_stamp" value="')[2].partition('"')[0]
    return browser.post(f"/chart/{visit.id}/sign/", {"text_stamp": stamp, **texts, **given})


def _counts(server, visit):
    from tasuki_server.audit.models import AuditEvent, OutboxMessage
    from tasuki_server.chart.models import Note
    from tasuki_server.orders.models import PlacedOrder

    with server.first.work():
        return (
            Note.objects.filter(visit=visit).count(),
            PlacedOrder.objects.filter(visit=visit).count(),
            AuditEvent.objects.filter(action="chart.sign", patient_id=visit.patient_id).count(),
            OutboxMessage.objects.filter(topic="chart.signed", payload__visit=str(visit.id)).count(),
        )


def test_looking_at_a_chart_leaves_nothing_behind(server, visit, doctor):
    assert doctor.get(f"/chart/{visit.id}/").status_code == 200
    assert doctor.get(f"/chart/{visit.id}/preview/").status_code == 200
    assert _draft(server, visit) is None


def test_five_drugs_are_written_and_a_cancelled_draft_leaves_nothing(server, visit, doctor):
    for code in (AMLODIPINE, REBAMIPIDE, LOXOPROFEN):
        _prescribe(doctor, server, visit, code)
    assert [len(order.items) for order in _basket(server, visit).orders] == [1, 1, 1]
    assert doctor.post(f"/chart/{visit.id}/discard/").status_code == 302
    assert _draft(server, visit) is None
    assert _counts(server, visit) == (0, 0, 0, 0)


def test_drugs_typed_one_after_the_other_are_one_unit_until_the_usage(server, visit, doctor):
    _enter(
        doctor, visit, AMLODIPINE, REBAMIPIDE, "usage:1日3回 毎食後", LOXOPROFEN, "usage:痛い時", BLOOD_COUNT
    )
    orders = _basket(server, visit).orders
    assert [[item.code for item in order.items] for order in orders] == [
        [AMLODIPINE, REBAMIPIDE],
        [LOXOPROFEN],
        [BLOOD_COUNT],
    ]
    assert [order.kind.value for order in orders] == ["internal", "as_needed", "act"]
    assert [order.usage for order in orders] == ["1日3回 毎食後", "痛い時", ""]


def test_text_alone_adds_what_it_can_only_mean(server, visit, doctor):
    _post(doctor, visit, "orders/{visit}/add/", text=BLOOD_COUNT)
    assert [order.items[0].code for order in _basket(server, visit).orders] == [BLOOD_COUNT]
    answer = _post(doctor, visit, "orders/{visit}/add/", text="アムロジピン")
    assert "候補から選んでください" in answer.content.decode()
    answer = _post(doctor, visit, "orders/{visit}/add/", text="存在しない薬")
    assert "当てはまるものがありません" in answer.content.decode()
    assert len(_basket(server, visit).orders) == 1


@pytest.mark.parametrize("amount", ["0", "-1", "abc", "1e3", "１..２", "NaN", "9" * 20])
def test_an_impossible_amount_is_refused_and_nothing_changes(server, visit, doctor, amount):
    _enter(doctor, visit, AMLODIPINE)
    order = _basket(server, visit).orders[0]
    answer = _post(doctor, visit, f"orders/{{visit}}/{order.id}/0/", amount=amount)
    assert "数字を確かめてください" in answer.content.decode()
    assert _basket(server, visit).orders[0].items[0].amount is None


def test_acts_of_the_table_can_be_taken_back(server, visit, doctor):
    _enter(doctor, visit, AMLODIPINE, BLOOD_COUNT)
    order = _basket(server, visit).orders[0]
    _post(doctor, visit, f"orders/{{visit}}/{order.id}/remove/")
    assert len(_basket(server, visit).orders) == 1
    _post(doctor, visit, "orders/{visit}/undo/")
    assert [each.items[0].code for each in _basket(server, visit).orders] == [AMLODIPINE, BLOOD_COUNT]


def test_an_unfinished_order_blocks_signing_and_says_what_is_missing(server, visit, doctor):
    _enter(doctor, visit, AMLODIPINE)
    answer = _sign(doctor, visit)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "数量を入れてください" in page and "用法を入れてください" in page
    assert "頭が痛い" in page
    assert _counts(server, visit) == (0, 0, 0, 0)


def test_an_empty_draft_cannot_be_signed(server, visit, doctor):
    answer = _sign(doctor, visit, dict.fromkeys(TEXTS, ""))
    assert answer.status_code == 422
    assert "記載もオーダもありません" in answer.content.decode()


def test_signing_writes_note_orders_trail_and_outbox(server, visit, doctor):
    from tasuki_server.orders.models import PlacedOrder

    order_id = _prescribe(doctor, server, visit)
    answer = _sign(doctor, visit)
    assert answer.status_code == 302, answer.content.decode()
    assert _counts(server, visit) == (1, 1, 1, 1)
    assert _draft(server, visit) is None
    with server.first.work():
        placed = PlacedOrder.objects.get(visit=visit)
        assert str(placed.record_id) == order_id
        assert (placed.order().items[0].amount, placed.order().count) == (Decimal(1), 28)


@pytest.mark.parametrize("breaks", ["write_events", "write_messages"])
def test_signing_is_all_or_nothing(server, visit, monkeypatch, breaks):
    from tasuki_server.audit import trail

    browser = server.first.browser("doctor", raise_request_exception=False)
    _prescribe(browser, server, visit)
    before = _draft(server, visit)

    def fail(work):
        if any(event.action == "chart.sign" for event in work.events):
            raise RuntimeError("the disk is full")
        return original(work)

    original = getattr(trail, breaks)
    monkeypatch.setattr(trail, breaks, fail)
    assert _sign(browser, visit).status_code == 500
    monkeypatch.undo()
    assert _counts(server, visit) == (0, 0, 0, 0)
    after = _draft(server, visit)
    assert (after.orders, after.texts()) == (before.orders, before.texts())
    assert _sign(browser, visit).status_code == 302


def test_a_failure_between_note_and_orders_leaves_neither(server, visit, monkeypatch):
    from tasuki_server.chart import sign

    browser = server.first.browser("doctor", raise_request_exception=False)
    _prescribe(browser, server, visit)

    def fail(*given):
        raise RuntimeError("the connection is gone")

    monkeypatch.setattr(sign, "_write_order", fail)
    assert _sign(browser, visit).status_code == 500
    monkeypatch.undo()
    assert _counts(server, visit) == (0, 0, 0, 0)


def test_a_signed_note_changes_only_by_a_version_with_a_reason(server, visit, doctor):
    from tasuki_server.chart.models import Note

    _sign(doctor, visit)
    assert "訂正・追記を書く" in doctor.get(f"/chart/{visit.id}/").content.decode()
    changed = {**TEXTS, "plan": "1週間後に再診"}
    answer = _sign(doctor, visit, changed)
    assert answer.status_code == 422
    assert "訂正の理由を入れてください" in answer.content.decode()
    assert _sign(doctor, visit, changed, reason="追記").status_code == 302
    with server.first.work():
        notes = Note.objects.filter(visit=visit).order_by("version")
        assert [(note.version, note.plan, note.reason) for note in notes] == [
            (1, "様子をみる", ""),
            (2, "1週間後に再診", "追記"),
        ]
    versions = doctor.get(f"/chart/{visit.id}/versions/").content.decode()
    assert "様子をみる" in versions and "1週間後に再診" in versions and "追記" in versions


def test_a_save_that_comes_after_the_signature_leaves_no_draft(server, visit, doctor):
    page = doctor.get(f"/chart/{visit.id}/?edit=1").content.decode()
    stamp = page.partition('name="text_stamp" value="')[2].partition('"')[0]
    _sign(doctor, visit)
    assert _post(doctor, visit, "chart/{visit}/save/", TEXTS, text_stamp=stamp).status_code == 200
    assert _draft(server, visit) is None
    changed = {**TEXTS, "plan": "1週間後に再診"}
    assert _post(doctor, visit, "chart/{visit}/save/", changed, text_stamp=stamp).status_code == 200
    assert _draft(server, visit).plan == "1週間後に再診"
    stamp = str(_draft(server, visit).text_stamp)
    assert _post(doctor, visit, "chart/{visit}/save/", TEXTS, text_stamp=stamp).status_code == 200
    assert _draft(server, visit) is None


def test_orders_changed_after_signing_are_versions_and_withdrawals(server, visit, doctor):
    from tasuki_server.orders.models import PlacedOrder

    first = _prescribe(doctor, server, visit)
    _enter(doctor, visit, BLOOD_COUNT)
    _sign(doctor, visit)
    test_id = next(str(row.record_id) for row in _placed(server, visit) if row.kind == "act")
    _post(doctor, visit, f"orders/{{visit}}/{first}/", count="14")
    _post(doctor, visit, f"orders/{{visit}}/{test_id}/remove/")
    assert _sign(doctor, visit, reason="オーダの変更").status_code == 302
    with server.first.work():
        history = [(v.version, v.order().count) for v in PlacedOrder.objects.history(UUID(first))]
        assert history == [(1, 28), (2, 14)]
        assert PlacedOrder.objects.history(UUID(test_id)).last().withdrawn
        assert [str(row.record_id) for row in PlacedOrder.objects.current().filter(visit=visit)] == [first]


def test_who_signs_second_sees_both_texts_and_takes_over(server, visit, doctor):
    from tasuki.security.permissions import Role
    from tasuki_server.chart.models import Note
    from tasuki_server.institutions.models import Staff
    from tasuki_server.orders.models import PlacedOrder

    with server.first.work():
        Staff.objects.filter(pk=server.first.staff["nurse"].pk).update(roles=[Role.DOCTOR, Role.NURSE])
    other = server.first.browser("nurse")
    _prescribe(doctor, server, visit)
    _post(doctor, visit, "chart/{visit}/save/", {**TEXTS, "window": "a", "text_stamp": "1"})
    _enter(other, visit, BLOOD_COUNT)
    theirs = {**TEXTS, "subjective": "吐き気もある", "objective": ""}
    assert _sign(other, visit, theirs).status_code == 302
    answer = _sign(doctor, visit)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "吐き気もある" in page and "頭が痛い" in page and "追加されたオーダ: 末梢血液一般検査" in page
    merged = {**TEXTS, "subjective": "吐き気もある\n頭が痛い"}
    assert doctor.post(f"/chart/{visit.id}/merge/", {**merged, "onto": "1"}).status_code == 302
    assert _sign(doctor, visit, merged, reason="二人の記載を合わせた").status_code == 302
    with server.first.work():
        notes = Note.objects.filter(visit=visit).order_by("version")
        assert [note.subjective for note in notes] == ["吐き気もある", "吐き気もある\n頭が痛い"]
        codes = {row.order().items[0].code for row in PlacedOrder.objects.current().filter(visit=visit)}
        assert codes == {AMLODIPINE, BLOOD_COUNT}
        Staff.objects.filter(pk=server.first.staff["nurse"].pk).update(roles=[Role.NURSE])


def test_two_windows_of_one_person_clash_but_one_window_never_with_itself(server, visit, doctor):
    first = {**TEXTS, "window": "first"}
    assert _post(doctor, visit, "chart/{visit}/save/", first, text_stamp="1").status_code == 200
    # The same window typed on before the answer came: its stamp is old, its text is newer.
    assert (
        _post(doctor, visit, "chart/{visit}/save/", first, text_stamp="1", plan="薬を出す").status_code == 200
    )
    second = {**TEXTS, "window": "second", "plan": "検査をする"}
    answer = _post(doctor, visit, "chart/{visit}/save/", second, text_stamp="1")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "薬を出す" in page and "検査をする" in page
    assert _draft(server, visit).plan == "薬を出す"
    kept = {**TEXTS, "plan": "薬を出す\n検査をする"}
    assert (
        doctor.post(
            f"/chart/{visit.id}/keep-mine/", {**kept, "text_stamp": answer.context["draft"].text_stamp}
        ).status_code
        == 302
    )
    assert _draft(server, visit).plan == "薬を出す\n検査をする"


def test_strokes_at_the_same_moment_make_one_draft_and_lose_no_order(server, visit):
    browsers = [server.first.browser("doctor") for _ in range(6)]
    threads = [
        Thread(target=_post, args=(browser, visit, "orders/{visit}/add/", {"code": BLOOD_COUNT}))
        for browser in browsers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_basket(server, visit).orders) == 6


def test_do_copies_eight_drugs_with_their_origin_and_flags_what_changed(server, visit, doctor):
    from tasuki_server.orders.models import PlacedOrder

    with server.first.work("doctor"):
        earlier = make_visit(visit.patient, datetime(2024, 6, 17, 9, 0, tzinfo=TOKYO))
    for _ in range(4):
        _prescribe(doctor, server, earlier)
        _prescribe(doctor, server, earlier, REBAMIPIDE)
    assert _sign(doctor, earlier).status_code == 302
    panel = doctor.get(f"/orders/{visit.id}/do/").content.decode()
    assert panel.count("checked") == 8 and "autofocus" in panel
    originals = [str(row.record_id) for row in _placed(server, earlier)]
    answer = _post(doctor, visit, "orders/{visit}/do/copy/", record=originals)
    page = answer.content.decode()
    assert "Do 06/17" in page and "薬価が" in page
    copies = _basket(server, visit).orders
    assert [order.copied_from for order in copies] == originals
    assert not {order.id for order in copies} & set(originals)
    assert _sign(doctor, visit).status_code == 302
    with server.first.work():
        rows = PlacedOrder.objects.filter(visit=visit).order_by("position")
        assert [str(row.origin) for row in rows] == originals


def test_another_patients_orders_are_not_copied(server, visit, doctor):
    with server.first.work("doctor"):
        other = make_visit(make_patient("他人 花子", "タニン ハナコ"), MONDAY)
    _prescribe(doctor, server, other)
    _sign(doctor, other)
    originals = [str(row.record_id) for row in _placed(server, other)]
    answer = _post(doctor, visit, "orders/{visit}/do/copy/", record=[*originals, "no-id"])
    assert "選ばれていません" in answer.content.decode()


def test_text_copied_from_an_earlier_note_keeps_its_author(server, visit, doctor):
    from tasuki_server.chart.models import Note

    with server.first.work("doctor"):
        earlier = make_visit(visit.patient, MONDAY - timedelta(days=28))
    _sign(doctor, earlier, {**TEXTS, "subjective": "以前の訴え"})
    with server.first.work():
        note = Note.objects.get(visit=earlier)
    given = {**TEXTS, "subjective": "今日の訴え", "window": "w", "text_stamp": "1", "part": ["subjective"]}
    page = _post(doctor, visit, f"chart/{{visit}}/copy/{note.id}/", given).content.decode()
    assert "今日の訴え\n以前の訴え" in page
    _sign(doctor, visit, _draft(server, visit).texts())
    with server.first.work():
        signed = Note.objects.get(visit=visit)
        assert signed.copied_from[0]["note"] == str(note.id)
        assert signed.copied_from[0]["author"] == server.first.staff["doctor"].name


def test_a_contraindicated_drug_waits_for_a_reason_which_is_kept(server, visit, doctor):
    from tasuki_server.chart.page import basket_state
    from tasuki_server.orders.models import WarningOverride
    from tasuki_server.patients.records import add_allergy

    with server.first.work("doctor"):
        add_allergy(
            visit.patient,
            substance="ロキソニン",
            drug_code="620098801",
            severity="contraindicated",
            noted_on=visit.day,
        )
    _prescribe(doctor, server, visit, LOXOPROFEN)
    answer = _sign(doctor, visit)
    assert answer.status_code == 422
    assert "禁忌: ロキソニン の記録があります" in answer.content.decode()
    with server.first.work("doctor"):
        warning = basket_state(visit, _draft(server, visit)).warnings[0]
    assert (
        "理由を入れて" in _post(doctor, visit, "orders/{visit}/override/", key=warning.key).content.decode()
    )
    _post(doctor, visit, "orders/{visit}/override/", key=warning.key, reason="他に薬がない")
    assert _sign(doctor, visit).status_code == 302
    with server.first.work():
        kept = WarningOverride.objects.get(visit=visit)
        assert (kept.reason, kept.made_by_id) == ("他に薬がない", server.first.staff["doctor"].id)
        assert (kept.code, kept.facts["substance"]) == ("RX-A-10", "ロキソニン")


def test_the_preview_calculates_the_unsaved_visit_and_gives_reasons(server, visit, doctor):
    page = doctor.get(f"/chart/{visit.id}/preview/").content.decode()
    assert "初診料" in page and "医科点数表 A000" in page
    _enter(doctor, visit, BLOOD_COUNT)
    with_test = doctor.get(f"/chart/{visit.id}/preview/").content.decode()
    assert "末梢血液一般検査" in with_test and "血液学的検査判断料" in with_test
    assert _counts(server, visit) == (0, 0, 0, 0)


def test_a_draft_of_an_earlier_visit_is_moved_or_thrown_away_first(server, visit, doctor):
    with server.first.work("doctor"):
        later = make_visit(visit.patient, MONDAY + timedelta(days=7))
    _post(doctor, visit, "chart/{visit}/save/", {**TEXTS, "window": "w", "text_stamp": "1"})
    page = doctor.get(f"/chart/{later.id}/").content.decode()
    assert "署名していない下書きがあります" in page and "<textarea" not in page
    doctor.post(f"/chart/{later.id}/move-draft/")
    assert _draft(server, visit) is None
    assert _draft(server, later).texts() == TEXTS


def test_anothers_draft_is_taken_over_with_the_name_of_its_author(server, visit, doctor):
    nurse = server.first.browser("nurse")
    _post(
        nurse,
        visit,
        "chart/{visit}/save/",
        {**TEXTS, "subjective": "熱 38.2℃", "window": "n", "text_stamp": "1"},
    )
    page = doctor.get(f"/chart/{visit.id}/").content.decode()
    assert "さんの下書きがあります" in page
    from tasuki_server.chart.models import Draft

    with server.first.work():
        source = Draft.objects.get(visit=visit, staff=server.first.staff["nurse"])
    doctor.post(f"/chart/{visit.id}/take-over/{source.id}/")
    mine = _draft(server, visit)
    assert mine.subjective == "熱 38.2℃"
    assert mine.copied_from[0]["draft_of"] == server.first.staff["nurse"].name


def test_diseases_are_added_by_words_marked_closed_and_taken_back(server, visit, doctor):
    from tasuki_server.chart.models import DiagnosisRecord

    def act(row, **given):
        return _post(
            doctor, visit, f"chart/{{visit}}/diagnoses/{row.record_id}/", version=str(row.version), **given
        )

    def row():
        with server.first.work():
            return DiagnosisRecord.objects.filter(patient=visit.patient).latest("made_at")

    waiting = _post(doctor, visit, "chart/{visit}/diagnoses/", code="8002").content.decode()
    assert 'name="modifier" value="8002"' in waiting
    _post(doctor, visit, "chart/{visit}/diagnoses/", code="8833421", modifier=["8002"])
    assert (row().name, row().is_suspected) == ("高血圧症の疑い", True)
    act(row(), act="suspected")
    assert (row().name, row().is_suspected) == ("高血圧症", False)
    act(row(), act="main")
    assert row().is_main
    assert "開始日より前" in act(row(), act="2", ended_on="2026-06-01").content.decode()
    act(row(), act="2", ended_on="2026-06-20")
    assert (row().outcome, str(row().ended_on)) == ("2", "2026-06-20")
    act(row(), act="undo")
    assert (row().outcome, row().ended_on, row().is_main) == ("1", None, True)
    stale = row()
    act(stale, act="main")
    assert act(stale, act="main").status_code == 409


def test_own_page_with_a_foreign_row_is_not_found(server, visit):
    """Two identifiers in one address: mine and another institution's."""
    from made_up import make_history
    from tasuki_server.chart.models import DiagnosisRecord, Note

    with server.second.work("doctor"):
        foreign = make_visit(make_patient("遠い 人", "トオイ ヒト"), MONDAY)
        make_history(foreign, server.second.staff["doctor"])
        note = Note.objects.get()
        disease = DiagnosisRecord.objects.get()
    doctor = server.first.browser("doctor")
    for path in (f"copy/{note.id}", f"diagnoses/{disease.record_id}", f"take-over/{note.id}"):
        assert doctor.post(f"/chart/{visit.id}/{path}/", {**TEXTS, "version": "1"}).status_code == 404


def test_a_day_without_a_fee_table_is_said_not_guessed(server, doctor):
    with server.first.work("doctor"):
        patient = make_patient("昔 太郎", "ムカシ タロウ")
        old = make_visit(patient, datetime(2020, 4, 1, 9, 0, tzinfo=TOKYO))
    answer = doctor.get(f"/chart/{old.id}/")
    assert answer.status_code == 400
    assert "この日の点数表がありません" in answer.content.decode()


def _placed(server, visit):
    from tasuki_server.orders.models import PlacedOrder

    with server.first.work():
        return list(PlacedOrder.objects.current().filter(visit=visit).order_by("position"))


DAYS_OF_PHONE_CALLS, CHEST, REMARK = "840000001", "820181220", "810000001"


def test_a_comment_joins_the_order_above_and_says_what_to_write(server, visit, doctor):
    answer = _post(doctor, visit, "orders/{visit}/add/", code=REMARK).content.decode()
    assert "先にオーダを入れてください" in answer
    _enter(doctor, visit, BLOOD_COUNT, CHEST, DAYS_OF_PHONE_CALLS)
    order = _basket(server, visit).orders[0]
    assert order.comments == ((CHEST, ""), (DAYS_OF_PHONE_CALLS, ""))
    table = doctor.get(f"/chart/{visit.id}/").content.decode()
    assert "撮影部位（単純撮影）：胸部" in table
    assert "の内容を入れてください" in table

    place = f"orders/{{visit}}/{order.id}/comment/1/"
    assert "数字だけで入れてください" in _post(doctor, visit, place, text="三").content.decode()
    refused = _post(doctor, visit, place, text="123").content.decode()
    assert "数字2桁で入れてください" in refused
    assert _basket(server, visit).orders[0].comments[1] == (DAYS_OF_PHONE_CALLS, "")
    _post(doctor, visit, place, text="０３")
    assert _basket(server, visit).orders[0].comments[1] == (DAYS_OF_PHONE_CALLS, "03")

    _post(doctor, visit, f"orders/{{visit}}/{order.id}/comment/0/", remove="yes")
    assert _basket(server, visit).orders[0].comments == ((DAYS_OF_PHONE_CALLS, "03"),)
    _post(doctor, visit, "orders/{visit}/undo/")
    assert len(_basket(server, visit).orders[0].comments) == 2


def test_the_site_of_a_film_is_asked_kept_and_read_in_the_past_note(server, visit, doctor):
    _enter(doctor, visit, "170000410")
    order = _basket(server, visit).orders[0]
    table = doctor.get(f"/chart/{visit.id}/").content.decode()
    assert f"o-{order.id}-site" in table
    _post(doctor, visit, f"orders/{{visit}}/{order.id}/", site="右膝")
    assert _basket(server, visit).orders[0].site == "右膝"
    assert 'value="右膝"' in doctor.get(f"/chart/{visit.id}/").content.decode()


def test_comments_are_found_by_their_words(server, visit, doctor):
    found = doctor.get(f"/orders/{visit.id}/search/?text=撮影部位").content.decode()
    assert "<small>コメント" in found
    assert 'value="8' in found


def test_what_is_not_signed_stands_on_the_first_page_until_it_is(server, visit, doctor):
    assert _post(doctor, visit, "chart/{visit}/save/", TEXTS, text_stamp="1").status_code == 200
    assert "署名していない記載 <b>" in doctor.get("/").content.decode()
    assert f"/chart/{visit.id}/" in doctor.get("/chart/drafts/").content.decode()
    assert "署名していない記載 <b>" not in server.first.browser("clerk").get("/").content.decode()
    assert _sign(doctor, visit).status_code == 302
    assert f"/chart/{visit.id}/" not in doctor.get("/chart/drafts/").content.decode()
