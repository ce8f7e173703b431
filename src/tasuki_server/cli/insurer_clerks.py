# SPDX-License-Identifier: Apache-2.0
"""保険者の担当者 — `./tasuki platform clerk USER ID` and `--end`: who sees the 健診結果 that came for an insurer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_clerk_verb(verbs: Any, connected: Callable[[Callable[[], int]], int]) -> None:
    """引数 — of `platform clerk`."""
    clerk = verbs.add_parser(
        "clerk",
        help=say(
            "保険者の担当者にする・終える（役割 insurer も必要）",
            "let a user see what came for an insurer's insured, or no longer",
        ),
    )
    clerk.add_argument("user", metavar="USER", help=say("利用者名", "user name"))
    clerk.add_argument(
        "id",
        metavar="ID",
        nargs="?",
        default="",
        help=say("保険者（一覧に出る識別子）", "the insurer, as list shows it"),
    )
    clerk.add_argument("--end", action="store_true", help=say("終える", "end it"))
    clerk.set_defaults(verb=lambda args: connected(lambda: _set(args)))


def _set(args: argparse.Namespace) -> int:
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from tasuki_server.accounts.models import User
    from tasuki_server.platform.models import ConnectedInstitution
    from tasuki_server.records.opening import NoInsurer, add_clerk, end_clerk

    user = User.objects.filter(username=args.user).first()
    if user is None:
        raise Stop(f"利用者「{args.user}」はいません。", f"There is no user “{args.user}”.")
    if args.end:
        if not end_clerk(user.pk, timezone.now()):
            raise Stop(
                f"{args.user} は保険者の担当者ではありません。", f"{args.user} is no clerk of an insurer."
            )
        print(say(f"{args.user} の担当を終えました。", f"{args.user} may no longer look."))
        return 0
    try:
        insurer = ConnectedInstitution.objects.filter(pk=args.id).first() if args.id else None
    except ValidationError:
        insurer = None
    if insurer is None:
        raise Stop(
            f"接続機関「{args.id}」はありません。./tasuki platform institution list で確かめてください。",
            f"There is no institution “{args.id}”; see ./tasuki platform institution list.",
        )
    try:
        add_clerk(user.pk, args.user, insurer)
    except NoInsurer:
        raise Stop(f"{insurer.name} は保険者ではありません。", f"{insurer.name} is no insurer.") from None
    print(say(f"{args.user} を{insurer.name}の担当者にしました。", f"{args.user} looks for {insurer.name}."))
    return 0
