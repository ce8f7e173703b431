# SPDX-License-Identifier: Apache-2.0
"""FHIRのXML — resources between JSON and XML, by the elements of FHIR R4's own types."""

from tasuki.sharing.fhir_xml.reading import read_fhir_xml
from tasuki.sharing.fhir_xml.writing import write_fhir_xml

__all__ = ["read_fhir_xml", "write_fhir_xml"]
