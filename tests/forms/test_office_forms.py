# SPDX-License-Identifier: Apache-2.0
"""日計表・診療録2号紙・診療情報提供書."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms.invented import ATTACK, CHART, CONTROLS, DAILY, REFERRAL
from forms.pages import reader, sizes_mm, squeezed, text
from tasuki.forms import render
from tasuki.forms.attack_report import plain_text
from tasuki.kernel.finding import BadInput

pytest.importorskip("typst")


def test_the_day_is_summed_in_all_by_insurance_and_by_method() -> None:
    pdf = render("daily_report", DAILY)
    assert sizes_mm(pdf) == [(297, 210)]
    printed = text(pdf)
    for words in (
        "令和8年6月15日分",
        "合計　4 件2,0505,8003,3009,10007,4801,620",
        "社保21,7005,1003,3008,4006,9001,500",
        "現金23507000700580120",
        "返金",
        "△120",
    ):
        assert squeezed(words) in printed, words


def test_a_day_that_differs_from_the_ledger_is_not_printed() -> None:
    with pytest.raises(BadInput) as refused:
        render("daily_report", replace(DAILY, received_yen=7481))
    assert refused.value.findings[0].facts == {"what": "入金額", "computed": 7480, "stated": 7481}


def test_a_day_without_visits_prints_noughts() -> None:
    assert "合計0件" in text(render("daily_report", replace(DAILY, entries=(), received_yen=0)))


def test_a_chart_shows_both_texts_of_a_correction_with_who_when_and_why() -> None:
    pdf = render("chart_page", CHART)
    assert sizes_mm(pdf) == [(210, 297)]
    printed = text(pdf)
    for words in (
        "診療録（２号紙）",
        "既往症・原因・主要症状・経過等",
        "処方・手術・処置等",
        "頭痛あり。3日前から。",
        "（訂正前の記載）",
        "頭痛あり。2日前から。",
        "2026-06-01 18:02",
        "事務　次郎",
        "の指示による代行入力",
        "未署名",
        "第2版",
        "訂正理由：聞き違いのため",
        "禁忌・アレルギー等　ペニシリン系（発疹）",
        "印刷日　令和8年7月1日",
    ):
        assert squeezed(words) in printed, words


def test_patient_and_alerts_come_back_on_every_sheet_of_a_chart() -> None:
    pdf = render("chart_page", replace(CHART, entries=CHART.entries * 20))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert len(sheets) > 2
    assert all("髙橋" in sheet and "ペニシリン系" in sheet for sheet in sheets)


def test_a_correction_without_its_reason_is_refused() -> None:
    bare = replace(CHART, entries=(replace(CHART.entries[1], correction_reason=""),))
    with pytest.raises(BadInput) as refused:
        render("chart_page", bare)
    assert refused.value.findings[0].where.field == "entries[0].correction_reason"


def test_a_referral_has_every_section_of_the_form() -> None:
    pdf = render("referral", REFERRAL)
    assert sizes_mm(pdf) == [(210, 297)]
    printed = text(pdf)
    for words in (
        "診療情報提供書",
        "架空市立総合医療センター",
        "糖尿病内分泌　科　架空　太郎　殿",
        "令和8年6月15日",
        "昭和25年1月2日（76 歳）",
        "傷病名1. 2型糖尿病2. 高血圧症",
        "紹介目的血糖コントロール不良",
        "既往歴及び家族歴",
        "症状経過及び検査結果",
        "治療経過",
        "現在の処方架空ホルミン錠250mg",
        "備　考検査結果を添付します。",
    ):
        assert squeezed(words) in printed, words


def test_a_long_letter_runs_on_and_names_the_patient_on_each_sheet() -> None:
    pdf = render("referral", replace(REFERRAL, course="経過の記載。" * 1200))
    sheets = ["".join(page.extract_text().split()) for page in reader(pdf).pages]
    assert len(sheets) > 1
    assert all("髙橋" in sheet for sheet in sheets)
    assert sum(sheet.count("経過の記載。") for sheet in sheets) >= 1190


@pytest.mark.parametrize("change", [{"recipient": ""}, {"diagnoses": ()}, {"purpose": ""}])
def test_a_letter_without_what_the_fee_asks_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        render("referral", replace(REFERRAL, **change))  # type: ignore[arg-type]
    assert refused.value.findings[0].where.field in change


def test_a_control_sheet_counts_its_answers_and_says_that_it_is_a_draft() -> None:
    pdf = render("control_sheet", CONTROLS)
    assert sizes_mm(pdf) == [(297, 210)]
    printed = text(pdf)
    for words in (
        "医療情報セキュリティ開示書（案）",
        "全3行（満たす1、組織で回答1、しない1）",
        "回答:架空花子（2026-04-01任命）",
        "管理者架空一郎2026-11-28",
        "まだ付けられない。",
        "※この書類は案であり、公式の様式ではありません。",
    ):
        assert squeezed(words) in printed, words


def test_a_control_sheet_with_a_code_twice_is_refused() -> None:
    with pytest.raises(BadInput) as refused:
        render("control_sheet", replace(CONTROLS, lines=CONTROLS.lines + CONTROLS.lines[:1]))
    assert "運14①" in refused.value.findings[0].facts["reason"]


def test_a_report_of_an_attack_says_what_to_do_first_and_marks_what_was_not_reached() -> None:
    pdf = render("attack_report", ATTACK)
    assert set(sizes_mm(pdf)) == {(210, 297)}
    printed = text(pdf)
    for words in (
        "サイバー攻撃対応報告書（訓練）",
        "720秒600秒以下未達",
        "機械を網から外したまま残す。",
        "個人情報保護委員会（速報）",
        "知った日から3〜5日以内",
        "1024",
        "見張りが検知（おとりカルテ）",
    ):
        assert squeezed(words) in printed, words
    assert printed.index("これからすること") < printed.index("時系列")


def test_the_report_of_an_attack_is_the_same_as_text() -> None:
    told = plain_text(ATTACK)
    assert "停止から記載の再開まで: 720 秒（目標 600 秒以下、未達）" in told
    assert (
        "□ 個人情報保護委員会（速報）: 漏えい等報告（知った日から3〜5日以内。個人情報保護法 第26条第1項）"
        in told
    )
    assert "患者番号 1024" in told and "×" not in told


def test_a_report_without_a_timeline_is_refused() -> None:
    with pytest.raises(BadInput):
        render("attack_report", replace(ATTACK, timeline=()))
