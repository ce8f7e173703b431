# SPDX-License-Identifier: Apache-2.0
"""入替え — `./tasuki reload`: tables are brought to this version and the pages served by it, while everyone works on."""

from __future__ import annotations

import argparse
import json
import time

from tasuki_server.cli.words import Stop, progress, say

NAME = "reload"
HELP = (
    "動いたままで新しい版に入れ替えます（表の移行と画面のサーバ）",
    "change to the version that lies here without a stop",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — what may be left out."""
    parser.add_argument(
        "--no-migrate",
        action="store_true",
        help=say("表の移行をしない（画面のサーバだけ）", "leave the tables as they are"),
    )


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when the next generation did not come up and the present one goes on."""
    from tasuki_server.database.session import connected
    from tasuki_server.operations.gentle_migration import migrate_gently
    from tasuki_server.operations.supervision import ask_for_next, standing_here

    if standing_here() is None:
        raise _nothing_runs()
    begun = time.monotonic()
    made: list[str] = []
    if not args.no_migrate:
        with connected(progress, with_owner=True):
            made = migrate_gently()
    try:
        standing = ask_for_next()
    except ProcessLookupError:
        raise _nothing_runs() from None
    seconds = time.monotonic() - begun
    if args.format == "json":
        found = {
            "migrations": made,
            "generation": standing and standing.generation,
            "seconds": float(f"{seconds:.1f}"),
        }
        print(json.dumps(found))
    elif standing is None:
        print(
            say(
                "次の画面のサーバが起動しませんでした。今のサーバがそのまま動いています。",
                "The next page server did not come up; the present one goes on.",
            )
        )
    else:
        print(
            say(
                f"入れ替えました（{seconds:.1f}秒、移行 {len(made)} 件、世代 {standing.generation}）。",
                f"Changed ({seconds:.1f} s, {len(made)} migrations, generation {standing.generation}).",
            )
        )
    return 0 if standing is not None else 1


def _nothing_runs() -> Stop:
    return Stop(
        "このデータの置き場所では、何も動いていません。./tasuki up で起動してください。",
        "Nothing runs on this data folder; start it by ./tasuki up.",
    )
