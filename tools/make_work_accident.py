# SPDX-License-Identifier: Apache-2.0
"""Writes starter/work_accident_acts.tsv: the outpatient acts of 労災 from the official file the user has downloaded.

usage: python tools/make_work_accident.py REZEPT_MASTER_01.csv.gz src/tasuki/masters/starter

The combined wound treatments of several body parts (101410…101418) are left to the import of the whole file.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from datetime import date
from pathlib import Path

from tasuki.kernel.validity import Validity
from tasuki.masters import tsv
from tasuki.masters.official.acts import act_of
from tasuki.masters.rows import Act

COMBINED = "10141"


def main() -> int:
    """Reads, selects, writes."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    rows = csv.reader(io.StringIO(gzip.decompress(source.read_bytes()).decode("cp932")))
    acts = []
    for fields in rows:
        if fields[12] in ("0", "2") and not fields[2].startswith(COMBINED):
            day = fields[86]
            acts.append(act_of(fields, Validity(date(int(day[:4]), int(day[4:6]), int(day[6:])))))
    acts.sort(key=lambda act: act.code)
    (out / "work_accident_acts.tsv").write_bytes(tsv.encode(Act, acts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
