# SPDX-License-Identifier: Apache-2.0
"""セクションの組替え — XML has one section of results and questions, a report in FHIR has one of each.

Cite: 特定健診情報ファイル仕様説明書 3.3.1; 健診結果報告書 1.5.0 JP_Composition_eCheckupGeneral
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.sharing.checkups.items import item_facts
from tasuki.sharing.checkups.kinds import ADDITIONAL, PROGRAMS, SECTION_TITLES
from tasuki.sharing.checkups.values import CheckupGroup, CheckupSection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.sharing.checkups.values import Checkup, CheckupItem

_WHOLE = {each.xml_section for each in PROGRAMS.values()} - {ADDITIONAL}
_PARTS = {
    part: each.xml_section
    for each in PROGRAMS.values()
    for part in (each.results, each.questions)
    if each.results != "01910"
}


def split_sections(checkup: Checkup) -> tuple[CheckupSection, ...]:
    """FHIRのセクション — each section of XML as one of results and one of questions; others stay.

    Sections that come out under one code are put together.
    """
    made: dict[str, CheckupSection] = {}
    for section in checkup.sections:
        if section.code not in _WHOLE:
            _join(made, section)
            continue
        program = PROGRAMS.get(checkup.program)
        if program is None or program.xml_section != section.code:
            program = next(each for each in PROGRAMS.values() if each.xml_section == section.code)
        questions = tuple(each for each in section.entries if _is_question(each))
        results = tuple(each for each in section.entries if not _is_question(each))
        if results or not questions:
            _join(made, replace(section, code=program.results, layout="", entries=results))
        if questions:
            title, text = (SECTION_TITLES["questions"], ()) if results else (section.title, section.text)
            _join(made, CheckupSection(program.questions, title, text, "", questions))
    return tuple(made.values())


def join_sections(checkup: Checkup) -> tuple[CheckupSection, ...]:
    """XMLのセクション — results and questions of FHIR under the one code that XML has; others stay."""
    made: dict[str, CheckupSection] = {}
    for section in checkup.sections:
        code = _PARTS.get(section.code)
        if section.code in ("01910", "01920"):
            code = PROGRAMS[checkup.program].xml_section if checkup.program in PROGRAMS else ADDITIONAL
        if code is None:
            _join(made, section)
        else:
            _join(made, replace(section, code=code))
    return tuple(made.values())


def _join(made: dict[str, CheckupSection], section: CheckupSection) -> None:
    before = made.get(section.code)
    if before is None:
        made[section.code] = section
        return
    made[section.code] = replace(
        before, text=before.text + section.text, layout="", entries=before.entries + section.entries
    )


def _is_question(entry: CheckupItem | CheckupGroup) -> bool:
    items: Iterable[CheckupItem] = (
        (member.item for member in entry.members) if isinstance(entry, CheckupGroup) else (entry,)
    )
    known = [item_facts().get(each.code) for each in items]
    return any(each is not None and each.is_question for each in known)
