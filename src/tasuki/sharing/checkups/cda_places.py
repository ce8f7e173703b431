# SPDX-License-Identifier: Apache-2.0
"""特定健診XMLの突合 — two trees, element by element: what stands in the first and not in the second.

What the schema supplies by itself (defaults, fixed values) and names that only explain a code are no content.

Cite: hc08_V08.xsd (default, fixed)
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lxml import etree

from tasuki.sharing.checkups.cda_xml import HL7, XSI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.sharing.safe_xml import Element

# Element (or *) and attribute → the value that says no more than its absence.
_DEFAULTS = {
    ("*", "classCode"): None,
    ("*", "moodCode"): None,
    ("*", "determinerCode"): "INSTANCE",
    ("*", "contextControlCode"): "OP",
    ("*", "contextConductionInd"): "true",
    ("observation", "negationInd"): "false",
    ("entry", "typeCode"): "COMP",
    ("component", "typeCode"): "COMP",
    ("confidentialityCode", "codeSystem"): "2.16.840.1.113883.5.25",
    ("interpretationCode", "codeSystem"): "2.16.840.1.113883.5.83",
    ("methodCode", "codeSystem"): "1.2.392.200119.6.1007",
    ("code", "codeSystem"): "1.2.392.200119.6.1005",
}
_TYPE_CODES = {
    "recordTarget": "RCT", "author": "AUT", "custodian": "CST", "documentationOf": "DOC", "referenceRange": "REFV",
    "performer": "PRF", "specimen": "SPC", "dataEnterer": "ENT",
}  # fmt: skip
# Where a name explains a code the file's users know by itself.
_EXPLAINED = frozenset(("ClinicalDocument/code", "serviceEvent/code", "section/code", "patient/administrativeGenderCode",
                        "participant/functionCode", "observation/interpretationCode"))  # fmt: skip


def lost_places(first: Element, second: Element) -> list[tuple[str, str, int]]:
    """失われる箇所 — path, content and line, in the order of the first."""
    kept = Counter((path, value) for path, value, _ in _places(second))
    lost = []
    for path, value, line in _places(first):
        if kept[(path, value)] > 0:
            kept[(path, value)] -= 1
        else:
            lost.append((path, value, line))
    return lost


def _places(element: Element, path: str = "", parent: str = "") -> Iterator[tuple[str, str, int]]:
    qualified = etree.QName(element)
    name = qualified.localname if qualified.namespace == HL7 else element.tag
    here = f"{path}/{name}" if path else name
    line = element.sourceline or 0
    for key, value in element.attrib.items():
        if key == f"{{{XSI}}}schemaLocation" or _says_nothing(name, parent, key, value):
            continue
        shown = etree.QName(key).localname
        given = value.strip().rpartition(":")[2] if key == f"{{{XSI}}}type" else value.strip()
        yield f"{here}/@{shown}", given, line
    words = "".join([element.text or "", *(each.tail or "" for each in element)]).strip()
    if words or (not len(element) and not element.attrib and name not in ("text", "time", "title", "name")):
        yield here, words, line
    names = Counter(each.tag for each in element)
    at: Counter[str] = Counter()
    for each in element:
        at[each.tag] += 1
        child = list(_places(each, "", name))
        number = f"[{at[each.tag]}]" if names[each.tag] > 1 else ""
        own = etree.QName(each).localname if etree.QName(each).namespace == HL7 else each.tag
        for tail, value, place in child:
            yield f"{here}/{own}{number}{tail[len(own) :]}", value, place


def _says_nothing(name: str, parent: str, key: str, value: str) -> bool:
    if key == "typeCode" and _TYPE_CODES.get(name) == value:
        return True
    if key in ("displayName", "codeSystemName") and f"{parent}/{name}" in _EXPLAINED:
        return True
    if key in ("displayName", "codeSystemName") and name == "value" and value in ("以上", "以下"):
        return True
    for place in (name, "*"):
        if (place, key) in _DEFAULTS:
            default = _DEFAULTS[(place, key)]
            return default is None or default == value
    return False
