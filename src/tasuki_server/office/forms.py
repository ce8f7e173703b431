# SPDX-License-Identifier: Apache-2.0
"""安全管理室の入力 — a contract, an asset, a notice, and an answer to a row of the register."""

from __future__ import annotations

from typing import Any

from django import forms

from tasuki_server.office.models import AssetKind
from tasuki_server.patients.forms import DayField, JapaneseForm
from tasuki_server.reception.clock import today


class AnswerForm(JapaneseForm):
    """組織の回答の入力."""

    words = forms.CharField(
        label="回答",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="だれが、いつから、何で、など",
    )
    answered_on = DayField(label="確かめた日")

    def clean_answered_on(self) -> Any:
        """確かめた日 — not after today."""
        day = self.cleaned_data["answered_on"]
        if day > today():
            raise forms.ValidationError("今日より後の日は入れられません。")
        return day


class ContractForm(JapaneseForm):
    """契約の入力."""

    company = forms.CharField(label="事業者", max_length=80)
    subject = forms.CharField(
        label="契約の内容", max_length=120, help_text="例: 電子カルテの保守、ルータの管理"
    )
    since = DayField(label="開始日")
    until = DayField(label="終了日", required=False)
    contact = forms.CharField(label="ふだんの連絡先", max_length=120)
    emergency_contact = forms.CharField(label="攻撃を受けたときの連絡先", max_length=120, required=False)
    disclosure_received_on = DayField(label="開示書（MDS/SDS）を受け取った日", required=False)
    hands_over_updates = forms.BooleanField(
        label="サーバの更新を事業者が行うと、契約・約款・SLAに書いてある", required=False
    )

    def clean(self) -> dict[str, Any]:
        """終了日 — not before the beginning."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", "終了日が開始日より前です。")
        return given


class AssetForm(JapaneseForm):
    """資産の入力."""

    kind = forms.ChoiceField(label="種類", choices=AssetKind.choices)
    name = forms.CharField(label="名前", max_length=80, help_text="例: 受付の端末1")
    place = forms.CharField(label="置き場所", max_length=80, required=False)
    keeper = forms.CharField(label="管理する人", max_length=60, required=False)
    software = forms.CharField(label="OS・ソフトウェア", max_length=80, required=False)
    software_version = forms.CharField(label="版", max_length=40, required=False)
    package = forms.CharField(
        label="部品名", max_length=60, required=False, help_text="弱点の控えと照らす英字の名。例: openssl"
    )
    support_until = DayField(label="サポートの終わる日", required=False)
    has_remote_maintenance = forms.BooleanField(label="遠隔保守を使う", required=False)
    checked_on = DayField(label="最後に照合した日")


class ChangeForm(JapaneseForm):
    """変更の入力 — the version that was read, and the reason; beside the form of what is changed."""

    read_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="変更の理由", max_length=200)


class NoticeForm(JapaneseForm):
    """お知らせの入力."""

    title = forms.CharField(label="件名", max_length=100)
    source = forms.CharField(label="出どころ", max_length=100, help_text="例: 厚生労働省、事業者、医師会")
    words = forms.CharField(label="内容", max_length=800, widget=forms.Textarea(attrs={"rows": 3}))
    due_on = DayField(label="対応の期限")
