# SPDX-License-Identifier: Apache-2.0
"""FHIRPath — expressions compiled once to functions over plain JSON."""

from tasuki.sharing.fhirpath.compiling import Compiled, compile_expression
from tasuki.sharing.fhirpath.values import Environment, NotEvaluable

__all__ = ["Compiled", "Environment", "NotEvaluable", "compile_expression"]
