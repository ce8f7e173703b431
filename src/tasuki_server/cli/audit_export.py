# SPDX-License-Identifier: Apache-2.0
"""監査記録の出力 — `./tasuki audit export --format fhir`: one AuditEvent a line, as they are read."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from tasuki_server.cli.words import Stop, progress, say

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_arguments(verbs: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """引数 — days, patient and institution."""
    export = verbs.add_parser("export", help=say("監査記録を出力する", "export the audit trail"))
    export.add_argument("--format", choices=["fhir"], default="fhir")
    export.add_argument("--from", dest="since", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    export.add_argument("--to", dest="until", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    export.add_argument("--patient", type=UUID, help=say("患者の識別子", "identifier of a patient"))
    export.add_argument("--institution", help=say("医療機関コード", "code of the institution"))
    export.set_defaults(verb=_export)


def _export(args: argparse.Namespace) -> int:
    """The export itself is an act of the trail, noted before the first line leaves."""
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.audit.bringing import all_institutions
        from tasuki_server.audit.handing_out import Asked, fhir_lines, note_export
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        chosen = [each for each in all_institutions() if args.institution in (None, each.code)]
        if not chosen or args.until < args.since:
            raise Stop(
                "その医療機関または期間の監査記録はありません。--institution と --from・--to を確かめてください。",
                "There is no trail of that institution or period.",
            )
        asked = Asked(args.since, args.until, args.patient)
        for institution in chosen:
            actor = system_actor(institution.id)
            with as_institution(institution.id, actor):
                note_export(asked)
            with as_institution(institution.id, actor):
                for line in fhir_lines(institution, asked):
                    sys.stdout.write(line)
    return 0
