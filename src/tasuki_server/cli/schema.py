# SPDX-License-Identifier: Apache-2.0
"""スキーマ — `./tasuki schema NAME`: the JSON Schema of an input file."""

from __future__ import annotations

import argparse
import json

from tasuki_server.cli.words import say

NAME = "schema"
HELP = ("入力ファイルのJSON Schemaを出します", "print the JSON Schema of an input file")
NAMES = ("visit", "visit-table", "copay-case", "claim-patients", "prescription", "prescription-check")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """引数 — the name of the schema."""
    parser.add_argument("schema", choices=NAMES, metavar="NAME", help=say("|".join(NAMES), "|".join(NAMES)))


def run(args: argparse.Namespace) -> int:
    """実行 — prints the schema."""
    from tasuki.calculation.batch.tables import table_documents
    from tasuki.calculation.copayment.case_file import case_schema
    from tasuki.calculation.visit_wire import visit_schema
    from tasuki.claims.content.patients_file import patients_schema
    from tasuki.prescriptions.contents_file import contents_schema
    from tasuki.prescriptions.safety.case_file import case_schema as check_schema

    schemas = {
        "visit": visit_schema,
        "visit-table": table_documents,
        "copay-case": case_schema,
        "claim-patients": patients_schema,
        "prescription": contents_schema,
        "prescription-check": check_schema,
    }
    made = schemas[args.schema]()
    print(json.dumps(made, ensure_ascii=False, indent=2))
    return 0
