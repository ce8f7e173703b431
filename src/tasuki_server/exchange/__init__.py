# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換（FHIR） — resources of connected institutions: kept, found, and every look at them recorded."""
