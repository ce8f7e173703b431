# SPDX-License-Identifier: Apache-2.0
"""控え — `./tasuki backup keys|create|list|verify|restore|…`: copies of everything, sealed for a key that is not here."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli import backup_keeping
from tasuki_server.cli import restore as restore_command
from tasuki_server.cli.words import Stop, progress, public_key, say

if TYPE_CHECKING:
    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository

NAME = "backup"
HELP = ("控え（バックアップ）を取り、確かめます", "make and verify backups")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the verbs."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    keys = verbs.add_parser(
        "keys", help=say("鍵の組を作る（復元の鍵は外へ）", "make the pair of keys; the private half goes out")
    )
    keys.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help=say(
            "復元の鍵を書き出す場所（取り外す媒体）",
            "where the private half is written: a medium that is taken out",
        ),
    )
    keys.set_defaults(verb=_keys)
    create = verbs.add_parser("create", help=say("控えを取る", "make a backup"))
    create.add_argument(
        "--key", help=say("公開鍵（省けば TASUKI_BACKUP_KEY）", "public key; TASUKI_BACKUP_KEY if absent")
    )
    create.add_argument("--run", help=argparse.SUPPRESS)
    create.set_defaults(verb=_create)
    listing = verbs.add_parser("list", help=say("控えを一覧する", "list the backups"))
    listing.set_defaults(verb=_list)
    verify = verbs.add_parser(
        "verify",
        help=say(
            "控えの一つ一つを署名と照らす（復元の鍵は要らない）", "check every object; needs no offline key"
        ),
    )
    verify.add_argument(
        "--signer",
        help=say(
            "署名の公開鍵（省けばこの設置のもの）", "public key of signatures; this installation's if absent"
        ),
    )
    verify.set_defaults(verb=_verify)
    send = verbs.add_parser("send", help=say("三つ目の控えに送る", "send what is new to the third copy"))
    send.set_defaults(verb=backup_keeping.send)
    backup_keeping.add_arguments(verbs)
    for each in (create, listing, verify, send):
        add_folder(each)
    restore = verbs.add_parser("restore", help=say(*restore_command.HELP))
    restore_command.add_arguments(restore)
    restore.set_defaults(verb=restore_command.run)


def add_folder(parser: argparse.ArgumentParser) -> None:
    """置き場所の引数 — of the repository."""
    parser.add_argument(
        "--folder",
        type=Path,
        help=say("控えの置き場所（省けば TASUKI_BACKUPS）", "the repository; TASUKI_BACKUPS if absent"),
    )


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def repository_of(args: argparse.Namespace) -> Repository:
    """控えの置き場所 — as named, or as set. Raises :class:`Stop`."""
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.settings_table import text

    given = args.folder or text("TASUKI_BACKUPS")
    if not given:
        raise Stop(
            "控えの置き場所を --folder か TASUKI_BACKUPS で指定してください。",
            "Name the repository by --folder or TASUKI_BACKUPS.",
        )
    return Repository(Path(given).expanduser().resolve())


def _public(args: argparse.Namespace) -> PublicHalf:
    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.settings_table import text

    given = args.key or text("TASUKI_BACKUP_KEY")
    if not given:
        raise Stop(
            "控えの公開鍵がありません。./tasuki backup keys で鍵の組を作り、TASUKI_BACKUP_KEY に指定してください。",
            "There is no public key; make a pair by ./tasuki backup keys and name it in TASUKI_BACKUP_KEY.",
        )
    return PublicHalf.from_text(given)


def _keys(args: argparse.Namespace) -> int:
    from tasuki_server.recovery.offline_key import OfflineKey, write_once
    from tasuki_server.recovery.source import signer

    key = OfflineKey.made(signer())
    write_once(args.out, key)
    if args.format == "json":
        print(json.dumps({"public": key.public.text, "signer": key.signer.hex(), "file": str(args.out)}))
        return 0
    print(
        say(
            f"公開鍵: {key.public.text}\n"
            f"  TASUKI_BACKUP_KEY={key.public.text} として設定してください。\n"
            f"復元の鍵を {args.out} に一度だけ書き出しました。この機械から取り外し、紙の控えとともに金庫に保管してください。\n"
            "  この鍵を失うと控えは開けません。この設置には残りません。",
            f"Public key: {key.public.text}\n  Set TASUKI_BACKUP_KEY={key.public.text}\n"
            f"The key to restore with was written once, to {args.out}. Take it off this machine; without it no backup opens.",
        )
    )
    return 0


def _create(args: argparse.Namespace) -> int:
    from tasuki_server.cli.trail_keeper import TrailKeeper
    from tasuki_server.database.session import connected

    repository, public = repository_of(args), _public(args)
    with connected(progress, with_owner=True) as attached:
        from tasuki_server.institutions.migrating import migrate
        from tasuki_server.recovery.running import run_backup

        if attached.server is not None:
            migrate()
        try:
            manifest = run_backup(
                repository, public, TrailKeeper.for_installation(), backup_keeping.distant_copy(), args.run
            )
        except ConnectionError as error:
            raise Stop(
                f"控えは取れましたが、三つ目の控えに送れません: {error}",
                f"The backup is made, but the third copy did not take it: {error}",
            ) from error
    sizes = sum(size for _, size, _ in manifest.objects)
    if args.format == "json":
        told = {"base": manifest.base, "mark_at": manifest.mark_at.isoformat(), "bytes": sizes}
        print(json.dumps({**told, "tables": len(manifest.tables)}))
        return 0
    seconds = (manifest.ended_at - manifest.began_at).total_seconds()
    print(
        say(
            f"控え {manifest.base} を取りました（{seconds:.1f}秒、{sizes / 1e6:.1f} MB、表 {len(manifest.tables)}）。",
            f"Backup {manifest.base} is made ({seconds:.1f} s, {sizes / 1e6:.1f} MB, {len(manifest.tables)} tables).",
        )
    )
    return 0


def _list(args: argparse.Namespace) -> int:
    from tasuki_server.recovery.manifest import Manifest, bases
    from tasuki_server.recovery.source import signer

    found = list(bases(repository_of(args), signer()))
    whole = [each for each in found if isinstance(each, Manifest)]
    broken = [str(each) for each in found if not isinstance(each, Manifest)]
    rows = [
        {
            "base": each.base,
            "mark_at": each.mark_at.isoformat(),
            "bytes": sum(size for _, size, _ in each.objects),
            "tables": len(each.tables),
            "events": sum(trail.size for trail in each.trails),
        }
        for each in whole
    ]
    if args.format == "json":
        print(json.dumps({"bases": rows, "broken": broken}, ensure_ascii=False))
    else:
        for row, each in zip(rows, whole, strict=True):
            size = sum(count for _, count, _ in each.objects) / 1e6
            print(f"{row['base']}  {each.mark_at.astimezone():%Y-%m-%d %H:%M:%S}  {size:8.1f} MB")
        for line in broken:
            print(say(f"壊れています: {line}", f"broken: {line}"))
        if not found:
            print(say("控えはまだありません。", "There is no backup yet."))
    return 1 if broken else 0


def _verify(args: argparse.Namespace) -> int:
    from tasuki_server.recovery.source import signer

    repository = repository_of(args)
    names = list(repository.names())
    own = public_key(args.signer, "署名の公開鍵", "signer") if args.signer else signer()
    broken = [{"object": each.name, "why": str(each)} for each in repository.broken(own)]
    if args.format == "json":
        print(json.dumps({"objects": len(names), "broken": broken}, ensure_ascii=False))
        return 1 if broken else 0
    for row in broken:
        print(say(f"壊れています: {row['why']}", f"broken: {row['why']}"))
    print(
        say(
            f"{len(names)} 個のうち {len(broken)} 個が壊れています。",
            f"{len(broken)} of {len(names)} broken.",
        )
    )
    return 1 if broken else 0
