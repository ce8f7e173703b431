# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書 — checkups in 特定健診XML (V08) and as a document in FHIR (eCheckup 1.5.0), and between the two."""

from tasuki.sharing.checkups.archive import CheckupArchive, is_archive, open_archive
from tasuki.sharing.checkups.archive_writer import WrittenArchive, write_archive
from tasuki.sharing.checkups.cda_reader import ReadCheckup, read_checkup_xml
from tasuki.sharing.checkups.cda_writer import write_checkup_xml
from tasuki.sharing.checkups.checks import check_checkup
from tasuki.sharing.checkups.conversion import (
    CheckupWire,
    ConvertedCheckup,
    differences,
    numbered,
    read_checkup,
    wire_of,
    write_checkup,
)
from tasuki.sharing.checkups.facts import facts_of
from tasuki.sharing.checkups.json_text import write_json
from tasuki.sharing.checkups.kinds import kind_of
from tasuki.sharing.checkups.report_reader import check_report, read_report
from tasuki.sharing.checkups.report_writer import build_report
from tasuki.sharing.checkups.values import (
    Absence,
    Checkup,
    CheckupGroup,
    CheckupItem,
    CheckupKind,
    CheckupSection,
)

__all__ = [
    "Absence",
    "Checkup",
    "CheckupArchive",
    "CheckupGroup",
    "CheckupItem",
    "CheckupKind",
    "CheckupSection",
    "CheckupWire",
    "ConvertedCheckup",
    "ReadCheckup",
    "WrittenArchive",
    "build_report",
    "check_checkup",
    "check_report",
    "differences",
    "facts_of",
    "is_archive",
    "kind_of",
    "numbered",
    "open_archive",
    "read_checkup",
    "read_checkup_xml",
    "read_report",
    "wire_of",
    "write_archive",
    "write_checkup",
    "write_checkup_xml",
    "write_json",
]
