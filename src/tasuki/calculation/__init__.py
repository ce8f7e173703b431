# SPDX-License-Identifier: Apache-2.0
"""共通算定モジュール — passes and rules that turn a visit into points, each with its reason."""

from __future__ import annotations

from tasuki.calculation.calculate import calculate
from tasuki.calculation.statement import Line, LineKind, Statement, Unit

__all__ = ["Line", "LineKind", "Statement", "Unit", "calculate"]
