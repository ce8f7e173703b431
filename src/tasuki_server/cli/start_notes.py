# SPDX-License-Identifier: Apache-2.0
"""起動時の知らせ — settings that do not do what they say, and lines that an update cut: told before anything is served."""

from __future__ import annotations

from tasuki_server.settings_table import unnumbered

TOKENS = ("TASUKI_CLAIMS_SERVICE_TOKEN", "TASUKI_PLATFORM_TOKEN")
_MOST_NAMED = 10
Words = tuple[str, str]


def check_settings() -> None:
    """設定の確認 — raises :class:`tasuki_server.cli.words.Stop` for what would fail later, while people work."""
    from tasuki_server.api.sender_door import bearer_until

    bearer_until()


def told_at_start() -> list[Words]:
    """起動時の知らせ — Japanese and English; needs the tables."""
    return [*_unnumbered_tokens(), *_cut_lines(), *_connected_twice()]


def _unnumbered_tokens() -> list[Words]:
    told = []
    for name in TOKENS:
        if count := unnumbered(name):
            told.append((
                f"注意: {name} に、番号のないトークンが{count}件あります。使いません。「10桁の番号=トークン」に書き直すか、鍵で名乗る接続（./tasuki platform own-key）に替えてください。",
                f"Note: {name} has {count} token(s) without a number, which are not used; write ten digits=token, or change over to keys (./tasuki platform own-key).",
            ))  # fmt: skip
    return told


def _cut_lines() -> list[Words]:
    """Who is registered with a token alone asks from another machine, and is not let in without a day that is set."""
    from django.utils import timezone

    from tasuki_server.api.sender_door import serves_its_holder
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.demo.hospital import HOSPITAL
    from tasuki_server.demo.insurer_desk import INSURER
    from tasuki_server.platform.keys_registered import token_only
    from tasuki_server.portal.data import PORTAL
    from tasuki_server.receiving.senders import token_only as sends_by_token

    if serves_its_holder(timezone.localdate()):
        return []
    now = timezone.now()
    here = [*(each.id for each in all_institutions()), PORTAL, HOSPITAL, INSURER]
    told = []
    for what, english, command, rows in (
        ("接続機関", "institutions", "platform", token_only(now, here)),
        ("請求の送信元", "senders of claims", "receiving", sends_by_token(now, here)),
    ):
        if not rows:
            continue
        names = "、".join(rows[:_MOST_NAMED]) + ("…" if len(rows) > _MOST_NAMED else "")
        told.append((
            f"注意: トークンだけの{what}が{len(rows)}件あり、ほかの機械からは受け付けません（{names}）。公開鍵を登録してください（./tasuki {command} key add）。間に合わないときは TASUKI_BEARER_UNTIL に最後の日を入れます。",
            f"Note: {len(rows)} {english} have a token alone and are not let in from other machines ({names}); register their keys (./tasuki {command} key add), or name a last day in TASUKI_BEARER_UNTIL.",
        ))  # fmt: skip
    return told


def _connected_twice() -> list[Words]:
    """An institution of this house stands beside its connection from before it moved here, or two have one number."""
    from tasuki_server.platform.clients import connected_twice

    rows = connected_twice()
    if not rows:
        return []
    names = "、".join(rows[:_MOST_NAMED]) + ("…" if len(rows) > _MOST_NAMED else "")
    return [(
        f"注意: 同じ番号の接続機関が二つ以上つながっています（{names}）。一方が書いたものは、他方のものとして扱われません。./tasuki platform institution list で確かめ、使わないほうを止めてください（stop 識別子）。",
        f"Note: more than one connection of the same number serves ({names}); what one wrote is not the other's. See ./tasuki platform institution list, and stop the one that is not used (stop ID).",
    )]  # fmt: skip
