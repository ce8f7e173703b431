# SPDX-License-Identifier: Apache-2.0
"""発行の文言 — sentences of the findings of this room."""

from __future__ import annotations

from tasuki.kernel.messages import register

register(
    {
        "document.no_bill": "会計が確定していないため、{what}を発行できません。会計を確定してから発行してください。",
        "document.not_signed": "診療録が署名されていないため、処方箋を発行できません。医師が署名してから発行してください。",
        "document.no_outside": "院外処方のオーダがないため、処方箋を発行できません。院内で出す薬は薬袋・薬剤情報で渡します。",
        "document.narcotic": "麻薬（{drug}）の処方箋は、施用者免許番号の登録がないため発行できません。専用の様式で交付してください。",
        "document.not_registered": "処方箋が電子処方箋管理サービスに登録されていないため、控えを発行できません。登録して引換番号を受け取ってから発行してください。",
        "document.is_electronic": "電子処方箋を発行しているため、紙の処方箋を発行できません。控えを渡すか、電子処方箋を取り消してから発行してください。",
        "document.waiting": "電子処方箋管理サービスへの登録を待っています。数秒後にもう一度発行してください。登録できないときは、カルテの「電子処方箋」の欄で紙に変えてください。",
        "document.held": "電子処方箋管理サービスに、変更前の処方箋が残っています（薬局が受け付けたあとの変更など）。二重の調剤になるため発行できません。薬局に連絡し、カルテの「電子処方箋」の欄で確かめてください。",
        "document.no_names": "{day}の点数表に{code}がないため、{what}を発行できません。マスターの取込みを確かめてください。",
    }
)
