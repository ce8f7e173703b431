# SPDX-License-Identifier: Apache-2.0
"""訓練の報告書 — the story of a ransomware drill for the staff, in Japanese: every figure in it was measured in this run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils import timezone

from tasuki.forms.attack_report import (
    ActToEnterAgain,
    AttackReport,
    Measured,
    ReportedMoment,
    Telling,
)
from tasuki_server.audit.action_names import action_name
from tasuki_server.watch.incident_items import dues_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from tasuki_server.drills.ransom_attacked import Attacked
    from tasuki_server.drills.ransom_return import Back

TO_FILL = "（施設で記入）"
# 目標: key of a count, its name, its unit and its goal with a comparison that is not above it.
_GOALS = (
    ("detect_seconds", "検知までの時間", "秒", 60),
    ("contain_seconds", "決めてから封じ込めるまで", "秒", 5),
    ("first_chart_offline_seconds", "停止からカルテの閲覧まで（P1 閲覧）", "秒", 60),
    ("writing_again_seconds", "停止から記載の再開まで（P1 記載、RTO）", "秒", 600),
    ("whole_seconds", "始まりから会計の再開まで", "秒", 600),
    ("lost_before_damage", "書換えの前に応答した行為で失われたもの（RPO）", "件", 0),
    ("attacks_that_succeeded", "三つ目の控えへの攻撃で通ったもの", "件", 0),
)
_TOLD = (
    ("acknowledged", "応答済みの行為", "件"),
    ("lost_after_damage", "書換えの後に応答し、記録が戻らなかった行為", "件"),
    ("listed", "そのうち一覧に載ったもの", "件"),
    ("charts_read_by_attacker", "攻撃者が開いたカルテ", "人"),
    ("rows_scrambled", "データベースで書き換えられた記録", "行"),
    ("files_locked", "暗号化されたファイル", "個"),
    ("infected_backups_passed_over", "避けた感染した控え", "個"),
    ("restore_seconds", "引取りから検証まで", "秒"),
)


def report_of(
    done: Attacked, back: Back, counts: Mapping[str, int | float], organisation: str, faults: tuple[str, ...]
) -> AttackReport:
    """訓練の報告書 — as the form takes it."""
    known_on = _local(done.story.moments[0].at).date()
    return AttackReport(
        organisation=organisation,
        title="サイバー攻撃対応報告書",
        day=known_on,
        is_drill=True,
        summary=_summary(done, counts),
        measured=(
            *(
                Measured(name, f"{counts[key]:g} {unit}", f"{goal:g} {unit}以下" if goal else f"0 {unit}", counts[key] <= goal)
                for key, name, unit, goal in _GOALS
            ),
            *(Measured(name, f"{counts[key]:g} {unit}") for key, name, unit in _TOLD),
        ),
        timeline=tuple(
            ReportedMoment(f"{_local(each.at):%H:%M:%S}", since_text(each.seconds), each.side.value, each.words)
            for each in done.story.moments
        ),
        order=tuple(back.order),
        kept=_kept(done, back, counts),
        again=tuple(
            ActToEnterAgain(
                str(each.patient) if each.patient else "—", f"{_local(each.at):%m-%d %H:%M:%S}", each.actor, action_name(each.action)
            )
            for each in back.later
            if each.is_to_be_entered_again
        ),
        to_do=_to_do(back),
        tellings=tellings(known_on),
        to_patients=TO_PATIENTS,
        faults=faults,
        notes=(
            "この訓練は、訓練用の場所で製品のプログラムを実際に動かしたものです。患者・職員・攻撃者は架空です。",
            "時間は機械の時間です。人が気付き、集まり、判断し、金庫から鍵を出す時間は含みません。",
            "目標は、復旧計画の案と訓練の定め（R5）によります。施設の目標は施設の復旧計画で定めてください。",
        ),
    )  # fmt: skip


def since_text(seconds: float) -> str:
    """経過の表記 — minutes and seconds.

    >>> since_text(5.4), since_text(75)
    ('0分05秒', '1分15秒')
    """
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}分{rest:02d}秒"


def _local(at: datetime) -> datetime:
    return timezone.localtime(at)


def _summary(done: Attacked, counts: Mapping[str, int | float]) -> str:
    return (
        f"盗まれた職員のサインインでカルテ {counts['charts_read_by_attacker']:g} 人分が閲覧され、データベースの記録 {counts['rows_scrambled']:g} 行が書き換えられ、"
        f"サーバの二つのディスクの {counts['files_locked']:g} ファイルが暗号化されました。見張りは {counts['detect_seconds']:g} 秒で検知し、"
        f"消せない控え（三つ目の控え）と証人は無傷でした。書換えの直前の時点に復元し、停止から {counts['writing_again_seconds']:g} 秒で記載を再開しました。"
        f"書換えの後に受け付けた {counts['lost_after_damage']:g} 件は記録が戻らず、一覧のとおり入れ直します。"
    )


def _kept(done: Attacked, back: Back, counts: Mapping[str, int | float]) -> tuple[str, ...]:
    last = back.restored.last_commit_at
    return (
        f"最初の書換え（{_local(back.restored.damages[0].at):%H:%M:%S}）より前に応答した行為のすべて。最後に戻った確定は {f'{_local(last):%H:%M:%S}' if last else '—'}。"
        if back.restored.damages
        else "記録のすべて。",
        f"監査記録のすべて（復元の後の {len(back.later)} 件を引き継ぎ、証人の控えと一致）。攻撃者の閲覧も残っています。",
        f"停止中に開いたカルテ {counts['charts_opened_offline']:g} 人分の閲覧の記録と、紙の記録 {counts['paper_entries']:g} 件。",
        f"三つ目の控え（{counts['attacks_on_third_copy']:g} 通りの攻撃のあとも全部の照合値が同じ）。",
    )


def _to_do(back: Back) -> tuple[str, ...]:
    return (
        "暗号化された機械の電源を切らず、網から外したまま証拠として残す。身代金の要求には応じず、警察に相談する。",
        "下の一覧の行為を、紙や控えと突き合わせて入れ直す（入れた人と時刻が残る）。",
        f"新しいパスワードと登録コードの紙（{back.slips} 人分）を手渡しし、本人が決め直すのを見届ける。開封カードを発行し直す。",
        "設置の秘密鍵・三つ目の控えの合言葉・証人の登録・外部サービスの資格情報を、保守業者と新しくする。",
        "侵入の経路（盗まれたサインイン、管理者権限を取られた機械）を調べ、塞いでから網につなぐ。",
        "「インシデント」の画面に経過と判断を書き、報告の要否を管理者が決める。",
        "この報告書を職員に説明し、気付いた点を次の訓練までに直す。",
    )


TO_PATIENTS = (
    "当院のシステムが外部から攻撃を受け、○月○日○時から○時まで、電子カルテを使えませんでした。診療は紙の記録で続けました。",
    "患者さんの情報の一部（氏名、生年月日、病名など。人数: （施設で記入））が、見られたおそれがあります。",
    "対象の方には、個別にお知らせします。ご不審な連絡があったときは、応じずに当院へお知らせください。窓口: （施設で記入）",
    "お待たせした予約や会計は、順にご連絡します。お薬の不足など、お困りのことは受付にお申し出ください。",
)


def tellings(known_on: date) -> tuple[Telling, ...]:
    """届出と連絡 — items, days and grounds; who to call is the institution's to write.

    Cite: 個人情報の保護に関する法律 第26条、同法施行規則 第7条・第8条・第10条、個人情報保護法ガイドライン（通則編）3-5-3・3-5-4
    """
    dues = dues_of(known_on, is_wilful=True)
    return (
        Telling("個人情報保護委員会（速報）", "漏えい等報告: 要配慮個人情報、または不正の目的によるおそれ（1人から対象）。その時点で分かっている事項",
                f"知った日から3〜5日以内（{_day(dues.first_by)}まで）", "個人情報保護法 第26条第1項、施行規則 第7条・第8条第1項、通則編 3-5-3-3"),
        Telling("個人情報保護委員会（確報）", "漏えい等報告: 全部の事項",
                f"60日以内（{_day(dues.final_by)}まで。不正の目的でないときは30日以内）", "施行規則 第8条第2項、通則編 3-5-3-4"),
        Telling("本人（患者）", "漏えい等の本人への通知", "状況に応じて速やかに", "個人情報保護法 第26条第2項、施行規則 第10条"),
        Telling("厚生労働省の連絡窓口", "サイバー攻撃を受けた（疑いを含む）ことの連絡", "直ちに", "医政総発1029第1号（2018年10月29日）ほか"),
        Telling("所管の保健所・都道府県", "診療への影響、再開の見込み", "直ちに", TO_FILL),
        Telling("警察（サイバー犯罪の窓口）", "被害の相談、証拠の保全", "直ちに", TO_FILL),
        Telling("保守業者・クラウド事業者", "切離し、調査、復旧の支援", "直ちに", "契約の責任分界"),
        Telling("審査支払機関・資格確認等の窓口", "接続の停止と再開、請求の遅れ", "接続を止めるとき", TO_FILL),
    )  # fmt: skip


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
