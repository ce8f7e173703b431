# SPDX-License-Identifier: Apache-2.0
"""全国医療情報プラットフォーム（試行環境） — `./tasuki platform operator USER`, `clerk USER ID`, `institution add|list|stop|resume`, `key add|stop`, `own-key`, `seed N`, `records [NAME=VALUE ...]`, `removal [--clock-is-right]`."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from tasuki_server.cli.insurer_clerks import add_clerk_verb
from tasuki_server.cli.removal_words import add_removal_verb
from tasuki_server.cli.sender_keys import add_key_verbs, add_own_key, add_to_platform, stop_at_platform
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "platform"
HELP = (
    "全国医療情報プラットフォームの試行環境（運用担当者、接続機関、架空の加入者）",
    "the sandbox of the national services: operators, institutions, made-up people",
)
MOST_PEOPLE = 5_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — see the module."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    operator = verbs.add_parser(
        "operator", help=say("運用担当者にする（役割 examiner も必要）", "let a user sit at the desk")
    )
    operator.add_argument("user", metavar="USER", help=say("利用者名", "user name"))
    operator.set_defaults(verb=_operator)
    add_clerk_verb(verbs, _connected)
    add_removal_verb(verbs, _connected)
    institution = verbs.add_parser(
        "institution", help=say("接続機関の登録・一覧・停止・再開", "institutions that may connect")
    )
    acts = institution.add_subparsers(required=True, metavar="ACT")
    add = acts.add_parser(
        "add", help=say("登録し、トークンを一度だけ表示する", "register; its token is shown once")
    )
    add.add_argument("--prefecture", required=True, help=say("都道府県番号", "prefecture, two digits"))
    add.add_argument("--code", required=True, help=say("医療機関コード", "institution code, seven digits"))
    add.add_argument("--name", required=True, help=say("名称", "name"))
    add.add_argument(
        "--fee-table",
        choices=("1", "3", "4", "7", "8", "9"),
        default="1",
        help=say(
            "点数表（1 医科、3 歯科、4 調剤）、または 7 保健所、8 保険者、9 本人の閲覧",
            "1 medical, 3 dental, 4 pharmacy, 7 public health center, 8 insurer, 9 a person's own view",
        ),
    )
    add.set_defaults(verb=_add)
    acts.add_parser("list", help=say("一覧", "list them")).set_defaults(verb=_list)
    for act, help_text in (
        ("stop", say("接続を止める（鍵もトークンも）", "stop a connection, its keys and its token")),
        ("resume", say("止めた接続を再開する", "let a stopped connection serve again")),
    ):
        each = acts.add_parser(act, help=help_text)
        each.add_argument("id", metavar="ID", help=say("一覧に出る識別子", "the identifier that list shows"))
        each.set_defaults(verb=_switch, is_stopping=act == "stop")
    add_key_verbs(verbs, add_to_platform, stop_at_platform)
    add_own_key(verbs)
    seeding = verbs.add_parser("seed", help=say("架空の加入者をN人加える", "add N made-up people"))
    seeding.add_argument("count", type=int, metavar="N")
    seeding.set_defaults(verb=_seed)
    emergency = verbs.add_parser(
        "emergency",
        help=say(
            "救急時医療情報閲覧の権限（病院）を与える・終える",
            "let a hospital look without consent in an emergency",
        ),
    )
    emergency.add_argument("id", metavar="ID", help=say("一覧に出る識別子", "the identifier that list shows"))
    emergency.add_argument("--by", required=True, metavar="NAME", help=say("登録する人", "who notes it"))
    emergency.add_argument("--end", action="store_true", help=say("権限を終える", "end the right"))
    emergency.set_defaults(verb=_emergency)
    records = verbs.add_parser(
        "records",
        help=say(
            "電子カルテ情報共有の規則の表示・変更（policy=closed|open など）",
            "show or change the rules of the sharing of records (policy=closed|open and others)",
        ),
    )
    records.add_argument(
        "changes", nargs="*", metavar="NAME=VALUE", help=say("変える規則", "a rule to be changed")
    )
    records.add_argument("--by", default="", metavar="NAME", help=say("変える人", "who changes it"))
    records.set_defaults(verb=_records)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _operator(args: argparse.Namespace) -> int:
    def add() -> int:
        from tasuki_server.accounts.models import User
        from tasuki_server.platform.opening import add_operator

        user = User.objects.filter(username=args.user).first()
        if user is None:
            raise Stop(f"利用者「{args.user}」はいません。", f"There is no user “{args.user}”.")
        add_operator(user.pk, args.user)
        print(say(f"{args.user} を運用担当者にしました。", f"{args.user} may sit at the desk."))
        return 0

    return _connected(add)


def _add(args: argparse.Namespace) -> int:
    if not (args.prefecture.isascii() and args.prefecture.isdecimal() and len(args.prefecture) == 2):
        raise Stop("都道府県番号は2桁の数字です。", "The prefecture has two digits.")
    if not (args.code.isascii() and args.code.isdecimal() and len(args.code) == 7):
        raise Stop("医療機関コードは7桁の数字です。", "The institution code has seven digits.")

    def add() -> int:
        from tasuki_server.platform.clients import AlreadyConnected, register_institution
        from tasuki_server.platform.models import FeeTable

        try:
            row, token = register_institution(
                args.prefecture, FeeTable(args.fee_table), args.code, args.name[:100]
            )
        except AlreadyConnected as already:
            raise Stop(*already.words) from already
        if args.format == "json":
            told = {"id": str(row.id), "institution": row.institution_number, "token": token}
            print(json.dumps(told))
        else:
            print(say(f"トークン（表示は今だけ）: {token}", f"token (shown this once): {token}"))
        return 0

    return _connected(add)


def _list(args: argparse.Namespace) -> int:
    def show() -> int:
        from tasuki_server.platform.models import ConnectedInstitution

        rows = list(ConnectedInstitution.objects.order_by("revoked_at", "name"))
        if args.format == "json":
            told = [
                {
                    "id": str(row.id),
                    "institution": row.institution_number,
                    "name": row.name,
                    "is_stopped": row.revoked_at is not None,
                }
                for row in rows
            ]
            print(json.dumps(told, ensure_ascii=False))
            return 0
        for row in rows:
            state = say("停止", "stopped") if row.revoked_at else say("使える", "usable")
            print(f"{row.id}  {row.institution_number}  {state}  {row.name}")
        return 0

    return _connected(show)


def _switch(args: argparse.Namespace) -> int:
    def switch() -> int:
        from uuid import UUID

        from django.utils import timezone

        from tasuki_server.platform.clients import (
            AlreadyConnected,
            restore_institution,
            revoke_institution,
        )
        from tasuki_server.platform.models import ConnectedInstitution

        try:
            row = ConnectedInstitution.objects.filter(pk=UUID(args.id)).first()
        except ValueError:
            row = None
        if row is None:
            raise Stop(
                f"接続機関「{args.id}」はありません。./tasuki platform institution list で確かめてください。",
                f"There is no institution “{args.id}”; see ./tasuki platform institution list.",
            )
        if args.is_stopping:
            revoke_institution(row, timezone.now())
            print(
                say(
                    f"{row.name} の接続を止めました（鍵もトークンも使えません）。",
                    f"The connection of {row.name} is stopped, its keys and its token.",
                )
            )
        else:
            try:
                restore_institution(row)
            except AlreadyConnected as already:
                raise Stop(*already.words) from already
            print(say(f"{row.name} の接続を再開しました。", f"The connection of {row.name} serves again."))
        return 0

    return _connected(switch)


def _seed(args: argparse.Namespace) -> int:
    if not 0 < args.count <= MOST_PEOPLE:
        raise Stop(f"人数は1から{MOST_PEOPLE:,}までです。", f"From 1 to {MOST_PEOPLE:,} people.")

    def fill() -> int:
        from django.utils import timezone

        from tasuki_server.eligibility.generated import seed

        def tell(done: int) -> None:
            if done % 100_000 == 0:
                progress(f"{done:,}人", f"{done:,} people")

        total = seed(args.count, timezone.localdate(), timezone.now(), tell)
        print(
            say(
                f"架空の加入者を{args.count:,}人加えました（生成した人は全部で{total:,}人）。",
                f"Added {args.count:,} made-up people ({total:,} in all).",
            )
        )
        return 0

    return _connected(fill)


def _emergency(args: argparse.Namespace) -> int:
    def note() -> int:
        from django.core.exceptions import ValidationError
        from django.utils import timezone

        from tasuki_server.eligibility.opening import NotAHospital, allow_emergency, end_emergency_right
        from tasuki_server.platform.models import ConnectedInstitution

        try:
            caller = ConnectedInstitution.objects.filter(pk=args.id).first()
        except ValidationError:
            caller = None
        if caller is None:
            raise Stop(f"接続機関「{args.id}」はありません。", f"There is no institution “{args.id}”.")
        at = timezone.now()
        try:
            done = (
                end_emergency_right(caller, at, args.by) if args.end else allow_emergency(caller, args.by, at)
            )
        except NotAHospital as wrong:
            raise Stop(
                f"{caller.name}（{caller.institution_number}）は医科ではないため、救急時医療情報閲覧の権限を与えられません。",
                f"{caller.name} is not of the medical fee table; a hospital alone may look in an emergency.",
            ) from wrong
        if not done:
            print(say("すでにそうなっています。", "It is so already."))
        elif args.end:
            print(say(f"{caller.name}の権限を終えました。", f"{caller.name} may no longer look."))
        else:
            print(say(f"{caller.name}に権限を与えました。", f"{caller.name} may look in an emergency."))
        return 0

    return _connected(note)


def _records(args: argparse.Namespace) -> int:
    changes: dict[str, object] = {}
    for each in args.changes:
        name, mark, text = each.partition("=")
        if not mark:
            raise Stop(f"「{each}」は 名前=値 ではありません。", f"“{each}” is not NAME=VALUE.")
        changes[name] = _value(text)
    if changes and not args.by:
        raise Stop("変える人を --by で入れてください。", "Say who changes it with --by.")

    def show() -> int:
        import msgspec

        from tasuki_server.records.rules import kept_rules, set_rules

        try:
            rules = set_rules(args.by, **changes) if changes else kept_rules()
        except ValueError as wrong:
            raise Stop(f"この値にはできません（{wrong}）。", f"It cannot be that ({wrong}).") from wrong
        told = msgspec.to_builtins(rules)
        if args.format == "json":
            print(json.dumps(told, ensure_ascii=False))
        else:
            for name, value in told.items():
                print(f"{name}={json.dumps(value, ensure_ascii=False)}")
        return 0

    return _connected(show)


def _value(text: str) -> object:
    """As JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _connected(act: Callable[[], int]) -> int:
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.institutions.migrating import migrate

        migrate()
        return act()
