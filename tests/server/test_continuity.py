# SPDX-License-Identifier: Apache-2.0
"""復旧計画の画面 — a proposal that becomes one's own, changes in versions, and conflicts in words."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.server

PAGE = "/continuity/"


@pytest.fixture(scope="module")
def clinic(server):
    return server.first


def text_of(answer):
    return answer.content.decode()


def rows(clinic):
    from tasuki_server.continuity.plan import rows_of_plan

    with clinic.work():
        return {each.code: each for each in rows_of_plan()}


def change(clinic, which, /, **given):
    """The form as the page shows it, with something changed."""
    row = rows(clinic)[which]
    names = (
        "code",
        "name",
        "priority",
        "needs",
        "back_by_minutes",
        "to_point",
        "responsible",
        "paper",
        "act",
    )
    sent = (
        {name: getattr(row, name) for name in names}
        | {"read_version": row.version, "reason": "見直し"}
        | given
    )
    return clinic.browser("admin").post(f"{PAGE}systems/{row.id}/", sent)


def test_without_a_plan_the_proposal_is_shown_as_one(clinic):
    page = text_of(clinic.browser("nurse").get(PAGE))
    assert "これは案です" in page and "停止時ビューア" in page and "この案から始める" not in page
    assert page.index("データベース") < page.index("サインインと二要素認証") < page.index("統計・二次利用")


def test_only_an_administrator_adopts_and_changes(clinic):
    nurse = clinic.browser("nurse", raise_request_exception=False)
    assert nurse.post(f"{PAGE}adopt/").status_code == 403
    assert nurse.get(f"{PAGE}systems/new/").status_code == 403
    assert rows(clinic) == {}


def test_the_proposal_is_adopted_once(clinic):
    browser = clinic.browser("admin")
    assert browser.post(f"{PAGE}adopt/").status_code == 302
    assert browser.post(f"{PAGE}adopt/").status_code == 302
    assert len(rows(clinic)) == 10
    page = text_of(browser.get(PAGE))
    assert "これは案です" not in page and "担当が決まっていません" in page


def test_a_p1_that_needs_a_p3_is_shown_and_undone(clinic):
    assert change(clinic, "care", needs=["database", "portal"]).status_code == 302
    page = text_of(clinic.browser("doctor").get(PAGE))
    assert "優先度の低い地域連携・患者の画面（P3）を必要としています" in page and "成り立たない" in page
    assert change(clinic, "care", needs=["database", "sign-in"]).status_code == 302
    assert "成り立たない" not in text_of(clinic.browser("doctor").get(PAGE))
    with clinic.work():
        from tasuki_server.continuity.models import RecoverySystem

        record = rows(clinic)["care"].record_id
        assert [each.version for each in RecoverySystem.objects.history(record)] == [1, 2, 3]


def test_a_ring_is_named(clinic):
    change(clinic, "masters", needs=["billing"])
    page = text_of(clinic.browser("doctor").get(PAGE))
    assert "互いに待ち合っていて、順序が決まりません: 会計・レセプト → マスター → 会計・レセプト" in page
    assert "順序が決まらないもの" in page
    change(clinic, "masters", needs=[])


def test_a_change_from_an_old_version_is_told_and_nothing_is_lost(clinic):
    answer = change(clinic, "viewer", read_version=99, responsible="院長")
    assert answer.status_code == 409
    assert "ほかの人が先に変えました" in text_of(answer) and "院長" in text_of(answer)
    assert rows(clinic)["viewer"].responsible == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"code": "DB 1"}, "半角の英小文字"),
        ({"code": "database"}, "ほかのシステムが使っています"),
        ({"back_by_minutes": ""}, "いつまでに戻すか（分）を入れてください"),
        ({"back_by_minutes": "0"}, "1分以上にしてください"),
        ({"to_point": ""}, "どの時点まで戻すかを入れてください"),
        ({"reason": ""}, "変更の理由を入れてください"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(clinic, given, told):
    answer = change(clinic, "viewer", **given)
    assert answer.status_code == 422
    assert told in text_of(answer)


def test_a_system_is_added_and_taken_out_again(clinic):
    browser = clinic.browser("admin")
    new = {"code": "phone", "name": "電話", "priority": "P1", "back_by_minutes": 3, "to_point": "通話できる"}
    assert browser.post(f"{PAGE}systems/new/", new).status_code == 302
    assert "電話" in text_of(browser.get(PAGE))
    assert change(clinic, "phone", do="withdraw").status_code == 302
    assert "phone" not in rows(clinic)


def test_another_institution_has_its_own(server, clinic):
    row = rows(clinic)["care"]
    other = server.second.browser("admin", raise_request_exception=False)
    assert "これは案です" in text_of(other.get(PAGE))
    assert other.get(f"{PAGE}systems/{row.id}/").status_code == 404


def test_every_act_is_in_the_trail(clinic):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        acts = set(AuditEvent.objects.values_list("action", flat=True))
    assert {
        "recovery_plan.read", "recovery_plan.adopt", "recovery_plan.add", "recovery_plan.revise",
        "recovery_plan.withdraw",
    } <= acts  # fmt: skip


def test_a_card_is_shown_once_and_can_be_stopped(clinic):
    browser = clinic.browser("doctor")
    assert "開封カードはまだありません" in text_of(browser.get(f"{PAGE}card/"))
    page = text_of(browser.post(f"{PAGE}card/"))
    code = page.partition('class="card-code">')[2].partition("<")[0]
    assert len(code) == 24
    assert code not in text_of(browser.get(f"{PAGE}card/"))
    listed = text_of(clinic.browser("admin").get(f"{PAGE}cards/"))
    assert "医師 花子" in listed and "使える" in listed and "写しはまだありません" in listed
    from tasuki_server.continuity.models import ViewerCard

    with clinic.work():
        card = ViewerCard.objects.get()
    assert clinic.browser("admin").post(f"{PAGE}cards/{card.id}/stop/").status_code == 302
    assert "停止" in text_of(clinic.browser("admin").get(f"{PAGE}cards/"))
    assert "停止中" in text_of(browser.get(f"{PAGE}card/"))


def test_who_may_not_read_charts_makes_no_card(clinic):
    for role in ("reception", "admin"):
        assert clinic.browser(role, raise_request_exception=False).post(f"{PAGE}card/").status_code == 403


def test_a_card_asks_the_second_factor_again(clinic):
    answer = clinic.browser("doctor", proved=False).post(f"{PAGE}card/")
    assert "card-code" not in text_of(answer)
