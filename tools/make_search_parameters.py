# SPDX-License-Identifier: Apache-2.0
"""Writes src/tasuki/sharing/data/search.fhirtable from the official packages, keeping the numbers it has.

usage: python tools/make_search_parameters.py R4.tgz JP-CORE.tgz
"""

from __future__ import annotations

import sys
from pathlib import Path

from tasuki.sharing.builtin import builtin_tables
from tasuki.sharing.ig.packages import read_archive
from tasuki.sharing.search.importing import compile_search, read_search_table, write_search_table

TABLE = Path(__file__).parents[1] / "src/tasuki/sharing/data/search.fhirtable"
PACKAGES = ("hl7.fhir.r4.core#4.0.1", "jp-core#1.2.0")


def main(paths: list[str]) -> None:
    known = read_search_table(TABLE.read_bytes()) if TABLE.exists() else None
    files = [file for path in paths for file in read_archive(Path(path).read_bytes(), path)]
    table = compile_search(files, PACKAGES, builtin_tables()[0], known)
    TABLE.write_bytes(write_search_table(table))
    sys.stdout.write(f"{len(table.parameters)} parameters of {len(table.shapes)} types\n")


if __name__ == "__main__":
    main(sys.argv[1:])
