# SPDX-License-Identifier: Apache-2.0
"""証人 — `./tasuki witness serve|trust|show`: the outside keeper of the trail's checkpoints. It needs no database."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tasuki_server.cli.words import Stop, public_key, say

NAME = "witness"
HELP = (
    "監査記録の証人（データベースの外でチェックポイントを預かる）",
    "the witness of audit trails, kept outside their database",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the folder of the witness and what to do with it."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    serve = verbs.add_parser("serve", help=say("チェックポイントを受け付ける", "take checkpoints"))
    serve.add_argument("--bind", default="127.0.0.1", help=say("待ち受けるアドレス", "address to listen on"))
    serve.add_argument("--port", type=int, default=8790, help=say("ポート", "port"))
    serve.set_defaults(verb=_serve)
    trust = verbs.add_parser(
        "trust",
        help=say(
            "ログの名前と公開鍵を登録する（`audit checkpoint --key` が表示する）",
            "register a log by the name and key that `audit checkpoint --key` prints",
        ),
    )
    trust.add_argument("origin", metavar="LOG", help=say("ログの名前", "name of the log"))
    trust.add_argument("public", metavar="KEY", help=say("公開鍵（16進）", "public key in hex"))
    trust.set_defaults(verb=_trust)
    show = verbs.add_parser("show", help=say("ログの最後のチェックポイントを表示する", "the last checkpoint"))
    show.add_argument("origin", metavar="LOG", help=say("ログの名前", "name of the log"))
    show.set_defaults(verb=_show)
    for each in (serve, trust, show):
        each.add_argument(
            "--folder", type=Path, required=True, help=say("証人のフォルダ", "folder of the witness")
        )
        each.add_argument("--name", default="tasuki/witness", help=say("証人の名前", "name of the witness"))


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _serve(args: argparse.Namespace) -> int:
    from tasuki_server.audit.notes import Verifier
    from tasuki_server.audit.witness import Witness
    from tasuki_server.audit.witness_desk import desk_of

    witness = Witness(args.folder, args.name)
    with desk_of(witness, (args.bind, args.port)) as desk:
        host, port = desk.server_address[:2]
        print(
            say(
                f"証人 {args.name} が {host}:{port} で待っています。終わるには Ctrl-C",
                f"{args.name} on {host}:{port}",
            )
        )
        print(say(f"  公開鍵: {witness.public.hex()}", f"  public key: {witness.public.hex()}"))
        key = Verifier(args.name, witness.public).text
        print(say(f"  検証鍵: {key}", f"  verifier key: {key}"), flush=True)
        desk.serve_forever()
    return 0


def _trust(args: argparse.Namespace) -> int:
    from tasuki_server.audit.witness import Witness

    public = public_key(args.public, "公開鍵", "key")
    try:
        Witness(args.folder, args.name).trust(args.origin, public)
    except ValueError as error:
        raise Stop(
            f"{args.origin} は別の鍵で登録されています。改ざんでないか、ログの管理者に確かめてください。",
            f"{args.origin} is known by another key; ask its keeper why.",
        ) from error
    print(say(f"{args.origin} を登録しました。", f"{args.origin} is registered."))
    return 0


def _show(args: argparse.Namespace) -> int:
    from tasuki_server.audit.witness import Witness

    note = Witness(args.folder, args.name).last(args.origin)
    if note is None:
        raise Stop(
            f"{args.origin} のチェックポイントはありません。", f"There is no checkpoint of {args.origin}."
        )
    if args.format == "json":
        print(json.dumps({"note": note.whole}, ensure_ascii=False))
    else:
        print(note.whole, end="")
    return 0
