# SPDX-License-Identifier: Apache-2.0
"""保険者の画面 — what came for an insurer's own insured: looked for, read over the years, taken as files; and for nobody else."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from records import Asker
from sharing.made_up_checkups import NUMBERS, report
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.checkups import build_report, facts_of, open_archive, read_checkup_xml, read_report
from tasuki.sharing.checkups.values import InsuredNumber, PersonName

pytestmark = pytest.mark.server
OWN, OTHER = "00999999", "00888888"


def made(
    sender,
    number,
    branch,
    *,
    insurer=OWN,
    kanji="架空　花子",
    kana="カクウ　ハナコ",
    held=None,
    program="010",
):
    """A report of a made-up person, as a clinic registers it."""
    whole = report()
    examinee = replace(
        whole.examinee,
        insured=InsuredNumber(insurer, "架空", "００１", branch),
        kanji=PersonName(kanji),
        kana=PersonName(kana),
    )
    day = held or whole.held_on
    own = replace(NUMBERS, bundle=f"{sender.number}^2026^{number}")
    changed = replace(whole, examinee=examinee, numbers=own, held_on=day, ended_on=None, program=program)
    return json.loads(to_json(build_report(changed)))


@pytest.fixture(scope="module")
def desk(server):
    """Two insurers, a person of each who signs in, and reports for both."""
    from tasuki_server.platform.house import close_house
    from tasuki_server.records.opening import add_clerk

    clinic, hospital = Asker("9990141", "架空医院"), Asker("9990142", "仮想病院")
    own, other = (
        Asker("0999999", "架空健康保険組合", "8", "00"),
        Asker("0888888", "別の健康保険組合", "8", "00"),
    )
    add_clerk(server.first.users["insurer"].pk, "保険 まもる", own.row)
    add_clerk(server.second.users["insurer"].pk, "組合 みのる", other.row)
    sent = {
        "old": made(clinic, "A-1", "11", held=date(2025, 6, 10)),
        "new": made(hospital, "A-2", "11", held=date(2026, 6, 15)),
        "elder": made(clinic, "A-3", "12", kanji="髙橋　一郎", kana="タカハシ　イチロウ"),
        "other": made(clinic, "B-1", "21", insurer=OTHER, kanji="別人　次郎", kana="ベツジン　ジロウ"),
    }
    ids = {}
    for name, bundle in sent.items():
        told = (hospital if name == "new" else clinic)("POST", "records/checkups", bundle)
        assert told.status == 200, told.value
        ids[name] = told.value["id"]
    yield server, ids, sent
    close_house()


def words(answer, status=200):
    assert answer.status_code == status, answer.status_code
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))


def opened(answer):
    return re.findall(r"/insurer/checkups/([0-9a-f-]{36})/", answer.content.decode())


def test_the_list_is_of_its_own_insured_alone(desk):
    server, ids, _ = desk
    answer = server.first.browser("insurer").get("/insurer/checkups/")
    text = words(answer)
    assert "3件" in text and "架空健康保険組合" in text and "別人" not in text
    assert opened(answer) == [ids["elder"], ids["new"], ids["old"]]
    theirs = server.second.browser("insurer").get("/insurer/checkups/")
    assert opened(theirs) == [ids["other"]] and "架空 花子" not in words(theirs).replace("　", " ")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("words=高橋", ["elder"]),
        ("words=はなこ", ["new", "old"]),
        ("words=仮想病院", ["new"]),
        ("words=１２", ["elder"]),
        ("words=別人", []),
        ("kind=特定健診", ["elder", "new", "old"]),
        ("kind=事業主健診", []),
        ("period=held&since=2026-01-01", ["elder", "new"]),
        ("period=held&until=2025-12-31", ["old"]),
        ("until=2020-01-01", []),
        ("order=day", ["new", "elder", "old"]),
        ("order=name", ["new", "old", "elder"]),
        ("since=いつか&page=999999&order=colour&kind=colour", ["elder", "new", "old"]),
    ],
)
def test_reports_are_looked_for_and_put_in_order(desk, asked, found):
    server, ids, _ = desk
    answer = server.first.browser("insurer").get(f"/insurer/checkups/?{asked}")
    if "order=day" in asked:
        assert opened(answer)[-1] == ids["old"]
    else:
        assert opened(answer) == [ids[each] for each in found]
    if not found:
        assert "条件に合う健診結果はありません" in words(answer)


def test_one_report_shows_labels_and_the_years_beside_each_other(desk):
    server, ids, _ = desk
    answer = server.first.browser("insurer").get(f"/insurer/checkups/{ids['new']}/")
    text = words(answer)
    for told in ("身長", "162.3 cm", "特定健診", OWN, "仮想病院", "経年変化", "2025-06-10", "2026-06-15"):
        assert told in text, told
    assert "<svg" in answer.content.decode()
    alone = words(server.first.browser("insurer").get(f"/insurer/checkups/{ids['elder']}/"))
    assert "くらべられる前の健診結果は届いていません" in alone


def test_a_number_that_a_family_shares_sets_nobody_elses_results_beside(desk):
    """枝番のない番号: the results of the father are no course of his daughter's."""
    server, _, _ = desk
    clinic = Asker("9990141", "架空医院")
    family = [
        ("C-1", {"held": date(2024, 6, 1)}),
        ("C-2", {"held": date(2025, 6, 1), "kanji": "架空　太郎", "kana": "カクウ　タロウ"}),
        ("C-3", {"held": date(2026, 6, 1), "kana": "ｶｸｳ ﾊﾅｺ"}),
    ]
    ids = {}
    for number, more in family:
        told = clinic("POST", "records/checkups", made(clinic, number, "", **more))
        assert told.status == 200, told.value
        ids[number] = told.value["id"]
    answer = server.first.browser("insurer").get(f"/insurer/checkups/{ids['C-3']}/")
    text = words(answer)
    assert "2024-06-01" in text and "2026-06-01" in text and "2025-06-01" not in text
    assert ids["C-1"] in opened(answer) and ids["C-2"] not in opened(answer)


