# SPDX-License-Identifier: Apache-2.0
"""併用禁忌の知識 — the one place where this service asks what must not be given together."""

from __future__ import annotations

from tasuki.prescriptions.service.overlap import Contraindications, none_known

contraindicated: Contraindications = none_known
