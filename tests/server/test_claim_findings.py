# SPDX-License-Identifier: Apache-2.0
"""指摘と作り直し — only what changed is checked again; findings are accepted, rules muted, receipts held, with reasons."""

from __future__ import annotations

from datetime import date

import pytest

from living_month import MONTH, live_a_month

pytestmark = pytest.mark.server
LATER = date(2026, 12, 1)


@pytest.fixture(scope="module")
def month(server):
    from tasuki_server.claims.making import make_claims

    visits = live_a_month(server.first)
    with server.first.work("clerk"):
        make_claims(MONTH)
    return visits


def test_only_the_receipts_that_changed_are_made_again(server, month):
    from tasuki_server.billing.draft import OwnItem
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.claims.making import make_claims, newest_build

    with server.first.work("clerk"):
        before = newest_build(MONTH)
        same = make_claims(MONTH)
        assert (same.receipt_count, same.reused_count) == (10, 10)
        assert [bytes(each.data) for each in same.files.order_by("payer")] == [
            bytes(each.data) for each in before.files.order_by("payer")
        ]
        settle_bill(month[0], read_version=1, reason="診断書", own_items=[OwnItem("診断書", 3300)])
        changed = make_claims(MONTH)
        assert changed.reused_count == 9
        assert [each.patient_id for each in changed.claims.filter(is_reused=False)] == [month[0].patient_id]
        assert make_claims(MONTH, is_whole=True).reused_count == 0


def _claims(server):
    from tasuki_server.claims.making import newest_build

    with server.first.work("clerk"):
        build = newest_build(MONTH)
        return list(build.claims.select_related("build", "patient"))


def _asking(server):
    """A receipt with a finding that asks; the made-up finding stands for one of the checks."""
    from tasuki_server.claims.models import BuiltClaim

    claim = _claims(server)[0]
    found = {
        "code": "UKE-L3-3148",
        "severity": "confirm",
        "record": "HO",
        "item": "3",
        "message": "記号は7〜8桁です。",
    }
    with server.first.work("clerk"):
        return BuiltClaim(
            build=claim.build, patient=claim.patient, key=claim.key, payer=claim.payer, findings=[found, _BLOCK]
        )  # fmt: skip


_BLOCK = {
    "code": "UKE-L2-2554",
    "severity": "block",
    "record": "SY",
    "item": "",
    "message": "傷病名がありません。",
}


def test_a_finding_is_accepted_for_its_sentence_and_its_months_alone(server, month):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims.decisions import accept_finding, end_decision, finding_mark, standing_in

    claim = _asking(server)
    found = claim.findings[0]
    with server.first.work("clerk"):
        for why, mark in (("  ", finding_mark(found)), ("確認した", "other")):
            with pytest.raises(BadInput):
                accept_finding(claim, found["code"], mark, why, MONTH)
        made = accept_finding(claim, found["code"], finding_mark(found), "原本で確認した", date(2026, 10, 1))
        assert standing_in(MONTH).open_confirms(claim) == []
        assert standing_in(date(2026, 10, 1)).of(claim.patient_id, found) == made
        assert standing_in(date(2026, 11, 1)).of(claim.patient_id, found) is None
        other = {**found, "message": "記号は7〜8桁です。（別の番号）"}
        assert standing_in(MONTH).of(claim.patient_id, other) is None
        end_decision(made, made.version, "誤り")
        assert standing_in(MONTH).open_confirms(claim) == [found]


def test_what_blocks_is_neither_accepted_nor_muted(server, month):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims.decisions import accept_finding, finding_mark, mute_rule, standing_in

    claim = _asking(server)
    with server.first.work("clerk"):
        with pytest.raises(BadInput) as refused:
            accept_finding(claim, _BLOCK["code"], finding_mark(_BLOCK), "出したい", MONTH)
        assert refused.value.findings[0].code == "CLM-0007"
        with pytest.raises(BadInput):
            mute_rule(_BLOCK["code"], ["block"], "出したい", MONTH, MONTH)
        mute_rule("UKE-L3-3148", ["confirm"], "組合の記号は6桁", MONTH, LATER)
        assert standing_in(MONTH).open_confirms(claim) == []
        assert standing_in(date(2027, 1, 1)).muted == {}
        with pytest.raises(BadInput):
            mute_rule("UKE-L3-3148", ["confirm"], "期間が逆", LATER, MONTH)


