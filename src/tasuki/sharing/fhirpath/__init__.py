# SPDX-License-Identifier: Apache-2.0
"""FHIRPath — expressions compiled once to functions over plain JSON."""

from tasuki.sharing.fhirpath.compiling import compile_expression
from tasuki.sharing.fhirpath.values import Environment, NotEvaluable

__all__ = ["Environment", "NotEvaluable", "compile_expression"]
