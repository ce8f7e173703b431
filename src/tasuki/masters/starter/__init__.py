# SPDX-License-Identifier: Apache-2.0
"""スターターセット — common outpatient care of R6 and R8 in our own layout."""

from tasuki.masters.starter.loading import load_starter, starter_tables

__all__ = ["load_starter", "starter_tables"]
