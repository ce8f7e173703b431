# SPDX-License-Identifier: Apache-2.0
"""復旧計画の入力 — one system of the plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from tasuki.security.recovery_plan import LONGEST_MINUTES, Priority
from tasuki_server.continuity.models import RecoverySystem
from tasuki_server.patients.forms import JapaneseForm

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")


class SystemForm(JapaneseForm):
    """復旧するシステムの入力 — its needs are picked from the other systems of the plan."""

    code = forms.CharField(
        label="符号", max_length=30, help_text="半角の英小文字・数字・ハイフン。例: database"
    )
    name = forms.CharField(label="システム", max_length=80)
    priority = forms.ChoiceField(label="優先度", choices=[(each.value, each.label) for each in Priority])
    back_by_minutes = forms.IntegerField(
        label="いつまでに戻すか（分）",
        min_value=1,
        max_value=LONGEST_MINUTES,
        help_text="復旧を始めると決めてから",
    )
    to_point = forms.CharField(
        label="どの時点まで戻すか", max_length=120, help_text="例: 最後に応答した確定、前日の夜間の控え"
    )
    needs = forms.MultipleChoiceField(
        label="必要なシステム（先に戻っていなければならないもの）",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    responsible = forms.CharField(label="担当", max_length=120, required=False, help_text="職名と連絡先")
    paper = forms.CharField(
        label="紙の手順の置き場所", max_length=120, required=False, help_text="例: 受付の赤いファイル"
    )
    act = forms.CharField(
        label="戻し方", max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, others: Sequence[RecoverySystem] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.others = others
        self.fields["needs"].choices = [(each.code, each.name) for each in others]  # type: ignore[attr-defined]
        self.fields["back_by_minutes"].error_messages.update(
            {
                "invalid": "分を数字で入れてください。",
                "min_value": "1分以上にしてください。",
                "max_value": "1年（527040分）以下にしてください。",
            }
        )

    def clean_code(self) -> str:
        """符号 — of a shape that fits a file, and of no other system."""
        code: str = self.cleaned_data["code"].strip()
        if not _CODE.fullmatch(code):
            raise forms.ValidationError("半角の英小文字・数字・ハイフンで入れてください。")
        if code in {each.code for each in self.others}:
            raise forms.ValidationError("この符号は、ほかのシステムが使っています。")
        return code


class ChangeForm(SystemForm):
    """復旧するシステムの変更 — with the version that was read and the reason."""

    read_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="変更の理由", max_length=200)
