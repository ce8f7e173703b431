# SPDX-License-Identifier: Apache-2.0
"""画面の言葉（行為） — what the person or a proxy did, as the list of looks tells it."""

from __future__ import annotations

ACTS: dict[str, tuple[str, str]] = {
    "act.enter": ("サインイン", "Signed in"),
    "act.leave": ("サインアウト", "Signed out"),
    "act.language": ("言語の切替え", "Changed the language"),
    "act.register": ("利用登録", "Registered"),
    "act.prove": ("本人の再確認", "Confirmed identity again"),
    "act.home": ("ホームを開いた", "Opened the home page"),
    "act.results": ("検査結果を見た", "Saw test results"),
    "act.drugs": ("薬を見た", "Saw medicines"),
    "act.conditions": ("病名を見た", "Saw diagnoses"),
    "act.allergies": ("アレルギーを見た", "Saw allergies"),
    "act.documents": ("文書を見た", "Saw documents"),
    "act.checkups": ("健診を見た", "Saw check-ups"),
    "act.costs": ("費用を見た", "Saw costs"),
    "act.looks": ("閲覧の記録を見た", "Saw who looked"),
    "act.consents": ("同意を見た", "Saw consents"),
    "act.consent-grant": ("同意する画面の利用", "Used the page to consent"),
    "act.consent-end": ("同意を取り消す画面の利用", "Used the page to withdraw"),
    "act.entries": ("自分の記入を見た", "Saw own notes"),
    "act.entry-add": ("自分の記入をした", "Added a note"),
    "act.entry-end": ("自分の記入を取り消した", "Took a note back"),
    "act.download": ("FHIRでの持出し", "Download as FHIR"),
    "act.print": ("PDFでの持出し", "Download as PDF"),
    "act.devices": ("端末の一覧を見た", "Saw devices"),
    "act.passkey-add": ("端末の追加", "Adding a device"),
    "act.passkey-end": ("端末の取消", "Removing a device"),
    "act.session-end": ("サインインの終了", "Ended a sign-in"),
    "act.proxies": ("代理の一覧を見た", "Saw proxies"),
    "act.proxy-invite": ("代理人を招いた", "Invited a proxy"),
    "act.proxy-accept": ("代理を始めた", "Became a proxy"),
    "act.proxy-end": ("代理を終わらせた", "Ended a proxy"),
    "act.switch": ("見る人を切り替えた", "Changed whose record is open"),
}
