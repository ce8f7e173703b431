# SPDX-License-Identifier: Apache-2.0
"""運用の入力 — faults of a service, and an institution that may connect."""

from __future__ import annotations

from typing import Any

from django import forms

from tasuki_server.patients.forms import JapaneseForm
from tasuki_server.platform.faults import Faults
from tasuki_server.platform.models import FeeTable

_LONGEST_DELAY = 60_000


def _percent(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=f"{label}（%）", min_value=0, max_value=100, required=False)


class FaultsForm(JapaneseForm):
    """障害の入力 — every share in percent of requests; empty is none."""

    delay_percent = _percent("遅延")
    delay_milliseconds = forms.IntegerField(
        label="遅延の長さ（ミリ秒）", min_value=0, max_value=_LONGEST_DELAY, required=False
    )
    cut_before_percent = _percent("処理前の切断")
    cut_after_percent = _percent("処理後の切断")
    truncate_percent = _percent("途中で切れた応答")
    error_percent = _percent("エラー応答")
    error_code = forms.CharField(label="エラーコード", max_length=20, required=False)
    error_text = forms.CharField(label="エラーメッセージ", max_length=100, required=False)
    is_maintenance = forms.BooleanField(label="閉局（メンテナンス）", required=False)
    maintenance_text = forms.CharField(label="閉局の案内", max_length=100, required=False)
    seed = forms.IntegerField(label="乱数の種", min_value=0, max_value=2**31 - 1, required=False)

    def clean(self) -> dict[str, Any]:
        """障害の確認 — an error that is ordered says which."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("error_percent") and not given.get("error_code"):
            self.add_error("error_code", "エラー応答を返すときは、エラーコードを入れてください。")
        return given

    def value(self) -> Faults:
        """障害の値 — of valid input."""
        kept = {name: given for name, given in self.cleaned_data.items() if given and name != "confirmed"}
        return Faults(**kept)


class KeyForm(JapaneseForm):
    """鍵の入力 — the public half that the institution handed over."""

    key = forms.CharField(
        label="公開鍵（JWK）",
        max_length=4096,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="P-256 の公開鍵。接続する側が `./tasuki platform own-key` などで表示したもの。秘密鍵は受け取らないでください。",
    )


class InstitutionForm(JapaneseForm):
    """接続機関の入力 — as messages name it, and what it is called."""

    prefecture = forms.RegexField(
        r"[0-9]{2}", label="都道府県番号", help_text="2桁", error_messages={"invalid": "2桁の数字です。"}
    )
    fee_table = forms.ChoiceField(label="点数表", choices=FeeTable.choices)
    code = forms.RegexField(
        r"[0-9]{7}", label="医療機関コード", help_text="7桁", error_messages={"invalid": "7桁の数字です。"}
    )
    name = forms.CharField(label="名称", max_length=100)
    key = forms.CharField(
        label="公開鍵（JWK）",
        max_length=4096,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="P-256 の公開鍵。入れると鍵で名乗る接続になり、トークンは発行しません。ほかの機械からの接続は鍵にしてください。",
    )
