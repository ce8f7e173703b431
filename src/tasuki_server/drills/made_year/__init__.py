# SPDX-License-Identifier: Apache-2.0
"""作り物の一年 — what three clinics do in a year, and twenty misdeeds a rule among it; written from clinics, not from rules."""

from __future__ import annotations
