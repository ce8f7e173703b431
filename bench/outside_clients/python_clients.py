# SPDX-License-Identifier: Apache-2.0
"""Pythonの利用者 — fhirclient (which reads every answer into its models of R4, strictly) and fhirpy, in an environment of their own.

Run by ``bench/outside.py``; asks ``FHIR_BASE`` with ``FHIR_TOKEN`` and prints one JSON line a step. Knows nothing of the rest of this repository.
"""

from __future__ import annotations

from fhirclient_steps import by_fhirclient
from fhirpy_steps import by_fhirpy

if __name__ == "__main__":
    by_fhirclient()
    by_fhirpy()
