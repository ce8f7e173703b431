# SPDX-License-Identifier: Apache-2.0
"""運用 — `./tasuki operations status|availability|keys|announce|explain|migrations`."""

from __future__ import annotations

import argparse
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tasuki.security.availability import StopKind
from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from tasuki.security.availability import Availability

NAME = "operations"
HELP = (
    "稼働状態・稼働率・鍵の期限・停止の告知・移行の点検",
    "health, availability, keys that end, stops, migrations",
)
TOKYO = ZoneInfo("Asia/Tokyo")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — one operation and what it wants."""
    verbs = parser.add_subparsers(required=True, metavar="OPERATION")
    status = verbs.add_parser("status", help=say("いまの稼働状態", "health now"))
    status.set_defaults(verb=_status)
    rate = verbs.add_parser(
        "availability", help=say("稼働率（標準仕様書の定義）", "served over planned hours")
    )
    rate.add_argument(
        "--since", type=_instant, help=say("期間の始め（省けば365日前）", "begin; 365 days ago if absent")
    )
    rate.add_argument("--until", type=_instant, help=say("期間の終わり（省けば今）", "end; now if absent"))
    rate.set_defaults(verb=_availability)
    keys = verbs.add_parser(
        "keys", help=say("期限の近い接続・送信の鍵（30日以内）", "keys of systems that end within 30 days")
    )
    keys.set_defaults(verb=_keys)
    announce = verbs.add_parser(
        "announce", help=say("計画停止を前もって記入する", "note a planned stop before it")
    )
    announce.set_defaults(verb=_announce)
    explain = verbs.add_parser(
        "explain", help=say("停止の原因と対策を記入する", "note the cause and remedy of an outage")
    )
    causes = [each.value for each in StopKind if each is not StopKind.PLANNED]
    explain.add_argument("--kind", choices=causes, required=True)
    explain.add_argument("--remedy", default="", help=say("対策と再発防止", "remedy and prevention"))
    explain.set_defaults(verb=_explain)
    for each in (announce, explain):
        each.add_argument("--since", type=_instant, required=True, help="2026-12-06T22:00")
        each.add_argument("--until", type=_instant, required=True, help="2026-12-07T02:00")
        each.add_argument("--reason", required=True, help=say("理由", "reason"))
    lint = verbs.add_parser(
        "migrations", help=say("移行が業務を止めないかの点検", "whether migrations would block")
    )
    lint.set_defaults(verb=_migrations)


def run(args: argparse.Namespace) -> int:
    """実行 — 1 when something is not as it should be."""
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        return int(args.verb(args))


def _instant(text: str) -> datetime:
    """時刻 — of Tokyo unless it says otherwise."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=TOKYO)


def _status(args: argparse.Namespace) -> int:
    from tasuki_server.operations.health import CHECK_NAMES, STATE_NAMES, look

    health = look(is_draining=False)
    if args.format == "json":
        print(json.dumps(health.document, ensure_ascii=False))
    else:
        for name, each in health.checks.items():
            value = "" if each.value is None else f" {each.value:g}"
            label, unit = CHECK_NAMES[name]
            print(
                f"{say(label, name)}: {say(STATE_NAMES[each.state], each.state)}{value and f'（{value.strip()}{unit}）'}"
            )
    return 0 if health.word == "ready" else 1


def _keys(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from tasuki_server.operations import key_endings

    at = timezone.now()
    found = key_endings.every_ending(at)
    if args.format == "json":
        print(json.dumps(key_endings.document_of(found, at), ensure_ascii=False))
        return 1 if found else 0
    for whose, each in found:
        print(f"{whose}: {each.words(at)}")
    if not found:
        print(say("30日以内に期限の来る鍵はありません。", "No key ends within 30 days."))
    return 1 if found else 0


def _availability(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from tasuki_server.operations.service_record import served_over

    found = served_over(args.since, args.until or timezone.now(), "owner")
    if args.format == "json":
        print(json.dumps(None if found is None else document_of(found), ensure_ascii=False))
    elif found is None:
        print(say("稼働の記録がまだありません。", "Nothing is recorded yet."))
    else:
        print("\n".join(_lines_of(found)))
    return 1 if found is not None and found.is_met is False else 0


def document_of(found: Availability) -> dict[str, Any]:
    """稼働率の文書 — for JSON and for the page."""
    return {
        "since": found.period.since.isoformat(),
        "until": found.period.until.isoformat(),
        "served_seconds": int(found.served.total_seconds()),
        "planned_seconds": int(found.planned.total_seconds()),
        "percent": None if found.percent is None else str(found.percent),
        "is_met": found.is_met,
        "is_of_a_year": found.is_of_a_year,
        "outages": [
            {"since": each.since.isoformat(), "until": each.until.isoformat()} for each in found.outages
        ],
    }


def _lines_of(found: Availability) -> list[str]:
    since, until = (each.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M") for each in found.period)
    lines = [
        say(f"期間: {since} から {until}", f"period: {since} to {until}"),
        say(
            f"稼働率: {found.percent}%（実稼働 {_hours(found.served)} ÷ 予定稼働 {_hours(found.planned)}、基準 99.9%以上）",
            f"availability: {found.percent} % (served {_hours(found.served)} / planned {_hours(found.planned)}, goal 99.9 %)",
        ),
    ]
    if not found.is_of_a_year:
        lines.append(
            say("一年に満たないため、実績ではなく途中の値です。", "Less than a year: no result yet.")
        )
    for each in found.outages:
        begin, end = (at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M:%S") for at in each)
        lines.append(say(f"  停止: {begin} から {end}", f"  away: {begin} to {end}"))
    return lines


def _hours(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    return say(f"{minutes // 60}時間{minutes % 60}分", f"{minutes // 60} h {minutes % 60} min")


def _announce(args: argparse.Namespace) -> int:
    from django.utils import timezone

    if args.since <= timezone.now():
        raise Stop(
            "計画停止は、始まる前に記入します。始まった停止は explain で記入してください。",
            "A planned stop is announced before it begins; use explain for one that has begun.",
        )
    return _note(args, StopKind.PLANNED, "")


def _explain(args: argparse.Namespace) -> int:
    return _note(args, StopKind(args.kind), args.remedy)


def _note(args: argparse.Namespace, kind: StopKind, remedy: str) -> int:
    from tasuki_server.operations.models import ServiceStop

    if args.until <= args.since:
        raise Stop("終わりが始めより前です。", "The end lies before the begin.")
    ServiceStop.objects.using("owner").create(
        kind=kind, since=args.since, until=args.until, reason=args.reason, remedy=remedy
    )
    print(say(f"記入しました（{kind.label}）。", f"Noted ({kind.value})."))
    return 0


def _migrations(args: argparse.Namespace) -> int:
    from tasuki_server.operations.migration_lint import all_migrations, faults_of

    faults = [each for label, name in all_migrations() for each in faults_of(label, name)]
    if args.format == "json":
        print(json.dumps([each._asdict() for each in faults], ensure_ascii=False))
    else:
        for each in faults:
            print(each)
        print(say(f"指摘 {len(faults)} 件", f"{len(faults)} findings"))
    return 1 if faults else 0