def test_the_files_are_what_was_sent(desk):
    server, ids, sent = desk
    browser = server.first.browser("insurer")
    fhir = browser.get(f"/insurer/checkups/{ids['new']}/fhir/")
    assert json.loads(fhir.content) == sent["new"] and fhir["Content-Type"] == "application/fhir+json"
    packed = browser.get(f"/insurer/checkups/{ids['new']}/v08/")
    archive = open_archive(packed.content)
    assert archive.findings == () and archive.folder.split("_")[1] == OWN
    assert f"{archive.folder}.zip" in packed["Content-Disposition"]
    ((_, xml),) = archive.results()
    before, after = facts_of(read_report(fhir.content).checkup), facts_of(read_checkup_xml(xml).checkup)
    results = {name: text for name, text in before.items() if "結果" in name or "身長" in name}
    assert results and all(after.get(name) == text for name, text in results.items())


@pytest.mark.parametrize("end", ["", "fhir/", "v08/"])
def test_nobody_reads_what_came_for_another(desk, end):
    server, ids, _ = desk
    path = f"/insurer/checkups/{ids['other']}/{end}"
    assert server.second.browser("insurer").get(path).status_code == 200
    assert server.first.browser("insurer").get(path).status_code == 404
    for role in ("doctor", "admin", "examiner", "clerk"):
        assert server.first.browser(role).get(path).status_code == 403


def test_neither_the_role_nor_an_ended_or_stopped_one_opens_the_list(desk):
    from tasuki_server.platform.models import ConnectedInstitution
    from tasuki_server.records.models import InsurerClerk
    from tasuki_server.records.opening import NoInsurer, add_clerk, end_clerk

    server, _, _ = desk
    user = server.first.users["insurer"]
    browser = server.first.browser("insurer")
    row = InsurerClerk.objects.get(user_id=user.pk)
    insurer = ConnectedInstitution.objects.get(pk=row.connected_id)
    assert end_clerk(user.pk, timezone.now()) and not end_clerk(user.pk, timezone.now())
    assert browser.get("/insurer/checkups/").status_code == 404
    add_clerk(user.pk, "保険 まもる", insurer)
    assert browser.get("/insurer/checkups/").status_code == 200
    ConnectedInstitution.objects.filter(pk=insurer.pk).update(revoked_at=timezone.now())
    assert browser.get("/insurer/checkups/").status_code == 404
    ConnectedInstitution.objects.filter(pk=insurer.pk).update(revoked_at=None)
    with pytest.raises(NoInsurer):
        add_clerk(user.pk, "保険 まもる", ConnectedInstitution.objects.get(name="架空医院"))


def test_files_ask_the_second_factor_again_and_lists_do_not(desk):
    server, ids, _ = desk
    stale = server.first.browser("insurer", proved=False)
    assert stale.get("/insurer/checkups/").status_code == 200
    asked = stale.get(f"/insurer/checkups/{ids['new']}/v08/")
    assert asked.status_code in (302, 401) and asked["Content-Type"] != "application/zip"


def test_each_look_is_recorded_on_both_sides(desk):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.platform.models import ServiceEvent
    from tasuki_server.records.asked import person_id
    from tasuki_server.records.models import Checkup

    server, ids, _ = desk
    person = Checkup.objects.get(pk=ids["elder"]).person
    events = ServiceEvent.objects.filter(person_id=person_id(person), operation="records.read-checkups")
    before = events.count()
    browser = server.first.browser("insurer")
    browser.get("/insurer/checkups/?words=高橋")
    browser.get(f"/insurer/checkups/{ids['elder']}/")
    browser.get(f"/insurer/checkups/{ids['elder']}/fhir/")
    browser.get(f"/insurer/checkups/{ids['other']}/")
    assert events.count() == before + 3
    assert {each.caller.name for each in events} == {"架空健康保険組合"}
    assert [each.detail["page"] for each in events.order_by("-id")[:3]] == ["fhir", "report", "list"]
    with server.first.work("admin"):
        acts = list(AuditEvent.objects.order_by("-number").values_list("action", flat=True)[:8])
    assert {"insurer.list", "insurer.read", "insurer.take"} <= set(acts)


def test_what_is_past_its_years_is_neither_listed_nor_opened(desk):
    from tasuki_server.records.models import Checkup

    server, ids, _ = desk
    browser = server.first.browser("insurer")
    row = Checkup.objects.filter(pk=ids["old"])
    (registered,) = row.values_list("registered_at", flat=True)
    row.update(registered_at=timezone.now() - timedelta(days=5 * 366 + 1))
    try:
        assert ids["old"] not in opened(browser.get("/insurer/checkups/"))
        assert browser.get(f"/insurer/checkups/{ids['old']}/").status_code == 404
    finally:
        row.update(registered_at=registered)


def test_the_heads_of_older_reports_are_made_from_their_bodies(desk):
    from importlib import import_module
    from types import SimpleNamespace

    from django.apps import apps

    from tasuki_server.records.models import Checkup

    _, ids, _ = desk
    row = Checkup.objects.filter(pk=ids["elder"])
    whole = row.values("kind", "name", "kana", "words").get()
    row.update(kind="", name="", kana="", words="")
    move = import_module("tasuki_server.records.migrations.0004_checkup_heads")
    move.fill_heads(apps, SimpleNamespace(connection=SimpleNamespace(alias="platform")))
    assert row.values("kind", "name", "kana", "words").get() == whole
