# SPDX-License-Identifier: Apache-2.0
"""保存期間の整理 — `./tasuki platform removal`: when it was last done, and that the clock is right after all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_removal_verb(verbs: Any, connected: Callable[[Callable[[], int]], int]) -> None:
    """引数 — of `platform removal`."""
    removal = verbs.add_parser(
        "removal",
        help=say(
            "保存期間の整理を最後にした日時。時計の誤りを疑って止まった整理を再開する",
            "when what is past its days was last removed; lets it go on where the clock was doubted",
        ),
    )
    removal.add_argument(
        "--clock-is-right",
        action="store_true",
        help=say("時計を確かめ、正しかった", "the clock was looked at and is right"),
    )
    removal.add_argument("--by", default="", metavar="NAME", help=say("確かめた人", "who looked at it"))
    removal.set_defaults(verb=lambda args: connected(lambda: _run(args)))


def _run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from tasuki_server.platform.removal_clock import believe, last_mark

    if args.clock_is_right:
        if not args.by:
            raise Stop("確かめた人を --by で入れてください。", "Say who looked at the clock with --by.")
        believe(timezone.now(), args.by)
    mark = last_mark()
    if args.format == "json":
        print(json.dumps({"last": mark.isoformat() if mark is not None else None}))
    else:
        told = f"{timezone.localtime(mark):%Y-%m-%d %H:%M}" if mark is not None else say("まだ", "never")
        print(say(f"保存期間の整理: {told}", f"Last removed: {told}"))
    return 0
