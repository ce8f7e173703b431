# SPDX-License-Identifier: Apache-2.0
"""閲覧の同意 — what a person lets an institution read of what other institutions wrote, and until when."""

from tasuki.sharing.permission.deciding import Basis, Decision, Viewer, decide
from tasuki.sharing.permission.events import Act, PermissionEvent
from tasuki.sharing.permission.insured import insured_key, is_of_one_person
from tasuki.sharing.permission.kinds import DOCUMENTS, INFORMATIONS, RecordKind

__all__ = [
    "DOCUMENTS",
    "INFORMATIONS",
    "Act",
    "Basis",
    "Decision",
    "PermissionEvent",
    "RecordKind",
    "Viewer",
    "decide",
    "insured_key",
    "is_of_one_person",
]
