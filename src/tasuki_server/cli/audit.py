# SPDX-License-Identifier: Apache-2.0
"""監査 — verifies the trail of every institution."""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.words import progress, say

NAME = "audit"
HELP = ("監査記録が改ざんされていないか確かめます", "verify the audit trail")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — `audit verify`."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    verify = verbs.add_parser(
        "verify", help=say("すべての医療機関の連鎖を検証する", "check the chain of every institution")
    )
    verify.set_defaults(verb=_verify)


def run(args: argparse.Namespace) -> int:
    """実行 — the verb."""
    return int(args.verb(args))


def _verify(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    results = []
    with connected(progress, with_owner=True):
        from tasuki_server.audit.trail import verify_chain
        from tasuki_server.institutions.models import Institution
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        for institution in Institution.objects.using("owner").order_by("code"):
            with as_institution(institution.id, system_actor(institution.id)):
                count, last, breaks = verify_chain(institution.id)
            results.append((institution, count, last, breaks))
    if args.format == "json":
        print(
            json.dumps(
                [
                    {
                        "institution": institution.code,
                        "events": count,
                        "last_link": last,
                        "breaks": [each._asdict() for each in breaks],
                    }
                    for institution, count, last, breaks in results
                ],
                ensure_ascii=False,
            )
        )
    else:
        for institution, count, last, breaks in results:
            state = (
                say("正常", "intact")
                if not breaks
                else say(f"破れ {len(breaks)} 件", f"{len(breaks)} breaks")
            )
            print(
                f"{institution.code} {institution.name}: {count} {say('件', 'events')}, {state}, {last[:16]}"
            )
            for each in breaks:
                print(f"  #{each.number} {each.kind}")
    return 1 if any(breaks for _, _, _, breaks in results) else 0
