# SPDX-License-Identifier: Apache-2.0
"""標準コードの候補 — the lists a clinic chooses from when a name of its own has no standard code."""

from tasuki.sharing.codes.allergens import Allergen, find_allergens
from tasuki.sharing.codes.lab_codes import LabCode, find_lab_codes, lab_code

__all__ = ["Allergen", "LabCode", "find_allergens", "find_lab_codes", "lab_code"]
