# SPDX-License-Identifier: Apache-2.0
"""型の要素の順 — what stands in a type of FHIR R4, in order, as the table of constraints has it.

Cite: HL7 FHIR R4 2.6.1 XML Representation of Resources
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tasuki.sharing.builtin import builtin_tables
from tasuki.sharing.checks.elements import Element, read_elements
from tasuki.sharing.fhirpath.values import capital

if TYPE_CHECKING:
    from collections.abc import Mapping

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
NUMBERS = frozenset(("integer", "decimal", "positiveInt", "unsignedInt", "integer64"))


class XmlMember(NamedTuple):
    """型の要素 — its name in JSON and XML, its type, whether it repeats, and where its own elements are told."""

    name: str
    code: str
    is_list: bool
    inside: str

    @property
    def is_primitive(self) -> bool:
        """Whether it is a value with at most an id and extensions."""
        return self.code[:1].islower() and self.code != "xhtml"


@cache
def _elements(kind: str) -> Mapping[str, Element] | None:
    for profile in builtin_tables()[0].profiles:
        if profile.is_type and profile.type == kind:
            return MappingProxyType(read_elements(profile.rows))
    return None


def is_resource(kind: str) -> bool:
    """リソースの型か — whether a resource of FHIR R4 has this name, one that can stand by itself."""
    return kind in _resources()


@cache
def _resources() -> frozenset[str]:
    return frozenset(
        each.type for each in builtin_tables()[0].profiles if each.kind == "resource" and not each.is_abstract
    )


@cache
def members_of(path: str) -> Mapping[str, XmlMember]:
    """型の要素 — of a type (``Quantity``) or of a part of one (``Patient.contact``), by name, in order."""
    found = _elements(path.partition(".")[0])
    if found is None or path not in found:
        return MappingProxyType({})
    made: dict[str, XmlMember] = {}
    for child in found[path].children:
        if child.is_choice:
            for code in child.codes:
                name = child.name[:-3] + capital(code)
                made[name] = XmlMember(name, code, child.row.is_list, code)
        else:
            code = child.codes[0] if child.codes else ""
            inside = child.row.content_of or (child.row.id if child.children else code)
            made[child.name] = XmlMember(child.name, code or "BackboneElement", child.row.is_list, inside)
    return MappingProxyType(made)


def is_attribute(path: str, name: str) -> bool:
    """属性か — id of what is no resource, and the url of an extension, are attributes in XML."""
    return (name == "id" and not is_resource(path)) or (path == "Extension" and name == "url")
