# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有（医療機関側） — codes, flags and results of the chart, checked here and sent after each signature."""

from __future__ import annotations
