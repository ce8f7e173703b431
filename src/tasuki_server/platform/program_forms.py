# SPDX-License-Identifier: Apache-2.0
"""接続プログラムの入力（試行環境） — whose it is, its public key, and what it may do."""

from __future__ import annotations

from django import forms

from tasuki_server.patients.forms import JapaneseForm


class ProgramForm(JapaneseForm):
    """接続プログラムの入力 — scopes one a line; the exchange says which cannot be read."""

    institution = forms.ChoiceField(label="接続機関")
    name = forms.CharField(
        label="名前", max_length=60, help_text="どの機関の何が使うか。例: 検査部門の取込み"
    )
    scopes = forms.CharField(
        label="利用範囲",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="1行に1つ。例: system/Patient.r、system/Observation.rs?category=laboratory",
    )
    key = forms.CharField(
        label="公開鍵（JWK）",
        max_length=4096,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="P-384 か P-256 の公開鍵。秘密鍵（d のあるもの）は受け取りません。",
    )
    is_bearer = forms.BooleanField(
        label="持っているだけで使えるトークンを渡す",
        required=False,
        help_text="送信元の鍵で確かめられない（DPoPのない）相手だけ。盗まれたトークンは5分間使われます。",
    )

    def offer(self, institutions: list[tuple[str, str]]) -> None:
        """選択肢 — the institutions that connect now."""
        field = self.fields["institution"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = institutions
