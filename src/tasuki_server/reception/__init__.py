# SPDX-License-Identifier: Apache-2.0
"""受付 — who is here today, where they are in the day, and what comes next."""

from __future__ import annotations
