# SPDX-License-Identifier: Apache-2.0
"""三つ目の控え — `./tasuki backup send` here; `backup keep|prune` on the keeper's machine, which needs no database."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Stop, public_key, say

if TYPE_CHECKING:
    from tasuki_server.recovery.third_copy import DistantCopy


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """引数 — what the keeper of the third copy runs."""
    keep = verbs.add_parser(
        "keep",
        help=say(
            "三つ目の控えを預かる（追加だけを受け付ける）",
            "keep the third copy: objects are added, nothing else",
        ),
    )
    keep.add_argument("--token", type=Path, required=True, help=say("合言葉のファイル", "file of the token"))
    keep.add_argument(
        "--signer",
        required=True,
        help=say(
            "預ける設置の署名の公開鍵（backup keys が表示する）",
            "the house's signing key, as backup keys prints it",
        ),
    )
    keep.add_argument("--bind", default="127.0.0.1", help=say("待ち受けるアドレス", "address to listen on"))
    keep.add_argument("--port", type=int, default=8791, help=say("ポート", "port"))
    keep.set_defaults(verb=_keep)
    prune = verbs.add_parser(
        "prune",
        help=say(
            "古い控えを整理する（番人の機械で、人が実行する）",
            "remove old bases; run by hand on the keeper's machine",
        ),
    )
    prune.add_argument(
        "--keep-days", type=int, required=True, help=say("残す日数（30以上）", "days to keep, 30 at least")
    )
    prune.add_argument(
        "--clock-is-right",
        action="store_true",
        help=say("この機械の時計を確かめ、正しかった", "this machine's clock was looked at and is right"),
    )
    prune.set_defaults(verb=_prune)
    for each in (keep, prune):
        each.add_argument("--folder", type=Path, required=True, help=say("預かる場所", "the keeper's folder"))


def distant_copy() -> DistantCopy | None:
    """三つ目の控えの番人 — as set; None where none is. Raises :class:`Stop`."""
    from tasuki_server.recovery.third_copy import DistantCopy
    from tasuki_server.settings_table import text

    address = text("TASUKI_THIRD_COPY")
    if not address:
        return None
    try:
        return DistantCopy(address, _token(Path(text("TASUKI_THIRD_COPY_TOKEN"))))
    except ValueError as error:
        raise Stop(
            f"TASUKI_THIRD_COPY の「{address}」は番人のアドレスではありません（例: https://番人のホスト:8791）。",
            f"TASUKI_THIRD_COPY is no address of a keeper: {address}.",
        ) from error


def send(args: argparse.Namespace) -> int:
    """送り出し — what the keeper does not have."""
    from tasuki_server.cli.backup import repository_of

    keeper = distant_copy()
    if keeper is None:
        raise Stop(
            "TASUKI_THIRD_COPY に番人のアドレスを指定してください。", "Name the keeper in TASUKI_THIRD_COPY."
        )
    try:
        sent = keeper.send_new(repository_of(args))
    except ConnectionError as error:
        raise Stop(f"番人に送れません: {error}", f"The keeper did not take it: {error}") from error
    if args.format == "json":
        print(json.dumps({"sent": sent}))
    else:
        print(say(f"{len(sent)} 個を送りました。", f"{len(sent)} sent."))
    return 0


def _keep(args: argparse.Namespace) -> int:
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.third_copy import ThirdCopy, desk_of

    signer = public_key(args.signer, "署名の公開鍵", "signer")
    args.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = ThirdCopy(Repository(args.folder.resolve()), _token(args.token), signer)
    with desk_of(copy, (args.bind, args.port)) as desk:
        host, port = desk.server_address[:2]
        print(
            say(
                f"三つ目の控えを {host}:{port} で預かります。終わるには Ctrl-C",
                f"Third copy on {host!s}:{port}",
            ),
            flush=True,
        )
        desk.serve_forever()
    return 0


def _prune(args: argparse.Namespace) -> int:
    from tasuki_server.recovery.third_copy import prune

    if args.keep_days < 30:
        raise Stop("30日より新しい控えは消しません。", "Nothing younger than 30 days is removed.")
    gone = prune(args.folder.resolve(), args.keep_days, time.time(), is_clock_sure=args.clock_is_right)
    if args.format == "json":
        print(json.dumps({"removed": gone}))
    else:
        print(say(f"{len(gone)} 個を整理しました。", f"{len(gone)} removed."))
    return 0


def _token(path: Path) -> str:
    try:
        return path.expanduser().read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Stop(
            f"合言葉のファイル {path} が読めません。", f"The token's file {path} cannot be read."
        ) from error
