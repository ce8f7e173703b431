# SPDX-License-Identifier: Apache-2.0
"""実装ガイド — from a FHIR package to our compact table of constraints."""

from tasuki.sharing.ig.compiling import Compiled, compile_ig
from tasuki.sharing.ig.packages import PackageFile, read_archive
from tasuki.sharing.ig.table import Invariant, Profile, Table, ValueSet, read_table, write_table

__all__ = [
    "Compiled",
    "Invariant",
    "PackageFile",
    "Profile",
    "Table",
    "ValueSet",
    "compile_ig",
    "read_archive",
    "read_table",
    "write_table",
]
