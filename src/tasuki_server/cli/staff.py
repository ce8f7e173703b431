# SPDX-License-Identifier: Apache-2.0
"""職員 — adds people, hands out enrolment codes, and takes lost second factors away."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from tasuki.security.permissions import Role
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

NAME = "staff"
HELP = ("職員を登録し、二要素認証の登録コードを発行します", "add staff and hand out enrolment codes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — `staff add|enrol|reset|disable|enable|password|renew`."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    adding = verbs.add_parser(
        "add", help=say("職員と利用者を登録する", "add a member of staff with a sign-in")
    )
    adding.add_argument("user", metavar="USER", help=say("利用者名", "user name"))
    adding.add_argument(
        "--institution", required=True, help=say("医療機関（都道府県番号-コード）", "prefecture-code")
    )
    adding.add_argument("--name", required=True, help=say("氏名", "the person's name"))
    adding.add_argument(
        "--role",
        required=True,
        action="append",
        choices=[role.value for role in Role],
        help=say("役割", "role"),
    )
    adding.set_defaults(verb=_add)
    for verb, japanese, english, function in (
        ("enrol", "登録コードを発行し直す", "a new enrolment code", _enrol),
        (
            "reset",
            "二要素認証を取り消し、登録コードを発行する（端末をなくしたとき）",
            "a lost device: start anew",
            _reset,
        ),
        (
            "disable",
            "利用を停止する。使用中の端末は次の操作から使えない",
            "stop a person's sign-in; their sessions end at once",
            _disable,
        ),
        ("enable", "利用を再開する", "let a person sign in again", _enable),
        (
            "password",
            "パスワードを発行し直す（本人が最初に決め直す）",
            "a new first password, to be changed at its first use",
            _password,
        ),
    ):
        child = verbs.add_parser(verb, help=say(japanese, english))
        child.add_argument("user", metavar="USER", help=say("利用者名", "user name"))
        child.set_defaults(verb=function)

    renewing = verbs.add_parser(
        "renew",
        help=say(
            "攻撃の後: 全員のパスワードと二要素認証を新しくし、全セッションと開封カードを無効にする",
            "after an attack: new passwords and factors for everyone; sessions and downtime cards end",
        ),
    )
    renewing.add_argument(
        "--institution", required=True, help=say("医療機関（都道府県番号-コード）", "prefecture-code")
    )
    renewing.set_defaults(verb=_renew)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        return int(args.verb(args))


def _add(args: argparse.Namespace) -> int:
    from tasuki_server.accounts.joining import join

    joined = join(_institution(args.institution), args.user, args.name, [Role(each) for each in args.role])
    if args.format == "json":
        print(json.dumps(joined.as_dict(), ensure_ascii=False))
    else:
        print(joined.paper())
    return 0


def _enrol(args: argparse.Namespace) -> int:
    from tasuki_server.accounts.enrolment import issue_code
    from tasuki_server.accounts.second_factor import has_second_factor
    from tasuki_server.accounts.sign_in_notes import note

    user = _user(args.user)
    if has_second_factor(user.pk):
        raise Stop(
            f"{args.user} は二要素認証を登録済みです。端末をなくしたときは staff reset を使います。",
            f"{args.user} has a second factor; use `staff reset` for a lost device.",
        )
    code = issue_code(user)
    note(user, "enrolment.issue")
    return _tell(args, code)


def _reset(args: argparse.Namespace) -> int:
    from tasuki_server.accounts.staff_changes import reset_factor

    return _tell(args, _changed(args, reset_factor))


def _disable(args: argparse.Namespace) -> int:
    from tasuki_server.accounts.staff_changes import disable

    _changed(args, disable)
    print(say(f"{args.user} の利用を停止しました。", f"{args.user} is disabled."))
    return 0


def _enable(args: argparse.Namespace) -> int:
    from tasuki_server.accounts.staff_changes import enable

    _changed(args, enable)
    print(say(f"{args.user} の利用を再開しました。", f"{args.user} may sign in again."))
    return 0


def _password(args: argparse.Namespace) -> int:
    from tasuki_server.accounts.staff_changes import reset_password

    password = _changed(args, reset_password)
    if args.format == "json":
        print(json.dumps({"user": args.user, "password": password}))
    else:
        print(say(f"最初のパスワード: {password}", f"first password: {password}"))
    return 0


def _renew(args: argparse.Namespace) -> int:
    from tasuki_server.accounts.renewal import renew_everyone
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    institution = _institution(args.institution)
    with as_institution(institution, system_actor(institution)):
        slips = renew_everyone()
    if args.format == "json":
        print(json.dumps([each._asdict() for each in slips], ensure_ascii=False))
        return 0
    for each in slips:
        print(
            say(
                f"――――\n{each.name}（{each.username}）\n  最初のパスワード: {each.password}\n  登録コード: {each.code}",
                f"----\n{each.name} ({each.username})\n  first password: {each.password}\n  enrolment code: {each.code}",
            )
        )
    progress(
        f"{len(slips)} 人分です。切り分けて本人に手渡してください。一度しか表示しません。",
        f"{len(slips)} slips, shown once: cut them and hand them over.",
    )
    return 0


def _changed(args: argparse.Namespace, act: Callable[[Any], Any]) -> Any:
    """The act on the person, in a transaction of their institution."""
    from tasuki_server.accounts.staff_changes import NotAllowed
    from tasuki_server.institutions.models import Staff
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    user = _user(args.user)
    with as_institution(user.institution_id, system_actor(user.institution_id)):
        staff = Staff.objects.filter(user_id=user.pk).first()
        if staff is None:
            raise Stop(f"「{args.user}」は職員ではありません。", f"“{args.user}” is no member of staff.")
        try:
            return act(staff)
        except NotAllowed as refusal:
            from tasuki_server.accounts.staff_forms import REASONS

            raise Stop(REASONS[refusal.reason], f"not allowed: {refusal.reason}") from refusal


def _tell(args: argparse.Namespace, code: str) -> int:
    if args.format == "json":
        print(json.dumps({"user": args.user, "enrolment_code": code}))
    else:
        print(say(f"登録コード（7日間有効、一度だけ）: {code}", f"enrolment code (seven days, once): {code}"))
    return 0


def _user(name: str) -> Any:
    from tasuki_server.accounts.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        raise Stop(f"利用者「{name}」はいません。", f"There is no user “{name}”.")
    return user


def _institution(text: str) -> UUID:
    from tasuki_server.institutions.models import Institution

    prefecture, _, code = text.partition("-")
    found = Institution.objects.using("owner").filter(prefecture=prefecture, code=code).first()
    if found is None:
        raise Stop(
            f"医療機関「{text}」はありません（例: 13-9990010）。一覧は ./tasuki institution list。",
            f"There is no institution “{text}” (like 13-9990010). ./tasuki institution list shows them.",
        )
    return found.id
