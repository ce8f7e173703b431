# SPDX-License-Identifier: Apache-2.0
"""職員の入力 — a new member of staff, and the roles of one."""

from __future__ import annotations

from django import forms

from tasuki.security.permissions import OWN_ROLES
from tasuki_server.accounts.models import User

ROLES = [(role.value, role.label) for role in OWN_ROLES]

# できない変更の理由
REASONS = {
    "no_role": "役割を一つ以上選んでください。利用を止めるときは「利用を停止する」を使います。",
    "oneself": "自分自身の利用は停止できません。ほかの管理者に依頼してください。",
    "last_administrator": "職員を管理できる人がいなくなるため、変更できません。先にほかの職員を管理者にしてください。",
    "no_sign_in": "この職員には利用者名がありません。",
}


class MemberForm(forms.Form):
    """職員の登録 — name, user name and roles."""

    name = forms.CharField(label="氏名", max_length=60)
    kana = forms.CharField(label="フリガナ", max_length=60, required=False)
    username = forms.CharField(
        label="利用者名",
        max_length=60,
        validators=User._meta.get_field("username").validators[:1],
        help_text="サインインに使います。半角の英数字が入れやすいでしょう。",
    )
    roles = forms.MultipleChoiceField(label="役割", choices=ROLES, widget=forms.CheckboxSelectMultiple)

    def clean_username(self) -> str:
        """利用者名の確認 — not yet taken, in any spelling of its letters."""
        username = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("この利用者名は使われています。別の名前にしてください。")
        return username
