# SPDX-License-Identifier: Apache-2.0
"""健診結果の一巡 — a clinic registers a V08 package; the insurer finds and takes it; another doctor sees it over the years under the
consent of the reader; the person sees it, and who looked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sharing.made_up_checkups import DOCTOR, checkup
from tasuki.sharing.checkups import facts_of, open_archive, read_checkup_xml, write_archive
from tasuki.sharing.checkups.values import CheckupInstitution, InsuredNumber, PersonName

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
OURS = CheckupInstitution("1319990010", "たすき内科クリニック", "100-0000", "東京都架空区1", "03-0000-0000")
INSURER = "試験健康保険組合"


def _arrive(desk: Page, card: str) -> str:
    """The card is held to the reader with a yes to everything, and who it is is received; gives the name."""
    desk.goto("/confirmation/reader/")
    options = desk.locator(f"#card option[value='{card}']")
    who = str(options.text_content()).partition("（")[0] if options.count() else ""
    if who:
        desk.select_option("#card", card)
    else:
        desk.fill("#card", card)
    with desk.expect_navigation():
        desk.keyboard.press("F8")
    desk.goto("/reception/")
    expect(desk.locator(".arrivals li, .arrivals tr").first).to_be_visible(timeout=20_000)
    desk.keyboard.press("F6")
    desk.wait_for_url("**/confirmation/answers/**")
    desk.keyboard.press("F8")
    desk.wait_for_url("**/reception/")
    expect(desk.locator(".messages")).to_contain_text("患者番号")
    return who.replace("　", " ")


def _insured(desk: Page) -> tuple[InsuredNumber, str]:
    """The insured number and the birthday on the page of the patient who was received just now."""
    told = re.search(r"患者番号\D*([0-9]+)", desk.locator(".messages").inner_text())
    assert told is not None
    desk.goto(f"/patients/{told[1]}/")
    text = desk.locator("main").inner_text()
    insurer = re.search(r"\b([0-9]{8}|[0-9]{6})\b", text)
    card = re.search(r"(?:([^\s・]+)・)?([0-9]+)(?:（枝番 ([0-9]{2})）)? (?:本人|家族)", text)
    born = re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
    assert insurer and card and born, text
    number = InsuredNumber(insurer[1].rjust(8, "0"), card[1] or "", card[2], card[3] or "")
    return number, born[0]


def _package(insured: InsuredNumber, born: str, folder: Path) -> Path:
    """Two years of checkups of one person, as a clinic sends them to the insurer."""
    results = []
    for held in (date(2025, 6, 10), date(2026, 6, 15)):
        made = checkup(author=OURS, performer=OURS, held_on=held)
        who = replace(
            made.examinee,
            insured=insured,
            kana=PersonName("ケンシン タロウ"),
            born_on=date.fromisoformat(born),
        )
        results.append(replace(made, examinee=who))
    written = write_archive(results, insured.insurer, date(2026, 6, 30))
    path = folder / written.name
    path.write_bytes(written.data)
    return path


def _open_chart(page: Page, name: str) -> str:
    page.goto("/reception/")
    row = page.locator("#board tr", has_text=re.compile(name.replace(" ", r"\s*")))
    row.locator("[data-row]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/chart/**")
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _open_portal(phone: Page, code: str, born: str) -> None:
    """A telephone with a fingerprint sensor as far as the browser knows registers a passkey by a code."""
    wire = phone.context.new_cdp_session(phone)
    wire.send("WebAuthn.enable")
    sensor = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": sensor})
    phone.goto("/portal/register/")
    phone.fill("#code", code)
    phone.fill("#born", born)
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="パスキーを作る").click()
    phone.wait_for_url("**/portal/")


def test_a_checkup_goes_from_the_clinic_to_the_insurer_another_doctor_and_the_person(
    house: Any, new_page: Any, sign_in: Any, tmp_path: Path
) -> None:
    desk, clerk, insurer, theirs = new_page(), new_page(), new_page(), new_page()
    sign_in(desk, "reception")
    desk.goto("/confirmation/reader/")
    cards = desk.locator("#card option").evaluate_all("all => all.map(each => each.value)")
    # Other journeys take those at either end.
    card = [each for each in cards if each.startswith("DEMO-N")][-2]
    name = _arrive(desk, card)
    insured, born = _insured(desk)

    # 健診機関: the package is checked and registered, two results of one person.
    sign_in(clerk, "clerk")
    clerk.goto("/sharing/checkups/")
    clerk.set_input_files("#file", _package(insured, born, tmp_path))
    clerk.fill("#doctor", DOCTOR.text)
    clerk.keyboard.press("F8")
    expect(clerk.locator("section[role=status]")).to_contain_text("登録済み 2")

    # 保険者: found by the kana, shown with the year before, taken as a file that says the same.
    words = ("--prefecture", insured.insurer[:2], "--code", f"0{insured.insurer[2:]}", "--fee-table", "8")
    told = json.loads(
        house.command("platform", "institution", "add", *words, "--name", INSURER, "--format", "json")
    )
    house.command("platform", "clerk", "insurer", told["id"])
    sign_in(insurer, "insurer")
    insurer.keyboard.press("Alt+1")
    insurer.wait_for_url("**/insurer/checkups/")
    expect(insurer.locator("h1")).to_contain_text(INSURER)
    insurer.keyboard.press("F2")
    insurer.keyboard.type("けんしん")
    insurer.keyboard.press("Enter")
    expect(insurer.locator("main")).to_contain_text("2件")
    insurer.select_option("#order", "day")
    insurer.keyboard.press("F8")
    expect(insurer.locator("tbody tr").first).to_contain_text("2026-06-15")
    insurer.keyboard.press("F9")
    insurer.wait_for_url(re.compile(r"/insurer/checkups/[0-9a-f-]{36}/"))
    expect(insurer.locator("main")).to_contain_text("162.3 cm")
    expect(insurer.locator("section", has_text="経年変化").locator("thead")).to_contain_text("2025-06-10")
    with insurer.expect_download() as download:
        insurer.keyboard.press("F8")
    archive = open_archive(Path(download.value.path()).read_bytes())
    assert archive.findings == () and download.value.suggested_filename == f"{archive.folder}.zip"
    ((_, xml),) = archive.results()
    assert "162.3" in str(facts_of(read_checkup_xml(xml).checkup))

    # ほかの医師: the same card at another clinic, with its consent.
    other_desk = new_page()
    sign_in(other_desk, "reception2")
    _arrive(other_desk, card)
    sign_in(theirs, "doctor2")
    visit = _open_chart(theirs, name)
    theirs.goto(f"/sharing/visit/{visit}/others/")
    theirs.keyboard.press("F9")
    seen = theirs.locator("main")
    expect(seen).to_contain_text("健診結果", timeout=20_000)
    expect(seen).to_contain_text("2026-06-15")
    expect(seen).to_contain_text("2025-06-10")
    expect(seen.locator("svg").first).to_be_attached()

    # 本人: both checkups, and the insurer among who looked.
    phone = new_page()
    _open_portal(phone, house.command("portal", "code", card).splitlines()[-1], born)
    phone.goto("/portal/checkups/")
    expect(phone.locator("main")).to_contain_text("162.3 cm")
    expect(phone.locator("main section", has_text=OURS.name)).to_have_count(2)
    phone.goto("/portal/looks/")
    expect(phone.locator("main li", has_text=INSURER).first).to_be_visible()
