# SPDX-License-Identifier: Apache-2.0
"""FHIR検索 — the search parameters, what a resource puts into the index, searches read from their address."""

from tasuki.sharing.search.extracting import extract
from tasuki.sharing.search.parameters import compartment_codes, is_resource_type, parameters_of
from tasuki.sharing.search.parsing import parse
from tasuki.sharing.search.query import BadSearch, Query
from tasuki.sharing.search.rows import IndexRows
from tasuki.sharing.search.showing import shown

__all__ = [
    "BadSearch",
    "IndexRows",
    "Query",
    "compartment_codes",
    "extract",
    "is_resource_type",
    "parameters_of",
    "parse",
    "shown",
]
