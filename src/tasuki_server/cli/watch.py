# SPDX-License-Identifier: Apache-2.0
"""見張り — `./tasuki watch run|status`: judges what is new in each institution's trail."""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.words import progress, say

NAME = "watch"
HELP = ("監査記録から不正利用を見張ります", "watch the audit trail for misuse")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — `watch run|status`."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    running = verbs.add_parser("run", help=say("新しい監査記録をすべて確かめる", "judge all that is new"))
    running.set_defaults(verb=_run)
    status = verbs.add_parser(
        "status", help=say("どこまで確かめたか、開いている検知の数", "how far it has read, and open alerts")
    )
    status.set_defaults(verb=_status)


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when an urgent alert is open."""
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        return int(args.verb(args))


def _run(args: argparse.Namespace) -> int:
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.watch.running import catch_up

    for institution in all_institutions():
        done = catch_up(institution.id)
        progress(
            f"{institution.code}: {done.read} 件を確かめ、{done.raised} 件を検知しました。",
            f"{institution.code}: read {done.read}, raised {done.raised}",
        )
    return _status(args)


def _status(args: argparse.Namespace) -> int:
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.watch.alerts import state_of_watch
    from tasuki_server.watch.models import Alert

    rows = []
    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            state = state_of_watch()
            open_now = Alert.objects.filter(closed_at=None)
            rows.append(
                {
                    "institution": institution.code,
                    "read": state["read"],
                    "waiting": state["waiting"],
                    "open": open_now.count(),
                    "urgent": open_now.filter(severity="urgent").count(),
                }
            )
    if args.format == "json":
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            print(
                say(
                    f"{row['institution']}: {row['read']} 番まで確認、未確認 {row['waiting']} 件、検知 {row['open']} 件（うち至急 {row['urgent']} 件）",
                    f"{row['institution']}: read {row['read']}, waiting {row['waiting']}, open {row['open']} (urgent {row['urgent']})",
                )
            )
    return 1 if any(row["urgent"] for row in rows) else 0