def test_a_receipt_is_held_back_and_goes_late(server, month):
    from tasuki.kernel.finding import BadInput
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.holding import hold_claim, release_claim
    from tasuki_server.claims.making import make_claims
    from tasuki_server.claims.models import SentClaim
    from tasuki_server.claims.sending import make_submission, plan_sending

    with server.first.work("clerk"):
        build = make_claims(MONTH)
        close_service_month(build)
        held = build.claims.select_related("build").filter(payer="2", is_left_out=False).first()
        with pytest.raises(BadInput):
            hold_claim(held, " ")
        hold_claim(held, "限度額認定証の提出待ち")
        with pytest.raises(BadInput):
            hold_claim(held, "もう一度")
        plan = next(each for each in plan_sending(date(2026, 10, 1)) if each.payer == "2")
        assert [each.id for each, _ in plan.held] == [held.id]
        sent = make_submission(date(2026, 10, 1), "2", "by_hand")
        assert not SentClaim.objects.filter(submission=sent, patient_id=held.patient_id).exists()
        release_claim(held, "提出された")
        late = next(each for each in plan_sending(date(2026, 11, 1)) if each.payer == "2")
        assert [each.id for each in late.late] == [held.id] and late.held == []
        with pytest.raises(BadInput) as refused:
            make_submission(date(2026, 11, 1), "2", "by_hand")
        assert refused.value.findings[0].code == "CLM-0014"


def test_the_pages_accept_hold_and_mute(server, month):
    from tasuki_server.claims.models import FindingDecision, HeldClaim

    browser = server.first.browser("clerk")
    claim = next(each for each in _claims(server) if each.payer == "1")
    assert browser.post(f"/claims/{claim.id}/hold/", {"why": ""}).status_code == 422
    assert browser.post(f"/claims/{claim.id}/hold/", {"why": "確認中"}).status_code == 302
    assert "月遅れ" in browser.get(f"/claims/{claim.id}/").content.decode()
    assert browser.post(f"/claims/{claim.id}/release/", {"why": "済んだ"}).status_code == 302
    code = next(each["code"] for each in claim.findings if each["severity"] == "advice")
    sent = {"month": "2026-09", "code": code, "since": "2026-09", "until": "2026-09"}
    assert browser.post("/claims/mute/", {**sent, "why": ""}).status_code == 422
    assert browser.post("/claims/mute/", {**sent, "why": "確認済み"}).status_code == 302
    assert browser.post("/claims/mute/", {**sent, "code": "UKE-NONE", "why": "?"}).status_code == 404
    assert "確認済み" in browser.get("/claims/?month=2026-09&view=rule").content.decode()
    assert (
        browser.post(f"/claims/{claim.id}/accept/", {"code": code, "mark": "x", "why": "?"}).status_code
        == 422
    )
    with server.first.work("clerk"):
        decision = FindingDecision.objects.current().get(code=code)
        assert HeldClaim.objects.filter(withdrawn=True).count() == 2
    assert browser.post(f"/claims/decisions/{decision.id}/end/", {"reason": "戻す"}).status_code == 302
    assert server.first.browser("doctor").post(f"/claims/{claim.id}/hold/", {"why": "?"}).status_code == 403


def test_a_receipt_is_shown_line_by_line_with_each_finding_beside_its_line(server, month):
    from tasuki_server.claims.making import newest_build

    with server.first.work("clerk"):
        claim = newest_build(MONTH).claims.filter(is_left_out=False).order_by("number").first()
        found = next(each for each in claim.findings if each["record"] == "SI")
        own = claim.records[found["line"] - 1]
        assert own[0] == "SI"
        name = claim.patient.name
    browser = server.first.browser("clerk")
    page = browser.get(f"/claims/{claim.id}/?show=advice&sort=points").content.decode()
    row = next(part for part in page.split("<tr") if found["message"] in part)
    assert f'<td class="number faint">{found["line"]}</td>' in row
    assert found["code"] in row and "出典" in row and "会計を開く" in row
    assert "/claims/?month=2026-09&amp;show=advice&amp;sort=points" in page
    assert "sheet.svg" not in page
    assert "sheet.svg" in browser.get(f"/claims/{claim.id}/?as=form").content.decode()
    check = browser.get(f"/claims/checks/{found['code']}/?month=2026-09").content.decode()
    assert name in check and "出典" in check
    assert browser.get("/claims/checks/UKE-NONE/").status_code == 404


def test_the_way_through_the_list_keeps_to_what_was_asked_for(server, month):
    from tasuki_server.claims.month_list import SORTS

    browser = server.first.browser("clerk")
    listed = [each for each in _claims(server) if each.payer == "1" and not each.is_left_out]
    for sort, _ in SORTS:
        page = browser.get(f"/claims/{listed[0].id}/?payer=1&sort={sort}").content.decode()
        assert f"/ {len(listed)}（絞り込み中）" in page
    outside = next(each for each in _claims(server) if each.payer == "2")
    assert (
        f"— / {len(listed)}（絞り込み中）" in browser.get(f"/claims/{outside.id}/?payer=1").content.decode()
    )
