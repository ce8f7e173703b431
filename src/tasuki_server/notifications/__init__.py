# SPDX-License-Identifier: Apache-2.0
"""感染症発生届（医療機関側） — the hint in the chart, the notice from draft to signature, and what is still open."""

from __future__ import annotations
