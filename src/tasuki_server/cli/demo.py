# SPDX-License-Identifier: Apache-2.0
"""お試し — the current code of a demo user's authenticator app."""

from __future__ import annotations

import argparse
import json
import time

from tasuki_server.cli.words import Stop, progress, say

NAME = "demo"
HELP = ("お試し用の利用者の認証コードを表示します", "print the sign-in code of a demo user")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — `demo code USER`."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    code = verbs.add_parser("code", help=say("今の6桁のコード", "the current six digits"))
    code.add_argument("user", metavar="USER", help=say("利用者名（例: doctor）", "user name, such as doctor"))
    code.set_defaults(verb=_code)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _code(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    with connected(progress):
        from allauth.mfa.models import Authenticator
        from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
        from allauth.mfa.utils import decrypt

        from tasuki_server.accounts.models import User

        user = User.objects.filter(username=args.user, is_demo=True).first()
        factor = Authenticator.objects.filter(user_id=user.pk, type="totp").first() if user else None
        if factor is None:
            raise Stop(
                f"「{args.user}」はお試し用の利用者ではありません。コードは本人の認証アプリで確認してください。",
                f"“{args.user}” is no demo user; the code is in the person's own authenticator app.",
            )
        now = int(time.time())
        code = format_hotp_value(hotp_value(decrypt(factor.data["secret"]), now // 30))
        seconds_left = 30 - now % 30
    if args.format == "json":
        print(json.dumps({"user": args.user, "code": code, "seconds_left": seconds_left}))
    else:
        print(code)
    return 0
