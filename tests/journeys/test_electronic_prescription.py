# SPDX-License-Identifier: Apache-2.0
"""資格確認から調剤まで — a card arrives, a duplicate of elsewhere is caught, 電子処方箋 is signed, dispensed, and seen by all."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import pytest

from prescription_service import AMLODIPINE, Institution
from tasuki.eligibility.requests import CardNumber

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


class Answer(NamedTuple):
    status: int
    media_type: str
    body: bytes


class Elsewhere(Institution):
    """An institution with a system of its own: it has nothing but its token and the address."""

    url: str
    token: str

    def wire(self) -> Any:
        def ask(
            method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
        ) -> Answer:
            request = urllib.request.Request(
                f"{self.url}/platform/v1/{path}",
                data=body,
                method=method,
                headers={**(headers or {}), "Authorization": f"Bearer {self.token}"},
            )
            with urllib.request.urlopen(request, timeout=60) as reply:
                return Answer(reply.status, reply.headers.get_content_type(), reply.read())

        return ask


def _connected(desk: Page, house: Any, fee_table: str, code: str, name: str) -> Elsewhere:
    """Registered at the operator's desk, where its token is shown once."""
    desk.goto("/platform/institutions/new/")
    desk.fill("#id_prefecture", "13")
    desk.select_option("#id_fee_table", fee_table)
    desk.fill("#id_code", code)
    desk.fill("#id_name", name)
    desk.keyboard.press("F8")
    expect(desk.locator("#token")).to_be_visible()
    made = Elsewhere("13", fee_table, code, name)
    made.url, made.token = house.url, desk.locator("#token").input_value()
    return made


def _show_card(desk: Page) -> str:
    """Somebody whom the clinic has never met holds a card to the reader, and says yes to everything."""
    desk.goto("/confirmation/reader/")
    options = desk.locator("#card option")
    cards = [
        each
        for each in options.evaluate_all("all => all.map(each => [each.value, each.textContent])")
        if each[0].startswith("DEMO-N")
    ]
    card, who = cards[0]
    desk.select_option("#card", card)
    with desk.expect_navigation():
        desk.keyboard.press("F8")
    return str(who).partition("（")[0].replace("　", " ")


def _card_of(text: str) -> CardNumber:
    """The numbers on the page of a patient."""
    insurer = re.search(r"\b(\d{8}|\d{6})\b", text)
    card = re.search(r"(?:([^\s・]+)・)?(\d+)(?:（枝番 (\d\d)）)? (?:本人|家族)", text)
    assert insurer and card, text
    return CardNumber(insurer[1], card[1] or "", card[2], card[3] or "")


def _take_in(desk: Page, name: str) -> tuple[str, CardNumber]:
    """The card's result is on the board by itself; one key registers the person and receives them."""
    desk.keyboard.press("Alt+1")
    desk.wait_for_url("**/reception/")
    expect(desk.locator(".arrivals")).to_contain_text(name, timeout=20_000)
    desk.keyboard.press("F6")
    desk.wait_for_url("**/confirmation/answers/**")
    expect(desk.locator("main")).to_contain_text("有効")
    desk.keyboard.press("F8")
    desk.wait_for_url("**/reception/")
    said = desk.locator(".messages").inner_text()
    number = re.search(r"患者番号 (\d+)", said)
    assert number, said
    desk.goto(f"/patients/{number[1]}/")
    return number[1], _card_of(desk.locator("main").inner_text())


def _order(page: Page, number: str) -> None:
    """The doctor calls the patient in and orders a drug to be dispensed outside."""
    page.goto("/reception/")
    # By the number below the name: a time of another row may end with the same digits.
    number_shown = page.locator("td small", has_text=re.compile(rf"^\s*{number} "))
    page.locator("#board tr").filter(has=number_shown).locator("[data-row]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/chart/**")
    expect(page.locator("#drug-check")).to_contain_text("マイナンバーカードによる同意")
    page.keyboard.press("F4")
    for text, wanted, number_typed in (
        ("アムロジピン錠5", "アムロジピン", "1"),
        ("あさ", "1日1回 朝食後", "28"),
    ):
        page.keyboard.type(text)
        expect(page.locator("#order-candidates [role=option]").first).to_contain_text(wanted)
        page.keyboard.press("Enter")
        page.keyboard.type(number_typed)
        page.keyboard.press("Enter")
    days = page.locator("#order-table input[name=count]").first
    expect(days).to_have_value("28")


def test_from_the_card_to_the_pharmacy_and_back(house, new_page, sign_in):
    operator, desk = new_page(), new_page()
    sign_in(operator, "examiner", anew=True)
    clinic = _connected(operator, house, "1", "9990044", "架空駅前医院")
    drugstore = _connected(operator, house, "4", "9990051", "架空駅前薬局")
    portal = _connected(operator, house, "9", "9990069", "架空の閲覧窓口")

    sign_in(desk, "reception")
    number, card = _take_in(desk, _show_card(desk))

    # 他院: the same person was given the same ingredient elsewhere, and a pharmacy dispensed it.
    made = clinic.register(AMLODIPINE, card=card)
    assert drugstore.receive(made.value("AccessCode"), card).is_fine
    assert drugstore.dispense(made.value("PrescriptionId"), AMLODIPINE).is_fine

    page = new_page()
    sign_in(page, "doctor")
    _order(page, number)
    page.keyboard.press("Alt+C")
    expect(page.locator("#drug-check [role=alert]")).to_contain_text("重複投薬", timeout=20_000)
    expect(page.locator("#drug-check [role=alert]")).to_contain_text("架空駅前")
    page.keyboard.press("F8")
    expect(page.locator(".messages")).to_contain_text("署名しました（第1版）")
    panel = page.locator("#eprescription")
    expect(panel).to_contain_text("登録済", timeout=30_000)
    code = re.sub(r"\D", "", panel.locator(".exchange-number").first.inner_text())
    assert len(code) == 16

    counter = new_page()
    sign_in(counter, "pharmacist")
    counter.goto("/pharmacy/")
    counter.keyboard.press("F2")
    counter.keyboard.type(code)
    for name, value in (
        ("insurer", card.insurer_number),
        ("symbol", card.symbol),
        ("number", card.number),
        ("branch", card.branch),
    ):
        counter.fill(f"#{name}", value)
    counter.keyboard.press("F9")
    counter.wait_for_url(re.compile(r"/pharmacy/[0-9a-f-]{36}/"))
    expect(counter.locator("main")).to_contain_text("重複投薬")
    counter.keyboard.press("F4")
    counter.keyboard.type("飲み方を説明しました。")
    counter.keyboard.press("F9")
    expect(counter.locator("main")).to_contain_text("調剤結果を変更する")

    # カルテ: the keeper asks every half minute; what it brought stands there when the chart is looked at again.
    for _ in range(30):
        page.reload()
        expect(page.locator("#eprescription")).to_contain_text("登録済")
        if "調剤済" in panel.inner_text():
            break
        page.wait_for_timeout(3_000)
    expect(panel).to_contain_text("調剤済")
    expect(panel).to_contain_text("飲み方を説明しました。")

    # 本人: the person sees both institutions' drugs.
    asked = urlencode(
        {"insurer": card.insurer_number, "symbol": card.symbol, "number": card.number, "branch": card.branch}
    )
    seen = json.loads(portal.wire()("GET", f"prescriptions/person?{asked}").body)
    told = json.dumps(seen, ensure_ascii=False)
    assert "架空駅前医院" in told and "アムロジピン" in told
    assert code in told or "たすき" in told
