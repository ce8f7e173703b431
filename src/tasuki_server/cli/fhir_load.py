# SPDX-License-Identifier: Apache-2.0
"""FHIRの一括の取込み — `./tasuki fhir load FILE --institution ID`: NDJSON into the exchange, checked and indexed like any other write."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from tasuki_server.cli.claims_stream import opened
from tasuki_server.cli.words import Stop, progress, say

MOST_TOLD = 20


def add_verb(verbs: Any) -> None:
    """引数 — the verb."""
    loading = verbs.add_parser(
        "load", help=say("NDJSONを医療情報の交換へ取り込む", "load NDJSON into the exchange")
    )
    loading.add_argument("file", metavar="FILE", help=say("NDJSON（- は標準入力）", "NDJSON (- for stdin)"))
    loading.add_argument(
        "--institution",
        metavar="ID",
        required=True,
        help=say(
            "登録する接続機関（./tasuki platform institution list の識別子）",
            "the institution that writes, as ./tasuki platform institution list shows it",
        ),
    )
    loading.add_argument(
        "--processes",
        type=int,
        default=2,
        metavar="N",
        help=say("処理の数（既定 2）", "processes (default 2)"),
    )
    loading.set_defaults(verb=_load)


def _load(args: argparse.Namespace) -> int:
    from tasuki_server.database.session import connected

    if not 1 <= args.processes <= (os.cpu_count() or 1) * 2:
        raise Stop("処理の数は1からCPUの数の2倍までです。", "From 1 process to twice the number of CPUs.")
    with connected(progress, with_owner=True) as attached:
        from tasuki_server.exchange.loading import RefusedLine, load
        from tasuki_server.institutions.migrating import migrate

        migrate()
        institution = institution_of(args.institution)
        count, refused = 0, list[RefusedLine]()
        with opened(args.file) as lines:
            for done in load(lines, institution.id, attached.connections.platform, args.processes):
                count += done.count
                refused.extend(done.refused)
                if count // 100_000 > (count - done.count) // 100_000:
                    progress(f"{count:,}件", f"{count:,} resources")
    if args.format == "json":
        told = [{"line": each.line, "texts": list(each.texts)} for each in refused]
        print(json.dumps({"loaded": count, "refused": told}, ensure_ascii=False))
        return int(bool(refused))
    print(
        say(
            f"{count:,}件を取り込み、{len(refused):,}件を断りました。",
            f"{count:,} loaded, {len(refused):,} refused.",
        )
    )
    for each in refused[:MOST_TOLD]:
        print(f"  {each.line}: {' '.join(each.texts)}")
    return int(bool(refused))


def institution_of(text: str) -> Any:
    """接続機関 — by the identifier that the list shows; stops when there is none."""
    from uuid import UUID

    from tasuki_server.platform.models import ConnectedInstitution

    try:
        found = ConnectedInstitution.objects.filter(pk=UUID(text), revoked_at=None).first()
    except ValueError:
        found = None
    if found is None:
        raise Stop(
            f"接続機関「{text}」はありません。./tasuki platform institution list で確かめてください。",
            f"There is no institution “{text}”; see ./tasuki platform institution list.",
        )
    return found
